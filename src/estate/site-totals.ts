import type { ResourceRecord } from '../repository/contract.ts';
import type { SiteTotals } from './contract.ts';

/** What each site and environment has of the resources, sorted by both. */
export function siteTotals(records: Iterable<ResourceRecord>): SiteTotals[] {
  const sums = new Map<string, { -readonly [Field in keyof SiteTotals]: SiteTotals[Field] }>();
  for (const { site, environment, entries, bytes, outcome } of records) {
    if (site === undefined) continue;
    const key = `${site}\0${environment ?? ''}`;
    const place = environment === undefined ? { site } : { site, environment };
    const sum = sums.get(key) ?? { ...place, resources: 0, partial: 0, entries: 0, bytes: 0 };
    sum.resources++;
    sum.entries += entries;
    sum.bytes += bytes;
    if (outcome === 'partial') sum.partial++;
    sums.set(key, sum);
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
}
