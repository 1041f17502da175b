import { asBuffer } from '../../../kernel/bytes.ts';
import { compactJson, type Json } from '../../../kernel/json.ts';
import { itemFromJson, itemToJson, type Item } from '../item-json.ts';
import { entryKey, primaryKey, type KeyAttribute } from '../item-key.ts';

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

/**
 * The item's key attributes alone, in DynamoDB JSON. A key that its entry's key holds as it is needs no look at the item. Throws
 * item.unreadable where it lacks one.
 */
export function keyText(attributes: readonly KeyAttribute[], { key, item }: KeyedItem): string {
  if (!/[%"]/.test(key) && attributes.every(({ type }) => type !== 'B')) {
    const segments = key.split('/');
    const members = attributes.map(({ name, type }, i) => `${JSON.stringify(name)}:{"${type}":"${segments[i]}"}`);
    if (segments.length === members.length) return `{${members.join(',')}}`;
  }
  return compactJson(itemToJson(primaryKey(attributes, item())));
}

export function parsedRow(row: Uint8Array): Json {
  return JSON.parse(asBuffer(row).toString('utf8')) as Json;
}
