import { isCode } from '../../kernel/errors.ts';
import type { RepositoryState } from '../state.ts';
import type { WalName } from '../wal/contract.ts';
import { parseWalKey, runKey, timelinePrefix, type WalKey } from '../wal/names.ts';
import { openAnyWal } from '../wal/object.ts';
import { segmentFile } from '../wal/segments.ts';
import { covers, holesIn, spansOf, type Span } from '../wal/spans.ts';
import { isDamage } from './chunks.ts';
import type { WalChecked } from './contract.ts';
import type { Findings } from './findings.ts';

/** WAL of one timeline that lies between what is stored, and is missing or cannot be read. */
export interface LostWal extends Span {
  readonly cluster: string;
  readonly timeline: number;
  /** Bytes. */
  readonly segmentSize: number;
}

export interface ListedWal extends WalKey {
  readonly key: string;
  readonly size: number;
}

export interface LookedAtWal {
  readonly object: ListedWal;
  /** `gone`: pruned meanwhile. */
  readonly outcome: 'whole' | 'damaged' | 'gone';
  readonly segmentSize?: number;
}

/** Of a cluster of which nothing could be read: what servers have that were not told otherwise. */
const usualSegment = 16 * 1024 * 1024;

/** What of a timeline is lost; what is missing between what is listed is damage of its own. */
export async function holesOf(
  view: RepositoryState,
  looked: readonly LookedAtWal[],
  findings: Findings,
): Promise<LostWal[]> {
  const [first] = looked;
  if (!first) return [];
  const { cluster, timeline } = first.object;
  const segmentSize = await segmentSizeOf(view, looked);
  const named = await spansOf(runsIn(looked, ['whole', 'damaged']));
  const whole = await spansOf(runsIn(looked, ['whole']));
  // A prune beside this may have put a whole block in the place of parts that were not listed yet.
  const nowListed = holesIn(named, named).length === 0 ? named : await listedNow(view, first.object);
  for (const hole of holesIn(named, named)) {
    if (covers(nowListed, hole)) continue;
    const { from, to } = namesOf({ ...hole, cluster, timeline, segmentSize });
    const problem = `WAL is missing between what is stored, in ${from} to ${to}`;
    findings.damage(runKey(cluster, { timeline, ...hole }), problem);
  }
  return holesIn(whole, named)
    .filter((hole) => !covers(nowListed, hole) || covers(named, hole))
    .map((hole) => ({ ...hole, cluster, timeline, segmentSize }));
}

function runsIn(looked: readonly LookedAtWal[], outcomes: readonly LookedAtWal['outcome'][]): WalName[] {
  return looked.flatMap(({ object: { run }, outcome }) =>
    run !== 'history' && outcomes.includes(outcome) ? [run] : [],
  );
}

async function listedNow({ store }: RepositoryState, { cluster, timeline }: WalKey): Promise<Span[]> {
  async function* runs(): AsyncGenerator<Span> {
    for await (const { key } of store.list(timelinePrefix(cluster, timeline))) {
      const found = parseWalKey(key);
      if (found && found.run !== 'history') yield found.run;
    }
  }
  return await spansOf(runs());
}

/** As the first object says that can be read; nothing is read for a timeline without anything wrong. */
async function segmentSizeOf({ store, keyring }: RepositoryState, looked: readonly LookedAtWal[]): Promise<number> {
  for (const { segmentSize = 0, object } of looked) if (object.run !== 'history' && segmentSize > 0) return segmentSize;
  const named = await spansOf(runsIn(looked, ['whole', 'damaged']));
  const isWhole = named.length < 2 && looked.every(({ outcome }) => outcome === 'whole');
  for (const { object, outcome } of isWhole ? [] : looked) {
    if (object.run === 'history' || outcome !== 'whole') continue;
    try {
      return openAnyWal(keyring, object, await store.get(object.key), object.key).segmentSize;
    } catch (error) {
      if (!isDamage(error) && !isCode(error, 'repository.newer-format')) throw error;
    }
  }
  return usualSegment;
}

/** Names of the first and the last segment that are not all there. */
export function namesOf({ timeline, start, end, segmentSize }: LostWal): WalChecked['lost'][number] {
  const name = (lsn: bigint): string => segmentFile(timeline, lsn, segmentSize);
  return { timeline, from: name(start), to: name(end - 1n) };
}
