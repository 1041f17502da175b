import { byte } from './json-bytes.ts';
import { ascends, sorted, startOf, type Parts } from './part-order.ts';

/**
 * The row of an item (item-json.ts) straight from the bytes of an answer: attributes and members of sets in order, and all else as
 * it stands there. Millions of items need not become values, which costs many times as much, most of it for collecting them
 * afterwards. What is not written in the one form that needs no thought is refused: the caller reads that as values.
 */
export interface RowWriter {
  /** Writes the row of the item at `from` to `out`; returns where it ends there. -1: refused. */
  write(json: Uint8Array, from: number, out: Uint8Array, at: number): number;
  /** Where the item that was written last ended. */
  readonly readTo: number;
  /** Where the value of each of the attributes asked for began and ended in it; -1: it has none. */
  readonly found: readonly { from: number; to: number }[];
}

const deepest = 40;
/** Members of a set may be many, and come in any order. */
const mostKept = 64;

/** `wanted`: names of attributes whose places are told. */
export function createRowWriter(wanted: readonly string[]): RowWriter {
  const names = wanted.map((name) => Buffer.from(JSON.stringify(name)));
  const found = wanted.map(() => ({ from: -1, to: -1 }));
  let json: Uint8Array = new Uint8Array(0);
  let out: Uint8Array = json;
  let at = 0;
  let end = 0;
  /** Of the text read last. */
  let isAscii = true;
  let scratch = new Uint8Array(1024);
  /** The order found last, by the number of parts. */
  const orders: (readonly number[])[] = [];

  function literal(text: string): boolean {
    for (let i = 0; i < text.length; i++) {
      const character = text.charCodeAt(i);
      if (json[at] !== character) return false;
      at++;
      out[end++] = character;
    }
    return true;
  }
  function text(): boolean {
    if (json[at] !== byte.quote) return false;
    let all = 0;
    out[end++] = byte.quote;
    for (at++; at < json.length; at++) {
      const character = json[at] as number;
      if (character < 0x20 || character === byte.backslash) return false;
      out[end++] = character;
      all |= character;
      if (character !== byte.quote) continue;
      at++;
      isAscii = all < 0x80;
      return true;
    }
    return false;
  }
  function value(depth: number): boolean {
    // `{"S":` is five bytes long, `{"SS":` six, `{"BOOL":` eight.
    const [first, second] = [json[at + 2], json[at + 3]];
    if (second === byte.quote) {
      if (first === 0x53) return literal('{"S":') && text() && literal('}');
      if (first === 0x4e) return literal('{"N":') && text() && literal('}');
      if (first === 0x4d) return literal('{"M":') && map(depth + 1) && literal('}');
      if (first === 0x4c) return literal('{"L":') && list(depth + 1) && literal('}');
      return false;
    }
    if (second === 0x53 && first === 0x53) return literal('{"SS":') && set() && literal('}');
    if (second === 0x53 && first === 0x4e) return literal('{"NS":') && set() && literal('}');
    if (first === 0x42) return literal('{"BOOL":') && word() && literal('}');
    return first === 0x4e && literal('{"NULL":') && word() && literal('}');
  }
  function word(): boolean {
    return literal(json[at] === 0x74 ? 'true' : 'false');
  }
  function list(depth: number): boolean {
    if (depth > deepest || !literal('[')) return false;
    if (json[at] === byte.closeList) return literal(']');
    for (;;) {
      if (!value(depth)) return false;
      if (json[at] === byte.closeList) return literal(']');
      if (!literal(',')) return false;
    }
  }
  /** Numbers sort as the texts they are. */
  function set(): boolean {
    const begun = end;
    const ends: number[] = [];
    if (!literal('[')) return false;
    do {
      if (!text() || !isAscii) return false;
      ends.push(end);
    } while (json[at] === byte.comma && literal(','));
    return literal(']') && inOrder(begun, ends, ends, true);
  }
  function map(depth: number): boolean {
    const begun = end;
    const nameEnds: number[] = [];
    const ends: number[] = [];
    if (depth > deepest || !literal('{')) return false;
    if (json[at] === byte.closeMap) return literal('}');
    for (;;) {
      // JavaScript puts names that are numbers first, and other alphabets in an order of its own: values have that.
      const name = at;
      const first = json[at + 1] as number;
      if ((first >= 0x30 && first <= 0x39) || !text() || !isAscii) return false;
      const place = depth === 0 ? placeOf(name, at) : undefined;
      nameEnds.push(end);
      if (!literal(':')) return false;
      if (place) place.from = at;
      if (!value(depth)) return false;
      if (place) place.to = at;
      ends.push(end);
      if (json[at] === byte.closeMap) return literal('}') && inOrder(begun, nameEnds, ends, false);
      if (!literal(',')) return false;
    }
  }
  function placeOf(from: number, to: number): { from: number; to: number } | undefined {
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as Buffer;
      if (name.length !== to - from) continue;
      let same = 0;
      while (same < name.length && name[same] === json[from + same]) same++;
      if (same === name.length) return found[i];
    }
    return undefined;
  }
  /** Puts the parts between the brackets in the order of their texts. Refuses two of one name. */
  function inOrder(begun: number, texts: readonly number[], ends: readonly number[], mayRepeat: boolean): boolean {
    const parts: Parts = { bytes: out, begun, texts, ends };
    if (ascends(parts, undefined)) return true;
    // Items of a table mostly have their attributes in the order of the item before.
    let order = orders[ends.length];
    if (order === undefined || !ascends(parts, order)) {
      order = sorted(parts);
      if (order.length <= mostKept) orders[order.length] = order;
      if (!mayRepeat && !ascends(parts, order)) return false;
    }
    if (scratch.length < end - begun) scratch = new Uint8Array((end - begun) * 2);
    let to = 0;
    for (const part of order) {
      if (to > 0) scratch[to++] = byte.comma;
      const stop = ends[part] as number;
      for (let from = startOf(parts, part); from < stop; from++) scratch[to++] = out[from] as number;
    }
    out.set(scratch.subarray(0, to), begun + 1);
    return true;
  }
  return {
    write(source, from, target, to) {
      json = source;
      at = from;
      out = target;
      end = to;
      for (const place of found) place.from = -1;
      return map(0) ? end : -1;
    },
    found,
    get readTo() {
      return at;
    },
  };
}
