import { asBuffer } from '../../../../kernel/bytes.ts';
import type { Json } from '../../../../kernel/json.ts';
import { gatherNumbers, withoutRepeats } from './distinct-numbers.ts';
import { fieldHash, hashSpan } from './field-hash.ts';
import { findField, isNull, wholeNumber } from './line-fields.ts';
import { encodeNumbers, numberSetBits, type NumberSet } from './number-set.ts';
import type { PageSummary } from '../../read-page.ts';

/** The key of a page's summary among its details. */
export const summaryDetail = 'values';

/** Columns of a table whose values the entries of its pages tell. */
export interface SummarisedColumns {
  readonly names: readonly string[];
  /** Where they are in a line. */
  readonly at: readonly number[];
  /** It is one column, of a type whose values are whole numbers. */
  readonly integers: boolean;
  /** Pages are asked for many values at once: fewer of them may seem to be there. */
  readonly many: boolean;
}

/** A value that a page does not hold seems to be there once in 2^bits times: where one is asked for, and where many are. */
const bitsForOne = 10;
const bitsForMany = 20;
const leastBits = 4;

/** A summary takes a part of its page's bytes, or these few; what does not fit is told less exactly, or not at all. */
const pageShare = 1 / 32;
const fewBits = 1024;
/** About what Rice's code adds to each number. */
const extraBits = 2;

/** What has more values tells none. */
const mostValues = 1 << 18;

const newline = 0x0a;
const tab = Buffer.from('\t');

/**
 * Gathers the values of some columns from lines of COPY's text format, as COPY writes them; a line with a NULL among them has
 * none. Whole numbers that lie closely are told exactly, all others by hashes.
 */
export function pageSummary({ names, at, integers, many }: SummarisedColumns): PageSummary {
  const numbers = gatherNumbers(mostValues);
  const hashes = gatherNumbers(mostValues);
  let exact = integers;
  let open = Buffer.alloc(0);
  let pageBytes = 0;
  const place = { from: 0, to: 0 };
  const column = at[0] ?? 0;

  function addLine(bytes: Buffer, start: number, end: number): void {
    if (at.length !== 1) return addFields(bytes, start, end);
    findField(bytes, start, end, column, place);
    if (isNull(bytes, place)) return;
    hashes.add(fieldHash(bytes, place.from, place.to));
    if (!exact) return;
    const number = wholeNumber(bytes, place);
    if (number === undefined) exact = false;
    else numbers.add(number);
  }
  function addFields(bytes: Buffer, start: number, end: number): void {
    const parts: Buffer[] = [];
    for (const one of at) {
      findField(bytes, start, end, one, place);
      if (isNull(bytes, place)) return;
      if (parts.length > 0) parts.push(tab);
      parts.push(bytes.subarray(place.from, place.to));
    }
    const joined = Buffer.concat(parts);
    hashes.add(fieldHash(joined, 0, joined.length));
  }
  return {
    add(piece) {
      pageBytes += piece.length;
      const block = open.length === 0 ? asBuffer(piece) : Buffer.concat([open, piece]);
      let start = 0;
      for (let end = block.indexOf(newline); end !== -1; end = block.indexOf(newline, start)) {
        addLine(block, start, end);
        start = end + 1;
      }
      open = Buffer.from(block.subarray(start));
    },
    details() {
      if (hashes.isFull()) return {};
      const room = Math.max(fewBits, pageBytes * 8 * pageShare);
      const bits = many ? bitsForMany : bitsForOne;
      const found =
        (exact ? toldExactly(numbers.sorted(), room, bits) : undefined) ?? toldByHash(hashes.sorted(), room, bits);
      return found === undefined ? {} : { [summaryDetail]: { columns: [...names], ...found } };
    },
  };
}

type Sorted = ReturnType<ReturnType<typeof gatherNumbers>['sorted']>;

function toldExactly(
  { numbers, count }: Sorted,
  room: number,
  bits: number,
): { readonly [key: string]: Json } | undefined {
  const least = numbers[0] ?? 0;
  const range = (numbers[count - 1] ?? 0) - least;
  const needed = numberSetBits(count, range);
  // Hashes say almost the same in less.
  if (needed > Math.min(room, fewBits + count * (bits + extraBits))) return undefined;
  const distances = numbers.subarray(0, count).map((number) => number - least);
  return { least, ...asJson(encodeNumbers(distances, count, range)) };
}

function toldByHash(
  { numbers, count }: Sorted,
  room: number,
  most: number,
): { readonly [key: string]: Json } | undefined {
  const bits = Math.min(most, Math.floor(room / Math.max(count, 1)) - extraBits);
  if (bits < leastBits) return undefined;
  const range = count * 2 ** bits;
  const places = numbers.subarray(0, count).map((hash) => hashPlace(hash, range));
  return asJson(encodeNumbers(places, withoutRepeats(places), range));
}

/** Where from 0 to `range` a hash lies; in the same order as hashes. */
export function hashPlace(hash: number, range: number): number {
  return Math.floor(hash * (range / hashSpan));
}

function asJson({ count, range, bits, bytes }: NumberSet): { readonly [key: string]: Json } {
  return { count, range, bits, set: Buffer.from(bytes).toString('base64') };
}
