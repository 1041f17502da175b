import { compareBytes } from '../../kernel/bytes.ts';
import { isCode, type HoldfastError } from '../../kernel/errors.ts';
import type { RepositoryState } from '../state.ts';
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
  if (root === undefined) return { find: () => undefined, close: () => Promise.resolve() };
  return {
    async find(key) {
      const value = await findInTree(load, root, key);
      return value === undefined ? undefined : decodeEntry(value);
    },
    close: () => Promise.resolve(),
  };
}

/** What was captured before and cannot be read is captured anew, which heals it: from where it is lost, nothing is found. */
export function forgivingEarlier(earlier: EarlierEntries, onLoss: (error: HoldfastError) => void): EarlierEntries {
  let isLost = false;
  function forgive(error: unknown): undefined {
    if (!isLoss(error)) throw error;
    if (!isLost) onLoss(error);
    isLost = true;
  }
  return {
    find(key) {
      if (isLost) return undefined;
      try {
        const found = earlier.find(key);
        return found instanceof Promise ? found.catch(forgive) : found;
      } catch (error) {
        return forgive(error);
      }
    },
    close: () => earlier.close(),
  };
}

/** Damage or absence of what was stored before; not an outage. */
export function isLoss(error: unknown): error is HoldfastError {
  return isCode(error, 'repository.corrupt', 'storage.not-found', 'storage.truncated');
}

/**
 * Says what could not be read, and takes the pack it lay in for one that goes: what else it holds is stored again when it
 * comes, and does not count as stored.
 */
export function noteLoss(
  { index, events }: RepositoryState,
  resource: string,
  { message, resource: where = '' }: HoldfastError,
): void {
  if (/^(data|meta)\//.test(where)) index.demote([where.slice(where.lastIndexOf('/') + 1)], 'marked');
  const what = `what was captured of ${resource} before cannot be read, and is captured anew`;
  events({ type: 'notice', level: 'warning', message: `${what}: ${message}` });
}
