import { isCode } from '../../kernel/errors.ts';
import { unreadable } from '../copy/unreadable.ts';
import { namesOf, type LostWal } from '../check/wal-holes.ts';
import type { RepositoryState } from '../state.ts';
import { parseWalKey, timelinePrefix, type WalKey } from '../wal/names.ts';
import { openAnyWal } from '../wal/object.ts';
import type { LostWalRange } from './contract.ts';

interface Run extends WalKey {
  readonly key: string;
  readonly start: bigint;
  readonly end: bigint;
}

/** Says of lost WAL which moments it costs: what was sent right before, and right after. Reads two objects for each. */
export async function describeLostWal(state: RepositoryState, lost: readonly LostWal[]): Promise<LostWalRange[]> {
  const ranges: LostWalRange[] = [];
  for (const hole of lost) {
    let last: Run | undefined;
    let next: Run | undefined;
    for await (const run of runsOf(state, hole)) {
      if (run.end === hole.start) last = run;
      if (run.start >= hole.end) next ??= run;
    }
    const [after, before] = [await sentAt(state, last), await sentAt(state, next)];
    ranges.push({ ...namesOf(hole), ...(after > 0 ? { after } : {}), ...(before > 0 ? { before } : {}) });
  }
  return ranges;
}

async function* runsOf({ store }: RepositoryState, { cluster, timeline }: LostWal): AsyncGenerator<Run> {
  for await (const { key } of store.list(timelinePrefix(cluster, timeline))) {
    const found = parseWalKey(key);
    if (found && found.run !== 'history') yield { ...found, key, start: found.run.start, end: found.run.end };
  }
}

/** 0 where nothing tells. */
async function sentAt({ store, keyring }: RepositoryState, run: Run | undefined): Promise<number> {
  if (!run) return 0;
  try {
    return openAnyWal(keyring, run, await store.get(run.key), run.key).sentAt;
  } catch (error) {
    if (isCode(error, ...unreadable)) return 0;
    throw error;
  }
}
