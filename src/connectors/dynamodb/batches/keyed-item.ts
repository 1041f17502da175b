import { asBuffer, concatBytes } from '../../../kernel/bytes.ts';
import { compactJson, type Json } from '../../../kernel/json.ts';
import { itemFromJson, itemToJson, type Item } from '../item-json.ts';
import { entryKey, primaryKey, type KeyAttribute } from '../item-key.ts';
import { memberOf } from '../rows/cut-list.ts';
import { skipValue } from '../rows/json-bytes.ts';

/** An item as it goes over the wire, known by its entry's key. */
export interface KeyedItem {
  readonly key: string;
  /** DynamoDB JSON of the item, or of its key attributes at least. */
  readonly row: Uint8Array;
  /** The same as values, made when asked for: most items never need to be. */
  item(): Item;
}

export function keyedItem(key: string, row: Uint8Array): KeyedItem {
  return { key, row, item: () => itemFromJson(parsedRow(row)) };
}

/** What is known of an item whose values are at hand, for calls that need its key only. */
export function keyOnly(key: readonly KeyAttribute[], item: Item): KeyedItem {
  const attributes = primaryKey(key, item);
  return {
    key: entryKey(key, item),
    row: Buffer.from(compactJson(itemToJson(attributes))),
    item: () => attributes,
  };
}

/** The item's key attributes alone, in DynamoDB JSON. Throws item.unreadable where it lacks one. */
export function keyJson(key: readonly KeyAttribute[], { row, item }: KeyedItem): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { name } of key) {
    const quoted = Buffer.from(JSON.stringify(name));
    const from = memberOf(row, 0, quoted);
    // Also where the name is written in another way.
    if (from === undefined) return Buffer.from(compactJson(itemToJson(primaryKey(key, item()))));
    parts.push(parts.length === 0 ? openMap : comma, quoted, colon, row.subarray(from, skipValue(row, from)));
  }
  return concatBytes([...parts, closeMap]);
}

export function parsedRow(row: Uint8Array): Json {
  return JSON.parse(asBuffer(row).toString('utf8')) as Json;
}

const [openMap, comma, colon, closeMap] = ['{', ',', ':', '}'].map((sign) => Buffer.from(sign)) as [
  Buffer,
  Buffer,
  Buffer,
  Buffer,
];
