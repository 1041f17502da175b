import { compareBytes, emptyBytes } from '../../kernel/bytes.ts';
import type { HoldfastError } from '../../kernel/errors.ts';
import { decodeEntry, type StoredEntry } from '../tree/entry.ts';
import type { TreeRef } from '../tree/page.ts';
import { walkTree, type LoadChunk } from '../tree/walk.ts';
import { isLoss } from './earlier.ts';
import type { SortItem } from './sorter.ts';

/** In a sorter: the entry of this key goes. No stored entry is empty. */
export function removal(key: Uint8Array): SortItem {
  return { key, value: emptyBytes, size: 0 };
}

export interface IncrementBase {
  readonly load: LoadChunk;
  readonly root: TreeRef | undefined;
  readonly isWhole: (entry: StoredEntry) => boolean | Promise<boolean>;
  /** Told once: from here on, nothing of what was captured before is taken over. */
  readonly lost: (error: HoldfastError | undefined) => void;
}

export interface MergedItem extends SortItem {
  readonly entry: StoredEntry;
  /** Taken over from the capture before. */
  readonly reused: boolean;
}

/** The entries of an earlier tree with changes over them, in ascending order. Holds one page, and one item of the changes. */
export async function* mergeIncrement(
  base: IncrementBase,
  changes: AsyncIterable<SortItem>,
): AsyncGenerator<MergedItem> {
  const before = entriesOf(base);
  let old = await before.next();
  for await (const change of changes) {
    for (; !old.done && compareBytes(old.value.key, change.key) < 0; old = await before.next()) yield old.value;
    if (!old.done && compareBytes(old.value.key, change.key) === 0) old = await before.next();
    if (change.value.length > 0) yield { ...change, entry: decodeEntry(change.value), reused: false };
  }
  for (; !old.done; old = await before.next()) yield old.value;
}

async function* entriesOf({ load, root, isWhole, lost }: IncrementBase): AsyncGenerator<MergedItem, void> {
  try {
    for await (const page of walkTree(load, root)) {
      for (const { key, value } of page) {
        const entry = decodeEntry(value);
        const whole = isWhole(entry);
        if (!(whole instanceof Promise ? await whole : whole)) {
          lost(undefined);
          return;
        }
        yield { key, value, size: entry.content.size, entry, reused: true };
      }
    }
  } catch (error) {
    if (!isLoss(error)) throw error;
    lost(error);
  }
}
