import { utf8 } from '../../../../kernel/bytes.ts';
import type { CapturedEntry } from '../../../../kernel/entry.ts';
import type { Json } from '../../../../kernel/json.ts';
import { fieldHash } from './field-hash.ts';
import { holdsAny, type NumberSet } from './number-set.ts';
import { hashPlace, summaryDetail } from './page-values.ts';

/**
 * Says of a page whether it may hold rows with one of these values in these columns, by its summary: false is certain, true is
 * not. `values`: fields as COPY writes them, tabs between columns. A page without a summary, or with one of other columns,
 * may hold anything.
 */
export function pagesHolding(columns: readonly string[], values: Iterable<string>): (page: CapturedEntry) => boolean {
  const wanted = [...values];
  // What was no UTF-8 was read as this character, and cannot be told any more.
  if (wanted.some((value) => value.includes('\ufffd'))) return () => true;
  const numbers = Float64Array.from(wanted.filter(isWholeNumber).map(Number)).sort();
  const hashes = Float64Array.from(
    wanted.map((value) => {
      const bytes = utf8(value);
      return fieldHash(bytes, 0, bytes.length);
    }),
  ).sort();
  return ({ details }) => {
    const summary = readSummary(details[summaryDetail], columns);
    if (summary === undefined) return true;
    const { least, set } = summary;
    if (least === undefined) return holdsAny(set, (i) => hashPlace(hashes[i] as number, set.range), 0, hashes.length);
    const from = firstNotBelow(numbers, least);
    return holdsAny(set, (i) => (numbers[i] as number) - least, from, firstNotBelow(numbers, least + set.range + 1));
  };
}

/** As the server writes those that a summary tells exactly. */
function isWholeNumber(value: string): boolean {
  return /^-?\d{1,15}$/.test(value) && String(Number(value)) === value;
}

function readSummary(
  value: Json | undefined,
  columns: readonly string[],
): { readonly least?: number; readonly set: NumberSet } | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  const { columns: names, least, count, range, bits, set } = value as Readonly<Record<string, Json | undefined>>;
  if (JSON.stringify(names) !== JSON.stringify(columns)) return undefined;
  if (typeof count !== 'number' || typeof range !== 'number' || typeof bits !== 'number') return undefined;
  if (typeof set !== 'string' || !(least === undefined || typeof least === 'number')) return undefined;
  const bytes = Buffer.from(set, 'base64');
  return { set: { count, range, bits, bytes }, ...(least === undefined ? {} : { least }) };
}

function firstNotBelow(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
