import { array, assert, bigInt, constant, constantFrom, integer, nat, oneof, property, string, uuid } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Attributes, CapturedEntry } from '../../../../kernel/entry.ts';
import { formatCopyLine } from '../../copy-text.ts';
import { pagesHolding } from './may-hold.ts';
import { pageSummary, summaryDetail } from './page-values.ts';

type Row = readonly (string | null)[];

function detailsOf(rows: readonly Row[], at: readonly number[], options: { integers?: boolean; cut?: number } = {}) {
  const { integers = false, cut = 1 << 20 } = options;
  const summary = pageSummary({ names: at.map((i) => `c${i}`), at, integers, many: true });
  const bytes = Buffer.from(rows.map((row) => `${formatCopyLine(row)}\n`).join(''));
  for (let from = 0; from < bytes.length; from += cut) summary.add(bytes.subarray(from, from + cut));
  return summary.details();
}

function page(details: Attributes): CapturedEntry {
  const facts = { attributes: {}, details, secret: false, fingerprint: '', contentId: '' };
  return { key: new Uint8Array(), kind: 'blob', size: 0, ...facts };
}

function mayHold(details: Attributes, at: readonly number[], ...values: readonly (readonly string[])[]): boolean {
  const columns = at.map((i) => `c${i}`);
  return pagesHolding(
    columns,
    values.map((value) => formatCopyLine(value)),
  )(page(details));
}

const text = oneof(constantFrom('', '1', '-1', '01', 'a\tb', '\n', '\\', 'é', '\\N', '\ufffd'), string(), uuid());
const whole = oneof(integer(), nat(3), bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })).map(String);
const field = oneof(constant(null), text, whole);

describe('the summary of a page', () => {
  test('never denies a value that is there, whatever values are and wherever pieces are cut', () => {
    assert(
      property(array(array(field, { minLength: 3, maxLength: 3 })), integer({ min: 1, max: 50 }), (rows, cut) => {
        for (const at of [[0], [2], [2, 0]]) {
          const details = detailsOf(rows, at, { cut });
          for (const row of rows) {
            const value = at.map((i) => row[i]);
            if (value.every((one) => typeof one === 'string')) expect(mayHold(details, at, value)).toBe(true);
          }
        }
      }),
    );
  });

  test('never denies one of many whole numbers, close to each other or not', () => {
    assert(
      property(array(whole), array(whole), (held, others) => {
        const details = detailsOf(
          held.map((value) => [value]),
          [0],
          { integers: true },
        );
        for (const value of held) expect(mayHold(details, [0], [value], ...others.map((other) => [other]))).toBe(true);
      }),
    );
  });

  test('tells whole numbers that lie closely exactly, in a few bits', () => {
    const rows = Array.from({ length: 2000 }, (_, i) => [String(i * 3 - 900), 'x'.repeat(60)]);
    const details = detailsOf(rows, [0], { integers: true });
    for (let value = -1000; value < 6000; value++)
      expect(mayHold(details, [0], [String(value)])).toBe(value >= -900 && value < 5100 && value % 3 === 0);
    expect(JSON.stringify(details).length).toBeLessThan(1300);
  });

  test('denies nearly all others, also when asked for thousands at once', () => {
    const rows = Array.from({ length: 1000 }, (_, i) => [`tenant ${i % 700}`, 'x'.repeat(150)]);
    const details = detailsOf(rows, [0]);
    const others = Array.from({ length: 5000 }, (_, i) => [`nobody ${i}`]);
    expect(others.filter((value) => mayHold(details, [0], value)).length).toBeLessThan(20);
    const many = Array.from({ length: 100 }, (_, i) => others.slice(i * 50, i * 50 + 50));
    expect(many.filter((values) => mayHold(details, [0], ...values)).length).toBeLessThan(20);
    expect(JSON.stringify(details).length).toBeLessThan((rows.length * 162) / 20);
  });

  test('is left out where it would be as long as the page, and then denies nothing', () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => [`${i * 7919}`]);
    expect(detailsOf(rows, [0])).toEqual({});
    expect(mayHold({}, [0], ['anything'])).toBe(true);
  });

  test('denies nothing of other columns, of bytes that are no text, and where it is not what it should be', () => {
    const details = detailsOf([['a', 'b']], [0]);
    expect(mayHold(details, [0], ['b'])).toBe(false);
    expect(mayHold(details, [1], ['b'])).toBe(true);
    expect(mayHold(details, [0, 1], ['x', 'y'])).toBe(true);
    expect(mayHold(details, [0], ['\ufffd'])).toBe(true);
    expect(mayHold({ [summaryDetail]: ['?'] }, [0], ['b'])).toBe(true);
    expect(mayHold({ [summaryDetail]: { columns: ['c0'], count: 1, range: 1 } }, [0], ['b'])).toBe(true);
  });

  // Snapshots hold these: what was written once must be read for ever.
  test('stays what it was', () => {
    const rows = ['7', '9', '12', '900', null, '9'].map((value) => [value, 'x']);
    const whole = { columns: ['c0'], count: 4, least: 7, range: 893, bits: 7, set: 'AAEC/dw=' };
    expect(detailsOf(rows, [0], { integers: true })).toEqual({ values: whole });
    const hashed = { columns: ['c0'], count: 4, range: 4194304, bits: 20, set: 'Fr3VuU9LWi9YMVg=' };
    expect(detailsOf(rows, [0])).toEqual({ values: hashed });
    const two = { columns: ['c0', 'c1'], count: 1, range: 1048576, bits: 20, set: 'GZ3I' };
    expect(detailsOf([['é\t', 'Ω']], [0, 1])).toEqual({ values: two });
    const nothing = { columns: ['c0'], count: 0, least: 0, range: 0, bits: 0, set: '' };
    expect(detailsOf([[null, 'x']], [0], { integers: true })).toEqual({ values: nothing });
  });
});
