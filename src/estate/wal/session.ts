import { connect, type ServerConnection } from '../../connectors/postgres-cluster/connection.ts';
import { formatLsn } from '../../connectors/postgres-cluster/lsn.ts';
import type { ClusterOptions } from '../../connectors/postgres-cluster/options.ts';
import { identifySystem, segmentSize, show } from '../../connectors/postgres-cluster/server-facts.ts';
import { createSlot, dropSlot, slotState } from '../../connectors/postgres-cluster/slot.ts';
import { startWalStream, timelineHistory, type WalStream } from '../../connectors/postgres-cluster/wal-stream.ts';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import type { EventSink } from '../../kernel/events.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import type { Repository } from '../../repository/contract.ts';
import type { ClusterWal } from '../../repository/wal/contract.ts';
import { receive } from './receiver.ts';
import { resumePoint, storedBytes, type ResumePoint } from './resume.ts';
import { segmentStart } from '../../repository/wal/segments.ts';
import { checkSlot, watchSlot } from './watch-slot.ts';

export interface ReceiveRequest {
  readonly source: ClusterOptions;
  /** Milliseconds: WAL is stored at the latest so long after it came, if the store answers in half of that; 0: at once. */
  readonly flushMs: number;
  /** Bytes that the server may keep for the slot before it is dropped; undefined: any number. */
  readonly maxRetained: number | undefined;
  /** Drops the slot and makes it again: after it has lost WAL. */
  readonly newSlot: boolean;
}

export interface SessionSettings {
  readonly repository: Repository;
  readonly request: ReceiveRequest;
  readonly runtime: Runtime;
  readonly events: EventSink;
  readonly signal: AbortSignal;
  /** Begin where the slot does, although WAL before it is missing: the server has removed it. */
  readonly skipGap: boolean;
  /** Told once WAL comes. */
  readonly onStart: () => void;
}

const watchEveryMs = 5_000;
// A server that hears nothing for wal_sender_timeout (60 s) ends the stream.
const heartbeatMs = 10_000;

/** One connection's work: returns when asked to stop. Throws wal.slot-lost, wal.diverged and item errors. */
export async function receiveOnce(settings: SessionSettings): Promise<void> {
  const { request, runtime, signal } = settings;
  const { source } = request;
  const resource = `postgres-cluster/${source.name}`;
  const control = await connect(source, 'sql');
  const server = await connect(source, 'replication').catch(async (error: unknown) => {
    await control.close();
    throw error;
  });
  const ending = new AbortController();
  const stop = (): void => ending.abort(signal.reason);
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  let failure: { readonly error: unknown } | undefined;
  let watching: Promise<void> | undefined;
  try {
    await readySlot(control, server, settings, resource);
    const { slot } = source;
    const { maxRetained } = request;
    const watch = { slot, resource, maxRetained, clock: runtime.clock, signal: ending.signal, everyMs: watchEveryMs };
    watching = watchSlot(control, watch).catch((error: unknown) => {
      failure = { error };
      ending.abort(error);
    });
    while (!ending.signal.aborted) await followTimeline(control, server, settings, ending.signal, resource);
  } catch (error) {
    failure ??= { error };
  } finally {
    signal.removeEventListener('abort', stop);
    ending.abort();
    await watching;
    await Promise.all([server.close(), control.close()]);
  }
  if (failure && !signal.aborted) throw failure.error;
}

async function readySlot(
  control: ServerConnection,
  server: ServerConnection,
  { request, events }: SessionSettings,
  resource: string,
): Promise<void> {
  const { slot } = request.source;
  let state = await slotState(control, slot, resource);
  if (state?.active)
    throw new HoldfastError('item.conflict', `the slot ${slot} is in use: another receiver is at work`, {
      resource,
      hint: 'End the other one, or give this source a slot of its own.',
    });
  if (state && request.newSlot) {
    await dropSlot(control, slot);
    state = undefined;
  }
  if (state) checkSlot(state, slot, resource);
  else await createSlot(server, slot);
  if (request.maxRetained === undefined && (await show(control, 'max_slot_wal_keep_size')) === '-1') {
    const message = `max_slot_wal_keep_size is -1 and --max-retained is not given: while nothing receives, the slot ${slot} keeps WAL until the server's disk is full`;
    events({ type: 'notice', level: 'warning', message });
  }
}

/** Streams one timeline until its end, or until asked to stop. */
async function followTimeline(
  control: ServerConnection,
  server: ServerConnection,
  settings: SessionSettings,
  signal: AbortSignal,
  resource: string,
): Promise<void> {
  const { repository, request, runtime, events, onStart } = settings;
  const { clock } = runtime;
  const identity = await identifySystem(server, resource);
  const size = await segmentSize(server, resource);
  const wal = repository.wal(identity.systemId);
  const history = async (timeline: number): Promise<string> => await keepHistory(wal, server, timeline);
  if (identity.timeline > 1) await history(identity.timeline);
  const stored = settings.skipGap ? undefined : await resumePoint(wal, identity, size, history);
  const from = stored ?? (await slotStart(control, request.source.slot, identity.timeline, size, resource));
  const known = repository.writeOnly ? undefined : await storedBytes(wal, from);
  const { slot } = request.source;
  const stream = startWalStream(server, { slot, timeline: from.timeline, start: from.start }, resource);
  let durable = from.stored;
  const beating = new AbortController();
  const heart = beat(stream, () => durable, clock, beating.signal);
  events({
    type: 'notice',
    level: 'info',
    message: `receiving WAL of timeline ${from.timeline} from ${formatLsn(from.stored)} on`,
  });
  try {
    await receive(stream, from, {
      wal,
      segmentSize: size,
      runtime,
      events,
      flushMs: request.flushMs,
      signal,
      known,
      onDurable(lsn) {
        durable = lsn;
        onStart();
      },
    });
  } finally {
    beating.abort();
    await heart;
  }
}

async function slotStart(
  control: ServerConnection,
  slot: string,
  timeline: number,
  size: number,
  resource: string,
): Promise<ResumePoint> {
  const state = await slotState(control, slot, resource);
  const start = segmentStart(state?.restart ?? state?.current ?? 0n, size);
  return { timeline, start, stored: start };
}

async function keepHistory(wal: ClusterWal, server: ServerConnection, timeline: number): Promise<string> {
  const text = await timelineHistory(server, timeline);
  try {
    await wal.putHistory(timeline, text);
  } catch (error) {
    // A writer's key cannot compare; what is there was stored by an earlier receiver.
    if (!isCode(error, 'storage.exists')) throw error;
  }
  return text;
}

/** While the store does not answer, the server must still hear that somebody is there. */
async function beat(
  stream: WalStream,
  durable: () => bigint,
  clock: Runtime['clock'],
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      await clock.sleep(heartbeatMs, signal);
    } catch {
      return;
    }
    stream.confirm(durable(), clock.now());
  }
}
