import { createBitSet } from '../../kernel/bit-set.ts';
import { hex } from '../../kernel/bytes.ts';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import type { KnownPack } from '../index/locations.ts';
import type { RepositoryState } from '../state.ts';
import { visitCollection, visitSnapshot, type ReachVisitor } from '../tree/reachable.ts';
import { refusal, type Root } from './roots.ts';

/** Which stored chunks are needed: a bit for each chunk and a count for each group, whatever their number. */
export interface Usage {
  /** Marks all that the roots need; pages seen before are not read again. Throws repository.corrupt for what is missing. */
  add(roots: readonly Root[], signal?: AbortSignal): Promise<void>;
  /** Chunks of the group that are needed. */
  inGroup(group: number): number;
  /** Whether this chunk, at this place, is needed. */
  has(chunk: number): boolean;
  isUsed(pack: KnownPack): boolean;
  /** Bytes of the pack but for those of unneeded chunks, by their share of each group. */
  usedBytes(pack: KnownPack): number;
}

export function createUsage(state: RepositoryState): Usage {
  const { index } = state;
  const needed = createBitSet();
  let groups = new Uint32Array(1024);

  function visitor(of: string): ReachVisitor {
    function take(id: Uint8Array): boolean {
      const location = index.locate(id);
      if (!location) throw missing(of, `chunk ${hex(id).slice(0, 16)}, which no index names`);
      const { group, number } = location;
      if (!needed.add(number)) return false;
      if (group >= groups.length) {
        const grown = new Uint32Array(Math.max(group + 1, groups.length * 2));
        grown.set(groups);
        groups = grown;
      }
      groups[group] = (groups[group] as number) + 1;
      return true;
    }
    return { metadata: take, data: take };
  }
  const load = (id: Uint8Array): Promise<Uint8Array> => state.chunks.chunk('metadata', id);
  function inGroup(group: number): number {
    return groups[group] ?? 0;
  }
  function* groupsOf({ firstGroup, groupCount }: KnownPack): Generator<number> {
    for (let group = firstGroup; group < firstGroup + groupCount; group++) yield group;
  }
  return {
    async add(roots, signal) {
      for (const [done, { of, type, tree }] of roots.entries()) {
        const visit = type === 'snapshot' ? visitSnapshot : visitCollection;
        try {
          await visit(load, tree, visitor(of), signal);
        } catch (error) {
          if (isCode(error, 'repository.corrupt', 'storage.not-found', 'storage.truncated'))
            throw error.resource === of ? error : missing(of, `what cannot be read: ${error.message}`);
          throw refusal(of, error);
        }
        state.events({ type: 'repository.progress', what: 'trees read', done: done + 1, total: roots.length });
      }
    },
    inGroup,
    has: (chunk) => needed.has(chunk),
    isUsed(pack) {
      for (const group of groupsOf(pack)) if (inGroup(group) > 0) return true;
      return false;
    },
    usedBytes(pack) {
      let unused = 0;
      for (const group of groupsOf(pack)) {
        const { length, chunkCount } = index.group(group);
        unused += length * (1 - inGroup(group) / chunkCount);
      }
      return Math.round(pack.size - unused);
    },
  };
}

/** What a snapshot or checkpoint needs is not there: what else is wrong must be known before anything is deleted. */
export function missing(of: string, what: string): HoldfastError {
  return new HoldfastError('repository.corrupt', `${of} needs ${what}; nothing was deleted`, {
    resource: of,
    hint: 'Run holdfast check to see what is damaged, and holdfast repair; then prune again.',
  });
}
