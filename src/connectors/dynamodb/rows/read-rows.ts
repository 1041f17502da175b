import { asBuffer, utf8 } from '../../../kernel/bytes.ts';
import { compactJson, type Json } from '../../../kernel/json.ts';
import { itemFromJson, itemToJson } from '../item-json.ts';
import { entryKey, keySegment, withoutKey, type KeyAttribute } from '../item-key.ts';
import { createRowWriter } from './canonical-row.ts';
import { byte, skipSpace, skipValue, unreadable } from './json-bytes.ts';

/** An item as an entry holds it. */
export interface ItemRow {
  readonly key: Uint8Array;
  /** The item in DynamoDB JSON, compact and in order: what compactJson(itemToJson(item)) is. */
  readonly row: Uint8Array;
}

/** Reads what stands between the brackets of a list of items. Throws item.unreadable for what are none, or lack their key. */
export function createRowReader(key: readonly KeyAttribute[]): (list: Uint8Array) => Generator<ItemRow> {
  const writer = createRowWriter(key.map(({ name }) => name));

  /** The entry's key of the item written last. */
  function keyOf(list: Uint8Array): Uint8Array {
    let length = key.length - 1;
    for (let i = 0; i < key.length; i++) {
      const { name, type } = key[i] as KeyAttribute;
      const { from, to } = writer.found[i] ?? nowhere;
      if (from < 0 || list[from + 2] !== type.charCodeAt(0) || list[from + 3] !== byte.quote) throw withoutKey(name);
      // `{"S":"` before the text, `"}` behind it.
      if (type !== 'N' && !needsNoEscape(list, from + 6, to - 2)) return escapedKeyOf(list);
      length += to - from - 8;
    }
    // Out of Node's pool.
    const out = Buffer.allocUnsafe(length);
    let at = 0;
    for (const { from, to } of writer.found) {
      if (at > 0) out[at++] = slash;
      for (let next = from + 6; next < to - 2; next++) out[at++] = list[next] as number;
    }
    return out;
  }
  function escapedKeyOf(list: Uint8Array): Uint8Array {
    const segments = key.map((attribute, i) => {
      const { from, to } = writer.found[i] ?? nowhere;
      const text = asBuffer(list.subarray(from + 6, to - 2)).toString('utf8');
      return keySegment(attribute, attribute.type === 'N' ? { N: text } : { S: text });
    });
    return utf8(segments.join('/'));
  }
  return function* rows(list) {
    // A row is not longer than what it is made of.
    const out = Buffer.allocUnsafeSlow(list.length);
    let written = 0;
    for (let at = skipSpace(list, 0); at < list.length;) {
      const end = writer.write(list, at, out, written);
      if (end >= 0) {
        yield { key: keyOf(list), row: out.subarray(written, end) };
        written = end;
        at = writer.readTo;
      } else {
        const to = skipValue(list, at);
        yield byValues(key, list.subarray(at, to));
        at = to;
      }
      at = skipSpace(list, at);
      if (at < list.length && list[at] !== byte.comma) throw unreadable();
      at = skipSpace(list, at + 1);
    }
  };
}

/** The slow way: for what has escapes, binary values, white space, or names of other alphabets. */
function byValues(key: readonly KeyAttribute[], json: Uint8Array): ItemRow {
  let parsed: Json;
  try {
    parsed = JSON.parse(asBuffer(json).toString('utf8')) as Json;
  } catch {
    throw unreadable();
  }
  const item = itemFromJson(parsed);
  return { key: utf8(entryKey(key, item)), row: utf8(compactJson(itemToJson(item))) };
}

/** Letters, digits and signs that mean nothing in a key. */
function needsNoEscape(text: Uint8Array, from: number, to: number): boolean {
  // `.` and `..` are whole segments that need one.
  let dots = 0;
  for (let at = from; at < to; at++) {
    const character = text[at] as number;
    if (character < 0x20 || character > 0x7e || character === 0x25 || character === slash) return false;
    if (character === 0x2e) dots++;
  }
  return dots < to - from || dots > 2;
}

const slash = 0x2f;
const nowhere = { from: -1, to: -1 };
