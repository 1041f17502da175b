import { HoldfastError } from '../../kernel/errors.ts';
import { displayBytes } from '../../kernel/bytes.ts';
import { encodeChild, encodePage, endsPage, type PageItem, type TreeRef } from './page.ts';

/** Builds a tree from entries in ascending order; holds one page per level. */
export interface TreeWriter {
  /** `bytes`: the entry's size, summed up in the tree. Throws internal.bug when keys do not ascend. */
  add(key: Uint8Array, value: Uint8Array, bytes: number): void;
  /** The root; undefined for a tree without entries. */
  finish(): TreeRef | undefined;
  /** The root of what was added so far, for a checkpoint; the writer goes on untouched. */
  partial(): TreeRef | undefined;
  readonly entries: number;
}

interface Level {
  items: PageItem[];
  pageBytes: number;
  entries: number;
  bytes: number;
}

/** `store` keeps a page as a metadata chunk and returns its id. */
export function createTreeWriter(store: (page: Uint8Array) => Uint8Array): TreeWriter {
  let levels: Level[] = [];
  let last: Uint8Array | undefined;
  let total = 0;

  function addAt(depth: number, item: PageItem, entries: number, bytes: number): void {
    const level = (levels[depth] ??= emptyLevel());
    level.items.push(item);
    const itemBytes = item.key.length + item.value.length + 4;
    level.pageBytes += itemBytes;
    level.entries += entries;
    level.bytes += bytes;
    // An inner page holds at least two children, so that every level is smaller than the one below.
    if (endsPage(level.pageBytes, item.key, itemBytes) && (depth === 0 || level.items.length > 1)) closePage(depth);
  }
  function closePage(depth: number): void {
    const level = levels[depth] as Level;
    const first = level.items[0] as PageItem;
    const ref = storePage(depth, level);
    levels[depth] = emptyLevel();
    addAt(depth + 1, { key: first.key, value: encodeChild(ref) }, ref.entries, ref.bytes);
  }
  function storePage(depth: number, level: Level): TreeRef {
    const id = Uint8Array.from(store(encodePage(depth, level.items)));
    return { id, level: depth, entries: level.entries, bytes: level.bytes };
  }
  function finishLevels(): TreeRef | undefined {
    for (let depth = 0; depth < levels.length; depth++) {
      const level = levels[depth] as Level;
      const isTop = depth === levels.length - 1;
      if (level.items.length === 0) continue;
      // A single child at the top is the root itself: the page above it would say nothing more.
      if (isTop && depth > 0 && level.items.length === 1) return childOf(level, depth);
      if (isTop) return storePage(depth, level);
      closePage(depth);
    }
    return undefined;
  }
  return {
    add(key, value, bytes) {
      if (last !== undefined && Buffer.compare(last, key) >= 0) {
        throw new HoldfastError(
          'internal.bug',
          `${displayBytes(key)} came after ${displayBytes(last)} in a sorted collection`,
        );
      }
      last = key;
      total++;
      addAt(0, { key, value }, 1, bytes);
    },
    finish: finishLevels,
    partial() {
      const kept = levels;
      levels = kept.map((level) => ({ ...level, items: [...level.items] }));
      try {
        return finishLevels();
      } finally {
        levels = kept;
      }
    },
    get entries() {
      return total;
    },
  };
}

function childOf(level: Level, depth: number): TreeRef {
  const value = (level.items[0] as PageItem).value;
  return { id: value.subarray(0, 32), level: depth - 1, entries: level.entries, bytes: level.bytes };
}

function emptyLevel(): Level {
  return { items: [], pageBytes: 0, entries: 0, bytes: 0 };
}
