import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { asBuffer } from '../../kernel/bytes.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { compactJson, type Json } from '../../kernel/json.ts';

/** An item as the low-level API gives it. */
export type Item = Readonly<Record<string, AttributeValue>>;

/**
 * DynamoDB JSON: `{ "price": { "N": "9.99" } }`. Numbers stay the strings that DynamoDB gives (38 digits do not fit a
 * double), binary is base64, and sets are sorted, because DynamoDB gives them in any order.
 */
export function itemToJson(item: Item): Json {
  return mapToJson(item);
}

/** Throws item.unreadable for what itemToJson cannot have made. */
export function itemFromJson(document: Json): Item {
  return mapFromJson(document);
}

/** True when two items are equal, whatever the order of their attributes and of the members of their sets. */
export function sameItem(a: Item, b: Item): boolean {
  return compactJson(itemToJson(a)) === compactJson(itemToJson(b));
}

function mapToJson(map: Readonly<Record<string, AttributeValue>>): Json {
  const out = withoutPrototype<Json>();
  for (const [name, value] of Object.entries(map)) out[name] = valueToJson(value);
  return out;
}

function valueToJson(value: AttributeValue): Json {
  if (value.S !== undefined) return { S: value.S };
  if (value.N !== undefined) return { N: value.N };
  if (value.B !== undefined) return { B: base64(value.B) };
  if (value.BOOL !== undefined) return { BOOL: value.BOOL };
  if (value.NULL !== undefined) return { NULL: value.NULL };
  if (value.M !== undefined) return { M: mapToJson(value.M) };
  if (value.L !== undefined) return { L: value.L.map(valueToJson) };
  if (value.SS !== undefined) return { SS: [...value.SS].sort() };
  if (value.NS !== undefined) return { NS: [...value.NS].sort() };
  if (value.BS !== undefined) return { BS: value.BS.map(base64).sort() };
  throw new HoldfastError('item.unreadable', `an attribute has a type that is not known: ${value.$unknown[0]}`);
}

function mapFromJson(json: Json): Record<string, AttributeValue> {
  const out = withoutPrototype<AttributeValue>();
  for (const [name, value] of Object.entries(objectOf(json))) out[name] = valueFromJson(value ?? null);
  return out;
}

function valueFromJson(json: Json): AttributeValue {
  const [type, inner = null] = Object.entries(objectOf(json))[0] ?? ['', null];
  switch (type) {
    case 'S':
      return { S: textOf(inner) };
    case 'N':
      return { N: textOf(inner) };
    case 'B':
      return { B: bytes(inner) };
    case 'BOOL':
      return { BOOL: inner === true };
    case 'NULL':
      return { NULL: inner === true };
    case 'M':
      return { M: mapFromJson(inner) };
    case 'L':
      return { L: listOf(inner).map(valueFromJson) };
    case 'SS':
      return { SS: listOf(inner).map(textOf) };
    case 'NS':
      return { NS: listOf(inner).map(textOf) };
    case 'BS':
      return { BS: listOf(inner).map(bytes) };
    default:
      throw new HoldfastError('item.unreadable', `"${type}" is no type of a DynamoDB attribute`);
  }
}

/** An attribute named `__proto__` must stay one. */
function withoutPrototype<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}

function objectOf(json: Json): Readonly<Record<string, Json | undefined>> {
  if (json !== null && typeof json === 'object' && !Array.isArray(json)) {
    return json as Readonly<Record<string, Json | undefined>>;
  }
  throw new HoldfastError('item.unreadable', 'a captured item is not in DynamoDB JSON');
}

function listOf(json: Json): readonly Json[] {
  if (Array.isArray(json)) return json as readonly Json[];
  throw new HoldfastError('item.unreadable', 'a captured set or list is not in DynamoDB JSON');
}

function textOf(json: Json): string {
  if (typeof json === 'string') return json;
  throw new HoldfastError('item.unreadable', 'a captured attribute is not in DynamoDB JSON');
}

function base64(value: Uint8Array): string {
  return asBuffer(value).toString('base64');
}

function bytes(json: Json): Uint8Array {
  return Uint8Array.from(Buffer.from(textOf(json), 'base64'));
}
