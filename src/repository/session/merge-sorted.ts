import { compareBytes } from '../../kernel/bytes.ts';
import type { SortItem } from './sorter.ts';

/** One source of a merge: its items a frame at a time, so that few of millions are waited for. */
interface Head {
  item: SortItem;
  readonly run: number;
  frame: Iterator<SortItem>;
  readonly frames: AsyncIterator<Iterable<SortItem>>;
}

/** Merges ascending sources; of equal keys the item of the last source stays. */
export async function* mergeSorted(sources: readonly AsyncIterable<Iterable<SortItem>>[]): AsyncGenerator<SortItem> {
  // A heap: the least key is at its root, of equal ones that of the latest run.
  const heads: Head[] = [];
  for (const [run, source] of sources.entries()) {
    const head = { item: none, run, frame: nothing[Symbol.iterator](), frames: source[Symbol.asyncIterator]() };
    if (await advance(head)) heads.push(head);
  }
  for (let at = heads.length >> 1; at >= 0; at--) sink(heads, at);
  let last: Uint8Array | undefined;
  while (heads.length > 0) {
    const head = heads[0] as Head;
    const { item } = head;
    if (last === undefined || compareBytes(item.key, last) !== 0) yield item;
    last = item.key;
    const next = head.frame.next();
    if (!next.done) head.item = next.value;
    else if (!(await advance(head))) {
      const moved = heads.pop() as Head;
      if (heads.length > 0) heads[0] = moved;
    }
    sink(heads, 0);
  }
}

const none: SortItem = { key: new Uint8Array(0), value: new Uint8Array(0), size: 0 };
const nothing: readonly SortItem[] = [];

/** To the first item of the next frame; false at the end. */
async function advance(head: Head): Promise<boolean> {
  for (;;) {
    const frame = await head.frames.next();
    if (frame.done) return false;
    head.frame = frame.value[Symbol.iterator]();
    const first = head.frame.next();
    if (first.done) continue;
    head.item = first.value;
    return true;
  }
}

function sink(heads: Head[], from: number): void {
  for (let at = from; ;) {
    let least = at;
    for (let child = 2 * at + 1; child <= 2 * at + 2 && child < heads.length; child++)
      if (comesBefore(heads[child] as Head, heads[least] as Head)) least = child;
    if (least === at) return;
    [heads[at], heads[least]] = [heads[least] as Head, heads[at] as Head];
    at = least;
  }
}

function comesBefore(a: Head, b: Head): boolean {
  const order = compareBytes(a.item.key, b.item.key);
  return order < 0 || (order === 0 && a.run > b.run);
}
