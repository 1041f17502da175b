import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everyType } from '../../../../test/dynamodb/seed.ts';
import { compactJson, type Json } from '../../../kernel/json.ts';
import { itemFromJson, itemToJson } from '../item-json.ts';
import { entryKey, type KeyAttribute } from '../item-key.ts';
import { createRowWriter } from './canonical-row.ts';
import { cutList } from './cut-list.ts';
import { createRowReader } from './read-rows.ts';

const key: readonly KeyAttribute[] = [
  { name: 'p', type: 'S' },
  { name: 's', type: 'N' },
];

function rowsOf(list: string, attributes = key): { readonly key: string; readonly row: string }[] {
  return [...createRowReader(attributes)(Buffer.from(list))].map((found) => ({
    key: Buffer.from(found.key).toString('utf8'),
    row: Buffer.from(found.row).toString('utf8'),
  }));
}

/** What an item is when it becomes values. */
function byValues(json: string, attributes = key): { readonly key: string; readonly row: string } {
  const item = itemFromJson(JSON.parse(json) as Json);
  return { key: entryKey(attributes, item), row: compactJson(itemToJson(item)) };
}

/** True where the row came straight from the bytes. */
function isStraight(json: string): boolean {
  const bytes = Buffer.from(json);
  return createRowWriter([]).write(bytes, 0, Buffer.alloc(bytes.length), 0) >= 0;
}

const character = fc.constantFrom(
  'a',
  'b',
  'B',
  '1',
  '0',
  ' ',
  '.',
  '/',
  '%',
  '\\',
  '"',
  '\n',
  '\u0085',
  'é',
  '🦊',
  '\ufffd',
);
const text = fc.oneof(
  fc.array(character, { maxLength: 5 }).map((parts) => parts.join('')),
  fc.constantFrom('__proto__', '.', '..', '...', 'S', '{"S":"x"}', 'constructor'),
);
const number = fc.integer().map(String);
const binary = fc.uint8Array({ maxLength: 5 }).map((bytes) => Buffer.from(bytes).toString('base64'));

/** A value in the service's words: names and members in any order. */
const value: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text.map((S) => JSON.stringify({ S })),
    number.map((N) => JSON.stringify({ N })),
    binary.map((B) => JSON.stringify({ B })),
    fc.boolean().map((BOOL) => JSON.stringify({ BOOL })),
    fc.constant('{"NULL":true}'),
    fc.uniqueArray(text, { minLength: 1, maxLength: 4 }).map((SS) => JSON.stringify({ SS })),
    fc.uniqueArray(number, { minLength: 1, maxLength: 4 }).map((NS) => JSON.stringify({ NS })),
    fc.uniqueArray(binary, { minLength: 1, maxLength: 3 }).map((BS) => JSON.stringify({ BS })),
    fc.array(tie('value'), { maxLength: 4 }).map((values) => `{"L":[${values.join(',')}]}`),
    fc.array(fc.tuple(text, tie('value')), { maxLength: 4 }).map((members) => `{"M":${objectOf(members)}}`),
  ),
})).value;

function objectOf(members: readonly (readonly [string, string])[]): string {
  const each = [...new Map(members)].map(([name, inner]) => `${JSON.stringify(name)}:${inner}`);
  return `{${each.join(',')}}`;
}

const item = fc
  .tuple(text, number, fc.array(fc.tuple(text, value), { maxLength: 6 }), fc.nat(6))
  .map(([p, s, others, at]) => {
    const members = others.filter(([name]) => name !== 'p' && name !== 's');
    members.splice(at, 0, ['s', JSON.stringify({ N: s })], ['p', JSON.stringify({ S: p })]);
    return objectOf(members);
  });

describe('rows from the bytes of an answer', () => {
  it('are those that values become', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 4 }), fc.constantFrom(',', ' , ', ',\n'), (items, between) => {
        expect(rowsOf(items.join(between))).toEqual(items.map((one) => byValues(one)));
      }),
      { numRuns: 1000 },
    );
    const every = JSON.stringify(itemToJson(everyType));
    const attributes: readonly KeyAttribute[] = [{ name: 'customer', type: 'S' }];
    expect(rowsOf(every, attributes)).toEqual([byValues(every, attributes)]);
  });

  it('need no values where names are plain and nothing is escaped', () => {
    const plain = '{"s":{"N":"1"},"b":{"M":{"z":{"L":[{"NULL":true}]},"a":{"SS":["y","x"]}}},"p":{"S":"é 🦊"}}';
    expect(isStraight(plain)).toBe(true);
    expect(rowsOf(plain)).toEqual([
      {
        key: 'é 🦊/1',
        row: '{"b":{"M":{"a":{"SS":["x","y"]},"z":{"L":[{"NULL":true}]}}},"p":{"S":"é 🦊"},"s":{"N":"1"}}',
      },
    ]);
    for (const other of [
      '{"p": {"S":"a"}}',
      '{"p":{"S":"a\\n"}}',
      '{"é":{"S":"a"}}',
      '{"1":{"S":"a"}}',
      '{"p":{"B":"AA=="}}',
      '{"p":{"S":"a"},"p":{"S":"b"}}',
      '{"p":{"BOOL":1}}',
      '{"p":{"S":"a","N":"1"}}',
      '{"p":{"S":"a"',
    ])
      expect(isStraight(other)).toBe(false);
  });

  it('keep an attribute named __proto__', () => {
    const json = '{"p":{"S":"\\n"},"s":{"N":"1"},"__proto__":{"S":"x"}}';
    expect(rowsOf(json)[0]?.row).toBe('{"__proto__":{"S":"x"},"p":{"S":"\\n"},"s":{"N":"1"}}');
    const values: AttributeValue | undefined = itemFromJson(JSON.parse(json) as Json)['__proto__'];
    expect(values).toEqual({ S: 'x' });
  });

  it('that are none are refused', () => {
    for (const broken of [
      '{',
      '{"p":{"S":"a"}}',
      '{"p":{"N":"1"},"s":{"N":"1"}}',
      '"text"',
      '1',
      '{} {}',
      '{"p":{"Q":"a"}}',
    ])
      expect(() => rowsOf(broken)).toThrow(expect.objectContaining({ code: 'item.unreadable' }));
  });
});

describe('an answer', () => {
  function cut(json: string, ...names: string[]): string[] {
    const { rest, list } = cutList(Buffer.from(json), names);
    return [Buffer.from(rest).toString(), Buffer.from(list).toString()];
  }

  it('is read without its list', () => {
    expect(cut('{"Count":2,"Items":[{"a":[1,"]"]},{}],"LastEvaluatedKey":{"a":1}}', 'Items')).toEqual([
      '{"Count":2,"Items":[],"LastEvaluatedKey":{"a":1}}',
      '{"a":[1,"]"]},{}',
    ]);
    expect(cut(' { "a" : { "b\\"" : [ 1 ] } , "c" : 5 } ', 'a', 'b"')).toEqual([
      ' { "a" : { "b\\"" : [] } , "c" : 5 } ',
      ' 1 ',
    ]);
    expect(cut('{"Count":0}', 'Items')).toEqual(['{"Count":0}', '']);
    expect(cut('{"Items":null}', 'Items')).toEqual(['{"Items":null}', '']);
  });

  it('that ends early, or is none, is refused', () => {
    for (const broken of ['', '[]', '{"Items":[{}', '{"Items":["a]}', '{"Items" []}', '{"a":1', '{"a":1;"Items":[]}'])
      expect(() => cut(broken, 'Items')).toThrow(expect.objectContaining({ code: 'item.unreadable' }));
  });
});
