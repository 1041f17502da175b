import { asBuffer, utf8 } from '../../../kernel/bytes.ts';
import { compactJson, type Json } from '../../../kernel/json.ts';
import { itemFromJson, itemToJson } from '../item-json.ts';
import { entryKey, keySegment, type KeyAttribute } from '../item-key.ts';
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
    const segments = key.map((attribute, i): Uint8Array => {
      const { from, to } = writer.found[i] ?? { from: -1, to: -1 };
      // `{"S":"` before the text, `"}` behind it.
      const text = from < 0 ? undefined : list.subarray(from + 6, to - 2);
      const isOfType = list[from + 2] === attribute.type.charCodeAt(0) && list[from + 3] === byte.quote;
      if (text === undefined || !isOfType) return utf8(keySegment(attribute, undefined));
      if (attribute.type === 'N' || needsNoEscape(text)) return text;
      return utf8(keySegment(attribute, { S: asBuffer(text).toString('utf8') }));
    });
    return joined(segments);
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
function needsNoEscape(text: Uint8Array): boolean {
  // `.` and `..` are whole segments that need one.
  let dots = 0;
  for (const character of text) {
    if (character < 0x20 || character > 0x7e || character === 0x25 || character === 0x2f) return false;
    if (character === 0x2e) dots++;
  }
  return dots < text.length || dots > 2;
}

function joined(segments: readonly Uint8Array[]): Uint8Array {
  let length = segments.length - 1;
  for (const segment of segments) length += segment.length;
  // Out of Node's pool.
  const key = Buffer.allocUnsafe(length);
  let at = 0;
  for (const segment of segments) {
    if (at > 0) key[at++] = 0x2f;
    key.set(segment, at);
    at += segment.length;
  }
  return key;
}
