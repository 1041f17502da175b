import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../kernel/json.ts';
import { fieldChanges } from './fields.ts';

test('names the leaves that differ', () => {
  const before = { Name: 'api', Rules: [{ Status: 'Enabled' }, { Status: 'Enabled' }], Old: 1 };
  const after = { Name: 'api', Rules: [{ Status: 'Enabled' }, { Status: 'Disabled' }], New: { a: 1 } };
  expect(fieldChanges(before, after)).toEqual([
    { field: 'New', after: { a: 1 } },
    { field: 'Old', before: 1 },
    { field: 'Rules[1].Status', before: 'Enabled', after: 'Disabled' },
  ]);
});

test('no change is found exactly between equal values', () => {
  const json = fc.jsonValue() as fc.Arbitrary<Json>;
  fc.assert(
    fc.property(json, json, (a, b) => {
      expect(fieldChanges(a, structuredClone(a))).toEqual([]);
      if (JSON.stringify(sorted(a)) !== JSON.stringify(sorted(b))) expect(fieldChanges(a, b).length).toBeGreaterThan(0);
    }),
  );
});

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value as Readonly<Record<string, Json>>).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
}
