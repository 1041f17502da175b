import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everyType } from '../../../test/dynamodb/seed.ts';
import { compactJson } from '../../kernel/json.ts';
import { itemFromJson, itemToJson, sameItem } from './item-json.ts';
import { entryKey, type KeyAttribute } from './item-key.ts';

const unusual = fc.constantFrom(
  '.',
  '..',
  '...',
  '/',
  '%',
  '%2F',
  '%2E',
  '\\',
  '\n',
  '\u0000',
  '\u0085',
  'a/b',
  'é',
  '🦊',
);
const text = fc.oneof(
  unusual,
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.array(unusual, { maxLength: 3 }).map((a) => a.join('')),
);
const bytes = fc.uint8Array({ maxLength: 5 });

const composite: KeyAttribute[] = [
  { name: 'p', type: 'S' },
  { name: 's', type: 'S' },
];

describe('entry keys', () => {
  it('are different for different string keys', () => {
    fc.assert(
      fc.property(text, text, text, text, (p, s, q, t) => {
        const a = entryKey(composite, { p: { S: p }, s: { S: s } });
        const b = entryKey(composite, { p: { S: q }, s: { S: t } });
        expect(a === b).toBe(p === q && s === t);
        expect(a.split('/')).toHaveLength(2);
        for (const segment of a.split('/')) expect(['', '.', '..']).not.toContain(segment);
        expect(a).not.toMatch(/\p{Cc}|\\/u);
      }),
      { numRuns: 1000 },
    );
  });

  it('are different for different binary and numeric keys', () => {
    const key: KeyAttribute[] = [
      { name: 'p', type: 'B' },
      { name: 's', type: 'N' },
    ];
    fc.assert(
      fc.property(bytes, fc.integer(), bytes, fc.integer(), (p, s, q, t) => {
        const a = entryKey(key, { p: { B: p }, s: { N: String(s) } });
        const b = entryKey(key, { p: { B: q }, s: { N: String(t) } });
        expect(a === b).toBe(Buffer.from(p).equals(q) && s === t);
      }),
      { numRuns: 1000 },
    );
  });

  it('are readable', () => {
    expect(entryKey(composite, { p: { S: 'customer#42' }, s: { S: '2026-11-20T10:00:00Z ü' } })).toBe(
      'customer#42/2026-11-20T10:00:00Z ü',
    );
    expect(entryKey(composite, { p: { S: 'a/b' }, s: { S: '..' } })).toBe('a%2Fb/%2E%2E');
    expect(() => entryKey(composite, { p: { S: 'a' } })).toThrow(/key attribute s/);
  });
});

const value: fc.Arbitrary<AttributeValue> = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text.map((S) => ({ S })),
    fc.bigInt().map((n) => ({ N: String(n) })),
    bytes.map((B) => ({ B })),
    fc.boolean().map((BOOL) => ({ BOOL })),
    fc.constant({ NULL: true }),
    fc.uniqueArray(text, { minLength: 1, maxLength: 4 }).map((SS) => ({ SS })),
    fc.uniqueArray(fc.integer().map(String), { minLength: 1, maxLength: 4 }).map((NS) => ({ NS })),
    fc.array(tie('value'), { maxLength: 4 }).map((L) => ({ L })),
    fc
      .dictionary(
        text.filter((name) => name !== '__proto__'),
        tie('value'),
        { maxKeys: 4 },
      )
      .map((M) => ({ M })),
  ),
})).value;

describe('items as JSON', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('a', 'b', 'c', ''), value), (item) => {
        const json = JSON.parse(compactJson(itemToJson(item)));
        expect(sameItem(itemFromJson(json), item)).toBe(true);
        expect(compactJson(itemToJson(itemFromJson(json)))).toBe(compactJson(json));
      }),
      { numRuns: 1000 },
    );
    expect(sameItem(itemFromJson(itemToJson(everyType)), everyType)).toBe(true);
  });

  it('keep 38 digits, and do not care about the order of sets', () => {
    expect(compactJson(itemToJson({ n: { N: '12345678901234567890123456789012345678' } }))).toBe(
      '{"n":{"N":"12345678901234567890123456789012345678"}}',
    );
    expect(sameItem({ s: { SS: ['a', 'b'] } }, { s: { SS: ['b', 'a'] } })).toBe(true);
    expect(sameItem({ s: { L: [{ S: 'a' }, { S: 'b' }] } }, { s: { L: [{ S: 'b' }, { S: 'a' }] } })).toBe(false);
    expect(sameItem({ s: { S: '1' } }, { s: { N: '1' } })).toBe(false);
  });

  it('that are none are refused', () => {
    for (const broken of ['text', 5, null, [], { a: 'x' }, { a: { Q: 'x' } }, { a: { S: 5 } }, { a: { SS: 'x' } }]) {
      expect(() => itemFromJson(broken)).toThrow(expect.objectContaining({ code: 'item.unreadable' }));
    }
  });
});
