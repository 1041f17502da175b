import { decodeResource } from '../session/record.ts';
import { chunkRefs, type ContentRef } from './content.ts';
import { decodeEntry } from './entry.ts';
import { decodeChild, type TreeRef } from './page.ts';
import { loadPage, type LoadChunk } from './walk.ts';

/** Told of every chunk that a tree needs. */
export interface ReachVisitor {
  /** A metadata chunk (a page, a list of references). False: what is below it was visited before. */
  metadata(id: Uint8Array): boolean;
  /** A chunk of content; may come more than once. */
  data(id: Uint8Array): void;
}

/** Visits all that a snapshot's tree of resources needs. Throws repository.corrupt and repository.newer-format. */
export async function visitSnapshot(
  load: LoadChunk,
  root: TreeRef | undefined,
  visitor: ReachVisitor,
  signal?: AbortSignal,
): Promise<void> {
  if (!root) return;
  await visitTree(load, root, visitor, signal, async (value) => {
    for (const collection of decodeResource(value).roots.values())
      await visitCollection(load, collection, visitor, signal);
  });
}

/** The same for the tree of one collection. */
export async function visitCollection(
  load: LoadChunk,
  root: TreeRef,
  visitor: ReachVisitor,
  signal?: AbortSignal,
): Promise<void> {
  await visitTree(load, root, visitor, signal, (value) => visitContent(load, decodeEntry(value).content, visitor));
}

/** `leaf` may return nothing: waiting once per entry would cost more than looking at it. */
async function visitTree(
  load: LoadChunk,
  ref: TreeRef,
  visitor: ReachVisitor,
  signal: AbortSignal | undefined,
  leaf: (value: Uint8Array) => Promise<void> | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  if (!visitor.metadata(ref.id)) return;
  const page = await loadPage(load, ref);
  for (const { value } of page.items) {
    const below =
      page.level > 0 ? visitTree(load, decodeChild(value, page.level - 1), visitor, signal, leaf) : leaf(value);
    if (below) await below;
  }
}

/** Chunks of one content, lists of references included. Undefined where nothing had to be read. */
function visitContent(
  load: LoadChunk,
  { chunks, depth }: Pick<ContentRef, 'chunks' | 'depth'>,
  visitor: ReachVisitor,
): Promise<void> | undefined {
  if (chunks.length === 0) return undefined;
  if (depth > 0) return visitLists(load, chunks, depth, visitor);
  for (const { id } of chunkRefs(chunks)) visitor.data(id);
  return undefined;
}

async function visitLists(load: LoadChunk, lists: Uint8Array, depth: number, visitor: ReachVisitor): Promise<void> {
  for (const { id } of chunkRefs(lists))
    if (visitor.metadata(id)) await visitContent(load, { chunks: await load(id), depth: depth - 1 }, visitor);
}
