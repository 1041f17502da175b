import { connect } from '../../connectors/postgres-cluster/connection.ts';
import { formatLsn } from '../../connectors/postgres-cluster/lsn.ts';
import type { ClusterOptions } from '../../connectors/postgres-cluster/options.ts';
import { identifySystem, show } from '../../connectors/postgres-cluster/server-facts.ts';
import { currentPosition, slotState, type SlotState } from '../../connectors/postgres-cluster/slot.ts';
import { asHoldfastError, HoldfastError, isItemError } from '../../kernel/errors.ts';
import type { Clock } from '../../kernel/runtime.ts';
import type { Repository } from '../../repository/contract.ts';
import type { ClusterWal, WalRun } from '../../repository/wal/contract.ts';
import { basesOf, lastSystemId } from './bases.ts';
import { spansOf, type Span } from '../../repository/wal/spans.ts';

export interface WalStatus {
  readonly schema: 1;
  readonly source: string;
  readonly systemId: string;
  /** Absent where the server cannot be reached. */
  readonly server?: { readonly timeline: number; readonly position: string };
  readonly slot?: {
    readonly name: string;
    readonly active: boolean;
    readonly walStatus: string;
    readonly retainedBytes: number;
  };
  /** The end of what is stored; absent where nothing is. */
  readonly stored?: { readonly timeline: number; readonly position: string; readonly sentAt: string };
  readonly storedObjects: number;
  readonly storedBytes: number;
  /** What of the server's WAL is not stored: bytes where the server answers, and how old it may be. */
  readonly lag: { readonly bytes?: number; readonly ms?: number };
  readonly gaps: readonly { readonly timeline: number; readonly from: string; readonly to: string }[];
  readonly bases: number;
  /** From where on any point can be restored. */
  readonly oldestBase?: { readonly snapshot: string; readonly position: string; readonly at: string };
  /** What is wrong, in words. */
  readonly problems: readonly string[];
}

interface FromServer {
  readonly systemId: string;
  readonly timeline: number;
  readonly position: bigint;
  readonly slot: SlotState | undefined;
  readonly keepsAll: boolean;
}

/** Looks at the server, its slot, the store and the snapshots. A server that cannot be reached is a problem of the report. */
export async function walStatus(
  repository: Repository,
  estate: string,
  source: ClusterOptions,
  clock: Clock,
): Promise<WalStatus> {
  const problems: string[] = [];
  const server = await askServer(source).catch((error: unknown) => {
    if (!isItemError(error)) throw error;
    problems.push(asHoldfastError(error).message);
    return undefined;
  });
  const systemId = server?.systemId ?? (await lastSystemId(repository, estate, source.name));
  if (systemId === undefined)
    throw new HoldfastError(
      'wal.not-found',
      `nothing is known of ${source.name}: its server does not answer, and no snapshot holds it`,
    );
  const wal = repository.wal(systemId);
  let stored = await readStored(wal);
  const isBehind = (): boolean => server === undefined || !reaches(stored.last, server);
  if (server && isBehind()) {
    // What came this moment is on its way: that is no lag.
    await clock.sleep(graceMs);
    stored = await readStored(wal);
  }
  const { last, gaps } = stored;
  const sentAt = last ? (await wal.read(last)).sentAt : 0;
  let bases = 0;
  let oldest: WalStatus['oldestBase'];
  for await (const base of basesOf(repository, systemId)) {
    bases++;
    oldest ??= { snapshot: base.snapshot, position: base.stopLsn, at: iso(base.finishedAt) };
  }
  if (server) problems.push(...problemsOf(server, source.slot));
  if (bases === 0) problems.push('there is no base backup: run holdfast snapshot');
  if (!last) problems.push('no WAL is stored: run holdfast wal receive');
  for (const { from, to } of gaps) problems.push(`WAL is missing from ${from} to ${to}`);
  const bytes = server && last?.timeline === server.timeline ? Number(server.position - last.end) : undefined;
  return {
    schema: 1,
    source: source.name,
    systemId,
    ...(server ? { server: { timeline: server.timeline, position: formatLsn(server.position) } } : {}),
    ...(server?.slot ? { slot: slotOf(source.slot, server.slot) } : {}),
    ...(last ? { stored: { timeline: last.timeline, position: formatLsn(last.end), sentAt: iso(sentAt) } } : {}),
    storedObjects: stored.objects,
    storedBytes: stored.bytes,
    lag: {
      ...(bytes === undefined ? {} : { bytes: Math.max(0, bytes) }),
      ...(isBehind() ? (sentAt > 0 ? { ms: Math.max(0, clock.now() - sentAt) } : {}) : { ms: 0 }),
    },
    gaps,
    bases,
    ...(oldest ? { oldestBase: oldest } : {}),
    problems,
  };
}

const graceMs = 2_000;

interface Stored {
  /** The end of the newest timeline. */
  readonly last: WalRun | undefined;
  readonly gaps: WalStatus['gaps'];
  readonly objects: number;
  readonly bytes: number;
}

async function readStored(wal: ClusterWal): Promise<Stored> {
  const gaps: WalStatus['gaps'][number][] = [];
  let last: WalRun | undefined;
  let objects = 0;
  let bytes = 0;
  for (const timeline of await wal.timelines()) {
    let newest: WalRun | undefined;
    const counted = async function* (): AsyncGenerator<Span> {
      for await (const run of wal.runs(timeline)) {
        objects++;
        bytes += run.storedBytes;
        if (!newest || run.end >= newest.end) newest = run;
        yield run;
      }
    };
    const spans = await spansOf(counted());
    for (const [i, { start }] of spans.entries()) {
      const before = spans[i - 1];
      if (before) gaps.push({ timeline, from: formatLsn(before.end), to: formatLsn(start) });
    }
    last = newest ?? last;
  }
  return { last, gaps, objects, bytes };
}

function reaches(last: WalRun | undefined, { timeline, position }: FromServer): boolean {
  return last !== undefined && last.timeline === timeline && last.end >= position;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

function slotOf(name: string, { active, walStatus: status, retained }: SlotState): NonNullable<WalStatus['slot']> {
  return { name, active, walStatus: status, retainedBytes: retained };
}

function problemsOf({ slot, keepsAll }: FromServer, name: string): string[] {
  if (!slot) return [`there is no slot ${name}: run holdfast wal receive`];
  const problems: string[] = [];
  if (slot.walStatus === 'lost')
    problems.push(`the slot ${name} has lost WAL: run holdfast wal receive --new-slot, then holdfast snapshot`);
  else if (slot.walStatus === 'unreserved')
    problems.push(
      `the slot ${name} loses WAL at the next checkpoint: see that the receiver runs and the store is fast enough`,
    );
  if (!slot.active) problems.push(`nobody receives from the slot ${name}: run holdfast wal receive`);
  if (keepsAll)
    problems.push(`max_slot_wal_keep_size is -1: a receiver that is away long enough fills the server's disk`);
  return problems;
}

async function askServer(source: ClusterOptions): Promise<FromServer> {
  const resource = `postgres-cluster/${source.name}`;
  const control = await connect(source, 'sql');
  try {
    const server = await connect(source, 'replication');
    try {
      const { systemId, timeline } = await identifySystem(server, resource);
      const slot = await slotState(control, source.slot, resource);
      const keepsAll = (await show(control, 'max_slot_wal_keep_size')) === '-1';
      return { systemId, timeline, position: slot?.current ?? (await currentPosition(control)), slot, keepsAll };
    } finally {
      await server.close();
    }
  } finally {
    await control.close();
  }
}
