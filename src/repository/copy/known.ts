import { equalBytes } from '../../kernel/bytes.ts';
import { isCode } from '../../kernel/errors.ts';
import { ascendingEarlier } from '../session/earlier.ts';
import { isContentWhole } from '../session/wholeness.ts';
import type { RepositoryState } from '../state.ts';
import type { ContentRef } from '../tree/content.ts';
import { decodeEntry, type StoredEntry } from '../tree/entry.ts';
import type { TreeRef } from '../tree/page.ts';
import { walkTree, type LoadChunk } from '../tree/walk.ts';
import type { CopySource } from './source.ts';
import { unreadable } from './unreadable.ts';

/** An entry of the source on its way. */
export interface FoundEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly stored: StoredEntry;
  /** Where the target has the content already. */
  readonly known: ContentRef | undefined;
}

/** Trees that tell what the target has. */
export interface KnownTrees {
  /** The same collection in a snapshot that both hold: here, and at the target. */
  readonly before: TreeRef | undefined;
  readonly there: TreeRef | undefined;
  /** What an interrupted copy of this very snapshot stored of the collection. */
  readonly interrupted?: TreeRef | undefined;
}

/**
 * The entries of a tree in order, with what the target has of their contents: what an interrupted copy stored, and what it
 * holds of the other snapshot where that has the same content under the same key.
 */
export async function* knownEntries(
  source: CopySource,
  target: RepositoryState,
  root: TreeRef,
  { before, there, interrupted }: KnownTrees,
): AsyncGenerator<FoundEntry> {
  const load: LoadChunk = (id) => target.chunks.chunk('metadata', id);
  const [stopped, was, is] = [
    lookup(load, interrupted),
    lookup((id) => source.state.chunks.chunk('metadata', id), before),
    lookup(load, there),
  ];
  async function find(key: Uint8Array, { kind, content }: StoredEntry): Promise<ContentRef | undefined> {
    if (content.chunks.length === 0) return undefined;
    const own = await stopped(key);
    if (own && (await isContentWhole(target, own.content))) return own.content;
    const [here, copy] = [await was(key), await is(key)];
    if (!here || !copy || here.kind !== kind || !isSame(here.content, content)) return undefined;
    return (await isContentWhole(target, copy.content)) ? copy.content : undefined;
  }
  for await (const page of walkTree(source.page, root)) {
    for (const { key, value } of page) {
      const stored = decodeEntry(value);
      yield { key, value, stored, known: await find(key, stored) };
    }
  }
}

/** Of one repository: the same references are the same bytes. */
function isSame(a: ContentRef, b: ContentRef): boolean {
  return a.depth === b.depth && equalBytes(a.chunks, b.chunks);
}

/** Looks up ascending keys. A tree that cannot be read saves nothing, and that is all it costs. */
function lookup(load: LoadChunk, root: TreeRef | undefined): (key: Uint8Array) => Promise<StoredEntry | undefined> {
  let entries = root && ascendingEarlier(load, root);
  return async (key) => {
    try {
      return await entries?.find(key);
    } catch (error) {
      if (!isCode(error, ...unreadable)) throw error;
      entries = undefined;
      return undefined;
    }
  };
}
