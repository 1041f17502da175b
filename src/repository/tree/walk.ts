import { compareBytes } from '../../kernel/bytes.ts';
import { decodeChild, decodePage, type Page, type PageItem, type TreeRef } from './page.ts';

/** Reads a metadata chunk by its id. */
export type LoadChunk = (id: Uint8Array) => Promise<Uint8Array>;

export interface TreeRange {
  /** First key wanted. */
  readonly from?: Uint8Array;
  /** Only keys that begin so. */
  readonly prefix?: Uint8Array;
}

/**
 * The entries in order, a page at a time: callers loop over a page without waiting. One page per level is in memory.
 */
export async function* walkTree(
  load: LoadChunk,
  root: TreeRef | undefined,
  range: TreeRange = {},
): AsyncGenerator<readonly PageItem[]> {
  if (!root) return;
  const { prefix } = range;
  const from = prefix && (!range.from || compareBytes(prefix, range.from) > 0) ? prefix : range.from;
  const page = await loadPage(load, root);
  if (page.level > 0) {
    const children = childrenFrom(page.items, from);
    for (const item of children) {
      if (prefix && isPast(item.key, prefix)) return;
      yield* walkTree(load, decodeChild(item.value, page.level - 1), range);
    }
    return;
  }
  const wanted = page.items.filter(
    (item) => (!from || compareBytes(item.key, from) >= 0) && (!prefix || startsWith(item.key, prefix)),
  );
  if (wanted.length > 0) yield wanted;
}

/** One entry, reading one page per level. */
export async function findInTree(
  load: LoadChunk,
  root: TreeRef | undefined,
  key: Uint8Array,
): Promise<Uint8Array | undefined> {
  let ref = root;
  while (ref) {
    const page: Page = await loadPage(load, ref);
    if (page.level === 0) return page.items.find((item) => compareBytes(item.key, key) === 0)?.value;
    const child: PageItem | undefined = childrenFrom(page.items, key)[0];
    if (!child || compareBytes(child.key, key) > 0) return undefined;
    ref = decodeChild(child.value, page.level - 1);
  }
  return undefined;
}

export async function loadPage(load: LoadChunk, ref: TreeRef): Promise<Page> {
  return decodePage(await load(ref.id), 'a tree page');
}

/** Children that can hold keys from `from` on: the last one that begins at or before it, and all behind. */
function childrenFrom(items: readonly PageItem[], from: Uint8Array | undefined): readonly PageItem[] {
  if (!from) return items;
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareBytes((items[middle] as PageItem).key, from) <= 0) low = middle + 1;
    else high = middle;
  }
  return items.slice(Math.max(0, low - 1));
}

export function startsWith(key: Uint8Array, prefix: Uint8Array): boolean {
  return key.length >= prefix.length && compareBytes(key.subarray(0, prefix.length), prefix) === 0;
}

function isPast(key: Uint8Array, prefix: Uint8Array): boolean {
  return compareBytes(key.subarray(0, prefix.length), prefix) > 0;
}
