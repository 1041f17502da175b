import { forEachConcurrent } from '../../kernel/concurrency.ts';
import { createBitSet } from '../../kernel/bit-set.ts';
import { hex } from '../../kernel/bytes.ts';
import type { KnownPack } from '../index/locations.ts';
import type { RepositoryState } from '../state.ts';
import { chunkRefs, type ContentRef } from '../tree/content.ts';
import type { TreeRef } from '../tree/page.ts';
import { visitSnapshot, type ReachVisitor } from '../tree/reachable.ts';
import { isLoss } from './earlier.ts';

/**
 * Whether all of an earlier entry's content lies in packs that stay, so that it may be taken over unread. Looks into
 * tables only, but for the lists of contents of more than 1,024 chunks, which are read.
 */
export function isContentWhole(state: RepositoryState, content: ContentRef): boolean | Promise<boolean> {
  const { chunks, depth } = content;
  if (chunks.length === 0) return true;
  if (!chunkRefs(chunks).every(({ id }) => state.index.isLive(id))) return false;
  return depth === 0 || areListsWhole(state, chunks, depth);
}

async function areListsWhole(state: RepositoryState, lists: Uint8Array, depth: number): Promise<boolean> {
  try {
    for (const { id } of chunkRefs(lists)) {
      const chunks = await state.chunks.chunk('metadata', id);
      if (!(await isContentWhole(state, { size: 0, chunks, depth: depth - 1 }))) return false;
    }
    return true;
  } catch (error) {
    // Captured anew it heals.
    if (isLoss(error)) return false;
    throw error;
  }
}

/**
 * What a snapshot needs and has not for sure: chunks no index names, or only in packs that a pruner deletes or may
 * delete, and packs that are not in the store. Undefined when it is whole. Reads the whole tree; marks and index must be
 * fresh.
 */
export async function findLoss(state: RepositoryState, root: TreeRef | undefined): Promise<string | undefined> {
  const { index, store } = state;
  if (state.keyring.writer) return findMarkedPack(state);
  const visited = createBitSet();
  const packs = new Set<KnownPack>();
  let loss: string | undefined;
  function take(id: Uint8Array): boolean {
    const location = index.locate(id);
    if (location?.pack.standing !== 'live') {
      loss ??= location ? `${location.pack.key} is to be deleted` : `no index names chunk ${hex(id).slice(0, 16)}`;
      return false;
    }
    packs.add(location.pack);
    return visited.add(location.number);
  }
  const visitor: ReachVisitor = { metadata: take, data: take };
  await visitSnapshot((id) => state.chunks.chunk('metadata', id), root, visitor);
  await forEachConcurrent(packs, 8, async ({ key, size }) => {
    if (!loss && (await store.stat(key))?.size !== size) loss = `${key} is not in the store`;
  });
  return loss;
}

/** A writer that cannot read its own trees takes any of its packs that is to be deleted for one that is needed. */
function findMarkedPack({ index }: RepositoryState): string | undefined {
  for (const { key, standing } of index.packs()) if (standing !== 'live') return `${key} is to be deleted`;
  return undefined;
}
