import { inverse, invert, multiply } from './galois.ts';

/**
 * Coefficients of a systematic Reed-Solomon code: row i says how parity shard i comes from the data shards. A Cauchy matrix,
 * 1 / (x_i + y_j) with x_i = data + i and y_j = j: every square part of it can be inverted, so that any `parity` lost shards
 * come back (J. Blömer et al., "An XOR-Based Erasure-Resilient Coding Scheme", ICSI TR-95-048, 1995). data + parity ≤ 256.
 */
export function parityRows(data: number, parity: number): number[][] {
  return Array.from({ length: parity }, (_, i) => Array.from({ length: data }, (_, j) => inverse((data + i) ^ j)));
}

// As much of all shards at a time as stays in the processor's cache.
const window = 16 * 1024;
// Products with four rows fit in one word: one look-up for each byte of data gives its part in four parity shards.
const rowsAtOnce = 4;

/**
 * The parity shards of `bytes`, which are the data shards one after another, `shard` bytes each.
 * Returns them one after another.
 */
export function encodeShards(bytes: Uint8Array, shard: number, rows: readonly (readonly number[])[]): Uint8Array {
  const parity = new Uint8Array(rows.length * shard);
  const sums = new Uint32Array(Math.min(window, shard));
  for (let first = 0; first < rows.length; first += rowsAtOnce) {
    const some = rows.slice(first, first + rowsAtOnce);
    const tables = (rows[0] ?? []).map((_, j) => productTable(some.map((row) => row[j] as number)));
    for (let from = 0; from < shard; from += window) {
      const length = Math.min(window, shard - from);
      const part = (j: number): Uint8Array => bytes.subarray(j * shard + from, j * shard + from + length);
      sums.fill(0);
      let j = 0;
      for (; j + 4 <= tables.length; j += 4)
        addFour(sums, tables.slice(j, j + 4), [part(j), part(j + 1), part(j + 2), part(j + 3)]);
      for (; j < tables.length; j++) addOne(sums, tables[j] as Uint32Array, part(j));
      some.forEach((_, i) => {
        const out = parity.subarray((first + i) * shard + from, (first + i) * shard + from + length);
        for (let p = 0; p < length; p++) out[p] = (sums[p] as number) >>> (8 * i);
      });
    }
  }
  return parity;
}

function addOne(sums: Uint32Array, table: Uint32Array, part: Uint8Array): void {
  for (let p = 0; p < part.length; p++) sums[p] = (sums[p] as number) ^ (table[part[p] as number] as number);
}

/** Four shards in one pass: the sums are read and written a quarter as often. */
function addFour(sums: Uint32Array, tables: readonly Uint32Array[], parts: readonly Uint8Array[]): void {
  const [t0, t1, t2, t3] = tables as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  const [a, b, c, d] = parts as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  for (let p = 0; p < a.length; p++) {
    sums[p] =
      (sums[p] as number) ^
      (t0[a[p] as number] as number) ^
      (t1[b[p] as number] as number) ^
      (t2[c[p] as number] as number) ^
      (t3[d[p] as number] as number);
  }
}

/** For each byte its products with up to four coefficients, one in each byte of the word. */
function productTable(coefficients: readonly number[]): Uint32Array {
  const table = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let word = 0;
    coefficients.forEach((coefficient, i) => (word |= multiply(byte, coefficient) << (8 * i)));
    table[byte] = word >>> 0;
  }
  return table;
}

/** How the lost data shards of one stripe come from what is left: of each the shards it is summed from. */
export interface Recovery {
  readonly lost: readonly number[];
  /** Numbers of the shards that are read: data first, then data + i for parity shard i. */
  readonly sources: readonly number[];
  /** For each lost shard a coefficient per source. */
  readonly coefficients: readonly (readonly number[])[];
}

/**
 * Which sums give the lost data shards back. `isLost` of a shard's number, parity shards counted after data. Undefined where
 * more is lost than parity is left.
 */
export function planRecovery(
  data: number,
  rows: readonly (readonly number[])[],
  isLost: (shard: number) => boolean,
): Recovery | undefined {
  const all = Array.from({ length: data }, (_, j) => j);
  const lost = all.filter(isLost);
  const kept = all.filter((j) => !isLost(j));
  const helpers = rows.map((_, i) => i).filter((i) => !isLost(data + i));
  if (helpers.length < lost.length) return undefined;
  const used = helpers.slice(0, lost.length);
  const solved = invert(used.map((i) => lost.map((j) => rows[i]?.[j] as number)));
  if (!solved) return undefined;
  // lost = solved × (parity − Σ kept): spread over kept shards and parity shards.
  const coefficients = solved.map((row) => [
    ...kept.map((j) => row.reduce((sum, c, n) => sum ^ multiply(c, rows[used[n] as number]?.[j] as number), 0)),
    ...row,
  ]);
  return { lost, sources: [...kept, ...used.map((i) => data + i)], coefficients };
}
