import { displayBytes } from '../../kernel/bytes.ts';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import type { ChunkCheck } from '../check/chunks.ts';
import { damagesOf, type Blame } from '../check/content.ts';
import type { TreeWalk } from '../check/walk.ts';
import { decodeEntry } from '../tree/entry.ts';
import { decodeChild, decodePage, type PageItem, type TreeRef } from '../tree/page.ts';
import { createTreeWriter } from '../tree/writer.ts';

export interface TreeTools {
  readonly walk: TreeWalk;
  readonly chunks: ChunkCheck;
  readonly blame: Blame;
  /** Keeps a page; returns its id. */
  readonly store: (page: Uint8Array) => Uint8Array;
}

/** What a tree has lost: an entry, or a page with a number of them. */
export interface Lost {
  readonly count: number;
  readonly key?: string;
}

export interface RebuiltTree {
  /** Undefined: nothing is left. */
  readonly root: TreeRef | undefined;
  readonly lost: number;
  /** The first losses by name. */
  readonly first: readonly Lost[];
}

/** Failures a resource's record names; the rest is counted. */
export const failuresKept = 100;

/** Items of all pages that can be read, in order; for each page that cannot, how many entries are lost with it. */
export async function* survivors(chunks: ChunkCheck, ref: TreeRef): AsyncGenerator<PageItem | Lost> {
  const { bytes } = await chunks.read(ref.id);
  const children = bytes && pageItems(bytes, ref);
  if (!children) yield { count: ref.entries };
  else if (ref.level === 0) yield* children.items;
  else for (const child of children.refs) yield* survivors(chunks, child);
}

export function isLost(one: PageItem | Lost): one is Lost {
  return 'count' in one;
}

/** The tree itself where it is whole, otherwise one with the entries whose content can be read. Throws repository.newer-format. */
export async function rebuildCollection(tools: TreeTools, ref: TreeRef): Promise<RebuiltTree> {
  if (!(await tools.walk.collection(ref))) return { root: ref, lost: 0, first: [] };
  const tree = createTreeWriter(tools.store);
  const first: Lost[] = [];
  let lost = 0;
  const lose = (one: Lost): void => {
    lost += one.count;
    if (first.length < failuresKept) first.push(one);
  };
  for await (const one of survivors(tools.chunks, ref)) {
    if (isLost(one)) lose(one);
    else {
      const size = await wholeSize(tools, one);
      if (size === undefined) lose({ count: 1, key: displayBytes(one.key) });
      else tree.add(one.key, one.value, size);
    }
  }
  return { root: tree.finish(), lost, first };
}

/** Bytes of an entry's content; undefined when it cannot be read. */
async function wholeSize({ chunks, blame }: TreeTools, { value }: PageItem): Promise<number | undefined> {
  try {
    const entry = decodeEntry(value);
    const damages = await damagesOf(chunks, entry, blame);
    return damages.size === 0 ? entry.content.size : undefined;
  } catch (error) {
    if (isCode(error, 'repository.corrupt')) return undefined;
    throw error;
  }
}

function pageItems(
  bytes: Uint8Array,
  ref: TreeRef,
): { readonly items: readonly PageItem[]; readonly refs: readonly TreeRef[] } | undefined {
  try {
    const { level, items } = decodePage(bytes, 'a tree page');
    if (level !== ref.level) throw new HoldfastError('repository.corrupt', 'a page is of another level');
    return { items, refs: level === 0 ? [] : items.map(({ value }) => decodeChild(value, level - 1)) };
  } catch (error) {
    if (isCode(error, 'repository.corrupt')) return undefined;
    throw error;
  }
}
