import { compareBytes, equalBytes } from '../../kernel/bytes.ts';
import { decodeChild, type TreeRef } from './page.ts';
import { loadPage, type LoadChunk } from './walk.ts';

export interface TreeChange {
  readonly key: Uint8Array;
  readonly before?: Uint8Array;
  readonly after?: Uint8Array;
}

// A page not yet read (level >= 0), or an entry of a leaf (level -1).
interface Node {
  readonly level: number;
  readonly key: Uint8Array;
  readonly ref?: TreeRef;
  readonly value?: Uint8Array;
}

/** Differences of two trees in order of their keys. Equal pages are skipped unread, whatever their height. */
export async function* diffTrees(
  load: LoadChunk,
  before: TreeRef | undefined,
  after: TreeRef | undefined,
): AsyncGenerator<TreeChange> {
  const left = startAt(before);
  const right = startAt(after);
  for (;;) {
    const a = left.at(-1);
    const b = right.at(-1);
    if (!a && !b) return;
    if (a?.ref && b?.ref && equalBytes(a.ref.id, b.ref.id)) {
      left.pop();
      right.pop();
    } else if (a?.value && precedes(a, b)) {
      left.pop();
      yield { key: a.key, before: a.value };
    } else if (b?.value && precedes(b, a)) {
      right.pop();
      yield { key: b.key, after: b.value };
    } else if (a && a.level >= 0 && (!b || a.level > b.level || (a.level === b.level && startsFirst(a, b)))) {
      await expand(load, left, a);
    } else if (b && b.level >= 0) {
      await expand(load, right, b);
    } else if (a?.value && b?.value) {
      left.pop();
      right.pop();
      if (!equalBytes(a.value, b.value)) yield { key: a.key, before: a.value, after: b.value };
    }
  }
}

/** An entry that lies before everything the other side still has. */
function precedes(entry: Node, other: Node | undefined): boolean {
  return !other || compareBytes(entry.key, other.key) < 0;
}

/** Of two pages the one that begins earlier is read first: the other may be equal to the page behind it. */
function startsFirst(page: Node, other: Node): boolean {
  return compareBytes(page.key, other.key) <= 0;
}

function startAt(root: TreeRef | undefined): Node[] {
  return root ? [{ level: root.level, key: new Uint8Array(0), ref: root }] : [];
}

async function expand(load: LoadChunk, stack: Node[], node: Node): Promise<void> {
  const page = await loadPage(load, node.ref as TreeRef);
  stack.pop();
  for (const item of [...page.items].reverse()) {
    if (page.level === 0) stack.push({ level: -1, key: item.key, value: item.value });
    else stack.push({ level: page.level - 1, key: item.key, ref: decodeChild(item.value, page.level - 1) });
  }
}
