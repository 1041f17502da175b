import { compareBytes } from '../../kernel/bytes.ts';
import { decodeEntry, type StoredEntry } from '../tree/entry.ts';
import type { PageItem, TreeRef } from '../tree/page.ts';
import { findInTree, walkTree, type LoadChunk } from '../tree/walk.ts';

/** Looks entries up in an earlier tree: by a cursor where keys ascend, page by page; by search where they do not. */
export interface EarlierEntries {
  find(key: Uint8Array): StoredEntry | undefined | Promise<StoredEntry | undefined>;
  close(): Promise<void>;
}

export function ascendingEarlier(load: LoadChunk, root: TreeRef | undefined): EarlierEntries {
  const pages = walkTree(load, root);
  let page: readonly PageItem[] = [];
  let at = 0;
  let ended = root === undefined;

  function findInPage(key: Uint8Array): PageItem | undefined {
    while (at < page.length) {
      const item = page[at] as PageItem;
      const order = compareBytes(item.key, key);
      if (order === 0) return item;
      if (order > 0) return undefined;
      at++;
    }
    return undefined;
  }
  async function findFurther(key: Uint8Array): Promise<StoredEntry | undefined> {
    while (at >= page.length) {
      const next = await pages.next();
      if (next.done) {
        ended = true;
        page = [];
        return undefined;
      }
      page = next.value;
      at = 0;
      const item = findInPage(key);
      if (item) return decodeEntry(item.value);
    }
    return undefined;
  }
  return {
    // Synchronous within a page: waiting once per entry would cost more than the lookup.
    find(key) {
      const item = findInPage(key);
      if (item) return decodeEntry(item.value);
      return at < page.length || ended ? undefined : findFurther(key);
    },
    async close() {
      await pages.return(undefined);
    },
  };
}

export function searchingEarlier(load: LoadChunk, root: TreeRef | undefined): EarlierEntries {
  return {
    async find(key) {
      const value = await findInTree(load, root, key);
      return value === undefined ? undefined : decodeEntry(value);
    },
    close: () => Promise.resolve(),
  };
}
