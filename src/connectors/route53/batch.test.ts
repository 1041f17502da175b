import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchesOf, costOf, requestLimits, unitsOf } from './batch.ts';
import type { RecordChange } from './diff.ts';
import { recordKey } from './names.ts';

const name = fc
  .constantFrom('a.example.com.', 'b.example.com.', 'c.example.com.', '*.example.com.')
  .chain((base) => fc.integer({ min: 0, max: 60 }).map((n) => (n < 10 ? base : `n${n}.${base}`)));
const plainSet = fc.record({
  Name: name,
  Type: fc.constantFrom('A' as const, 'TXT' as const, 'CNAME' as const),
  SetIdentifier: fc.option(fc.string({ minLength: 1, maxLength: 5 }), { nil: undefined }),
  TTL: fc.constant(60),
  ResourceRecords: fc.array(
    fc.integer({ min: 1, max: 4000 }).map((length) => ({ Value: 'x'.repeat(length) })),
    { minLength: 1, maxLength: 8 },
  ),
});
const aliasSet = fc.record({
  Name: name,
  Type: fc.constantFrom('A' as const, 'AAAA' as const),
  AliasTarget: fc.constant({ HostedZoneId: 'Z1', DNSName: 'x.example.com.', EvaluateTargetHealth: false }),
});
const changes: fc.Arbitrary<RecordChange[]> = fc
  .uniqueArray(
    fc.tuple(
      fc.constantFrom('CREATE' as const, 'UPSERT' as const, 'DELETE' as const),
      fc.oneof(plainSet as fc.Arbitrary<ResourceRecordSet>, aliasSet as fc.Arbitrary<ResourceRecordSet>),
    ),
    { maxLength: 400, selector: ([, set]) => recordKey(set) },
  )
  .map((pairs) => pairs.map(([action, set]) => ({ action, set, key: recordKey(set) })));

describe('batches of record changes', () => {
  it('hold every change once, within the limits unless a unit alone exceeds them', () => {
    fc.assert(
      fc.property(changes, (all) => {
        const batches = batchesOf(unitsOf(all));
        expect(
          batches
            .flat(2)
            .map((change) => change.key)
            .sort(),
        ).toEqual(all.map((change) => change.key).sort());
        for (const batch of batches) {
          const { records, characters } = costOf(batch.flat());
          if (batch.length > 1) {
            expect(records).toBeLessThanOrEqual(requestLimits.records);
            expect(characters).toBeLessThanOrEqual(requestLimits.characters);
          }
        }
      }),
    );
  });

  it('are filled: no two neighbours would fit into one', () => {
    fc.assert(
      fc.property(changes, (all) => {
        const batches = batchesOf(unitsOf(all));
        for (const [index, batch] of batches.slice(1).entries()) {
          const both = costOf([...(batches[index] ?? []), ...(batch[0] === undefined ? [] : [batch[0]])].flat());
          expect(both.records > requestLimits.records || both.characters > requestLimits.characters).toBe(true);
        }
      }),
    );
  });

  it('keep what a name loses with what it gets, deletions first, and aliases last', () => {
    fc.assert(
      fc.property(changes, (all) => {
        const units = unitsOf(all);
        for (const unit of units) {
          const actions = unit.map((change) => change.action);
          const first = actions.findIndex((action) => action !== 'DELETE');
          expect(first === -1 || !actions.slice(first).includes('DELETE')).toBe(true);
          if (unit.length > 1) expect(new Set(unit.map((change) => change.set.Name)).size).toBe(1);
        }
        const replaced = new Set(all.filter((c) => c.action === 'DELETE').map((c) => c.set.Name));
        for (const [index, unit] of units.entries()) {
          const gets = unit.some((change) => change.action !== 'DELETE');
          if (!gets) continue;
          // A name that loses a record elsewhere has lost it here.
          const [first] = unit;
          if (first && replaced.has(first.set.Name))
            expect(unit.some((change) => change.action === 'DELETE')).toBe(true);
          const alias = unit.some((change) => change.set.AliasTarget !== undefined);
          if (alias) {
            const later = units.slice(index + 1).flat();
            expect(
              later
                .filter((c) => c.action !== 'DELETE')
                .every((c) => c.set.AliasTarget !== undefined || replaced.has(c.set.Name)),
            ).toBe(true);
          }
        }
      }),
    );
  });

  it('count an UPSERT twice and an alias once', () => {
    const set = { Name: 'a.', Type: 'TXT' as const, ResourceRecords: [{ Value: 'abc' }, { Value: 'de' }] };
    const alias = {
      Name: 'a.',
      Type: 'A' as const,
      AliasTarget: { HostedZoneId: 'Z', DNSName: 'b.', EvaluateTargetHealth: false },
    };
    expect(costOf([{ action: 'CREATE', key: '', set }])).toEqual({ records: 2, characters: 5 });
    expect(costOf([{ action: 'UPSERT', key: '', set }])).toEqual({ records: 4, characters: 10 });
    expect(costOf([{ action: 'CREATE', key: '', set: alias }])).toEqual({ records: 1, characters: 0 });
  });
});
