import { mapOrdered } from '../../kernel/concurrency.ts';
import { isCode } from '../../kernel/errors.ts';
import type { SnapshotDocument } from '../snapshots.ts';
import type { RepositoryState } from '../state.ts';
import { decodeResource } from '../session/record.ts';
import { chunkRefs } from '../tree/content.ts';
import { decodeEntry } from '../tree/entry.ts';
import { decodeChild, decodePage, type TreeRef } from '../tree/page.ts';

// Children of one page that are read at a time.
const pagesAtOnce = 8;

/** Told of each chunk that a snapshot needs, by its number in the index. */
export interface ChunkVisitor {
  /** False: this is known already, for this chunk and so for all that it names. */
  visit(chunk: number, source: string): boolean;
  /** Plain length; told before or after visits, once or more. */
  length(chunk: number, bytes: number): void;
  /** Something that could not be looked into. */
  unread(): void;
}

/**
 * Visits every chunk that a snapshot needs: pages of trees (those of its list of resources as of the source `''`), lists of
 * references, contents. What cannot be read is told and passed over.
 */
export async function walkSnapshot(
  state: RepositoryState,
  document: Pick<SnapshotDocument, 'root'>,
  visitor: ChunkVisitor,
  signal?: AbortSignal,
): Promise<void> {
  const { index, chunks } = state;

  /** The chunk's bytes where it is to be followed; undefined where that was done, or cannot be done. */
  async function follow(id: Uint8Array, source: string): Promise<Uint8Array | undefined> {
    const chunk = index.numberOf(id);
    if (chunk === undefined) {
      visitor.unread();
      return undefined;
    }
    if (!visitor.visit(chunk, source)) return undefined;
    const bytes = await readable(() => chunks.chunk('metadata', id));
    if (bytes) visitor.length(chunk, bytes.length);
    return bytes;
  }
  /** Undefined, and told, for what says something about the repository and not about the way to it. */
  async function readable<T>(work: () => Promise<T> | T): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      const isKnown = isCode(
        error,
        'repository.corrupt',
        'repository.newer-format',
        'storage.not-found',
        'storage.truncated',
        'storage.frozen',
      );
      if (!isKnown) throw error;
      visitor.unread();
      return undefined;
    }
  }
  async function tree(
    ref: TreeRef,
    source: string,
    leaf: (value: Uint8Array) => Promise<void> | undefined,
  ): Promise<void> {
    signal?.throwIfAborted();
    const bytes = await follow(ref.id, source);
    if (!bytes) return;
    await readable(async () => {
      const page = decodePage(bytes, 'a tree page');
      if (page.level === 0) {
        for (const { value } of page.items) {
          const following = leaf(value);
          if (following) await following;
        }
        return;
      }
      const children = page.items.map(({ value }) => decodeChild(value, page.level - 1));
      const walked = mapOrdered(children, pagesAtOnce, (child) => tree(child, source, leaf));
      for await (const _ of walked);
    });
  }
  /** Contents that lie in chunks of their own need no wait: only folded lists do. */
  function references(list: Uint8Array, depth: number, source: string): Promise<void> | undefined {
    const refs = chunkRefs(list);
    if (depth > 0) return lists(refs, depth, source);
    for (const { id, length } of refs) {
      const chunk = index.numberOf(id);
      if (chunk === undefined) visitor.unread();
      else if (visitor.visit(chunk, source)) visitor.length(chunk, length);
    }
    return undefined;
  }
  async function lists(refs: readonly { readonly id: Uint8Array }[], depth: number, source: string): Promise<void> {
    for (const { id } of refs) {
      const bytes = await follow(id, source);
      if (bytes) await readable(() => references(bytes, depth - 1, source));
    }
  }
  async function resource(value: Uint8Array): Promise<void> {
    const { record, roots } = decodeResource(value);
    const { source } = record;
    const entry = (item: Uint8Array): Promise<void> | undefined => {
      const { content } = decodeEntry(item);
      return references(content.chunks, content.depth, source);
    };
    for (const root of roots.values()) await tree(root, source, entry);
  }
  if (document.root) await tree(document.root, '', resource);
}
