import type { RecordChange } from './diff.ts';
import { canonicalName } from './names.ts';

/** Changes that go through together or not at all. */
export type Unit = readonly RecordChange[];

export interface BatchLimits {
  readonly records: number;
  readonly characters: number;
}

/** Of one ChangeResourceRecordSets request; UPSERT counts twice in both (developer guide, DNSLimitations). */
export const requestLimits: BatchLimits = { records: 1000, characters: 32_000 };

export interface Cost {
  readonly records: number;
  /** Sum of the lengths of all values. */
  readonly characters: number;
}

export function costOf(changes: Unit): Cost {
  let records = 0;
  let characters = 0;
  for (const { action, set } of changes) {
    const values = set.ResourceRecords ?? [];
    const times = action === 'UPSERT' ? 2 : 1;
    records += times * Math.max(1, values.length);
    characters += times * values.reduce((sum, record) => sum + (record.Value?.length ?? 0), 0);
  }
  return { records, characters };
}

/**
 * The changes as units, in an order in which each can go through: deletions of aliases, other deletions, records, and last the
 * aliases that may point at them. Where a name loses a record and gets another (a CNAME becomes an address, a simple record
 * a weighted one), both are one unit, deletion first: the name is never left without an answer by half a change.
 */
export function unitsOf(changes: readonly RecordChange[]): Unit[] {
  const byName = new Map<string, RecordChange[]>();
  for (const change of changes) {
    const name = canonicalName(change.set.Name ?? '');
    byName.set(name, [...(byName.get(name) ?? []), change]);
  }
  const units = [...byName.values()].flatMap((group): Unit[] => {
    const deletions = group.filter((change) => change.action === 'DELETE');
    const rest = group.filter((change) => change.action !== 'DELETE');
    return deletions.length > 0 && rest.length > 0 ? [[...deletions, ...rest]] : group.map((change) => [change]);
  });
  return units.sort((a, b) => rank(a) - rank(b));
}

/** Consecutive units in as few requests as the limits allow. A unit that alone exceeds them goes alone, for Route 53 to judge. */
export function batchesOf(units: readonly Unit[], limits: BatchLimits = requestLimits): Unit[][] {
  const batches: Unit[][] = [];
  let filled = { records: 0, characters: 0 };
  for (const unit of units) {
    const cost = costOf(unit);
    const sum = { records: filled.records + cost.records, characters: filled.characters + cost.characters };
    const last = batches.at(-1);
    if (last && sum.records <= limits.records && sum.characters <= limits.characters) {
      last.push(unit);
      filled = sum;
    } else {
      batches.push([unit]);
      filled = cost;
    }
  }
  return batches;
}

function rank(unit: Unit): number {
  const alias = unit.some((change) => change.set.AliasTarget !== undefined);
  if (unit.every((change) => change.action === 'DELETE')) return alias ? 0 : 1;
  return alias ? 3 : 2;
}
