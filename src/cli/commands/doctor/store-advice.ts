import type { ObjectStore } from '../../../storage/contract.ts';
import { countOf, formatBytes } from '../../output/units.ts';
import type { Check } from './run.ts';

/**
 * Least time and size that Amazon bills for an object of a class (Amazon S3 pricing page, autumn 2025). Glacier and Deep
 * Archive add 40 KB to each object instead of a least size.
 */
const billing: Readonly<Record<string, { readonly days: number; readonly least?: number; readonly added?: number }>> = {
  STANDARD_IA: { days: 30, least: 128 * 1024 },
  ONEZONE_IA: { days: 30, least: 128 * 1024 },
  GLACIER_IR: { days: 90, least: 128 * 1024 },
  GLACIER: { days: 90, added: 40 * 1024 },
  DEEP_ARCHIVE: { days: 180, added: 40 * 1024 },
};

/** Packs smaller than this are mostly overhead in an archive class. */
const small = 256 * 1024;

/** What the class of data packs means for this repository: how long they are paid for, and whether many are too small. */
export async function* adviseOnClass(store: ObjectStore, storageClass: string): AsyncGenerator<Check> {
  const rule = billing[storageClass];
  if (rule === undefined || !store.capabilities.storageClasses) return;
  const base = { group: 'store', name: 'class of data packs' } as const;
  if (storageClass === 'ONEZONE_IA') {
    const hint = 'Use it for a second copy only.';
    yield { ...base, outcome: 'warn', said: 'ONEZONE_IA is lost with its zone', hint };
  }
  const limit = rule.least ?? small;
  let [packs, few, bytes] = [0, 0, 0];
  for await (const { size, storageClass: found } of store.list('data/')) {
    if (found !== storageClass) continue;
    packs++;
    bytes += size;
    if (size < limit) few++;
  }
  const billed =
    rule.least === undefined
      ? `each with ${formatBytes(rule.added ?? 0)} more`
      : `of ${formatBytes(rule.least)} at least`;
  const said = `${storageClass}: ${countOf(packs, 'pack')} (${formatBytes(bytes)}), billed for ${rule.days} days at least, ${billed}`;
  if (few * 2 <= packs || packs < 20) {
    yield { ...base, outcome: 'ok', said };
    return;
  }
  const hint = `${countOf(few, 'pack')} are below ${formatBytes(limit)}: take fewer snapshots, or use STANDARD for this estate.`;
  yield { ...base, outcome: 'warn', said, hint };
}
