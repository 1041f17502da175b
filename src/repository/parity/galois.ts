/**
 * Arithmetic in GF(2^8) with the polynomial x^8 + x^4 + x^3 + x^2 + 1 (0x11d), by tables of logarithms. Addition is XOR.
 * J. S. Plank, "A Tutorial on Reed-Solomon Coding for Fault-Tolerance in RAID-like Systems", Software: Practice and
 * Experience 27(9), 1997, section 4.
 */
const exponents = new Uint8Array(510);
const logarithms = new Uint8Array(256);
for (let i = 0, x = 1; i < 255; i++) {
  exponents[i] = x;
  exponents[i + 255] = x;
  logarithms[x] = i;
  x <<= 1;
  if (x & 0x100) x ^= 0x11d;
}

export function multiply(a: number, b: number): number {
  if (a === 0 || b === 0) return 0;
  return exponents[(logarithms[a] as number) + (logarithms[b] as number)] as number;
}

const products = new Uint8Array(256 * 256);
for (let a = 1; a < 256; a++) for (let b = 1; b < 256; b++) products[a * 256 + b] = multiply(a, b);

/** The products of a number with every byte. */
export function productsOf(a: number): Uint8Array {
  return products.subarray(a * 256, a * 256 + 256);
}

/** Of a number other than 0. */
export function inverse(a: number): number {
  return exponents[255 - (logarithms[a] as number)] as number;
}

/** Inverts a square matrix of rows by Gauss-Jordan elimination; undefined where it has no inverse. */
export function invert(matrix: readonly (readonly number[])[]): number[][] | undefined {
  const size = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => Number(i === j))]);
  for (let column = 0; column < size; column++) {
    const pivot = rows.findIndex((row, i) => i >= column && row[column] !== 0);
    if (pivot < 0) return undefined;
    [rows[column], rows[pivot]] = [rows[pivot] as number[], rows[column] as number[]];
    const row = rows[column] as number[];
    const factor = inverse(row[column] as number);
    for (let j = 0; j < row.length; j++) row[j] = multiply(row[j] as number, factor);
    for (const other of rows) {
      const times = other[column] as number;
      if (other === row || times === 0) continue;
      for (let j = 0; j < other.length; j++) other[j] = (other[j] as number) ^ multiply(row[j] as number, times);
    }
  }
  return rows.map((row) => row.slice(size));
}
