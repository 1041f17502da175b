import type { AttributeValue, TableDescription } from '@aws-sdk/client-dynamodb';
import { asBuffer } from '../../kernel/bytes.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Item } from './item-json.ts';
import { keySchema } from './table-document.ts';

export interface KeyAttribute {
  readonly name: string;
  readonly type: 'S' | 'N' | 'B';
}

/** The primary key of a table: the partition key and, where there is one, the sort key. */
export function keyAttributes(table: TableDescription): KeyAttribute[] {
  return keySchema(table.KeySchema).map(({ AttributeName: name = '' }) => {
    const definition = table.AttributeDefinitions?.find((candidate) => candidate.AttributeName === name);
    return { name, type: definition?.AttributeType ?? 'S' };
  });
}

/**
 * The key of an item's entry: `partition`, or `partition/sort`. Within one table no two items share one:
 * strings with `%`, `/`, `\`, control characters and whole segments `.` and `..` as `%XX`, an empty one as `%`;
 * numbers as DynamoDB gives them; binary as base64url.
 */
export function entryKey(key: readonly KeyAttribute[], item: Item): string {
  return key.map((attribute) => keySegment(attribute, item[attribute.name])).join('/');
}

/** Only the key attributes, as BatchGetItem and DeleteRequest want them. */
export function primaryKey(key: readonly KeyAttribute[], item: Item): Record<string, AttributeValue> {
  const out: Record<string, AttributeValue> = {};
  for (const { name } of key) {
    const value = item[name];
    if (value === undefined) throw withoutKey(name);
    out[name] = value;
  }
  return out;
}

/** The partition key that an entry's key begins with, as it was before it was escaped: of a number its digits. */
export function partitionOf(key: string): string {
  const segment = key.split('/', 1)[0] as string;
  return segment === '%' ? '' : decodeURIComponent(segment);
}

/** The part of an entry's key that one key attribute makes. Throws item.unreadable where the item has none. */
export function keySegment({ name, type }: KeyAttribute, value: AttributeValue | undefined): string {
  if (type === 'S' && value?.S !== undefined) return encodeString(value.S);
  if (type === 'N' && value?.N !== undefined) return value.N;
  if (type === 'B' && value?.B !== undefined) return asBuffer(value.B).toString('base64url') || '%';
  throw withoutKey(name);
}

function encodeString(text: string): string {
  if (text === '') return '%';
  if (text === '.' || text === '..') return text.replaceAll('.', '%2E');
  return text.replaceAll(/[%/\\]|\p{Cc}/gu, (character) =>
    [...Buffer.from(character, 'utf8')].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}

export function withoutKey(name: string): HoldfastError {
  return new HoldfastError('item.unreadable', `an item has no value of the table's key attribute ${name}`);
}
