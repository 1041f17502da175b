import type { ByteText } from './byte-text.ts';

/** The names in one directory, sorted by their bytes. */
export interface Names {
  readonly length: number;
  at(index: number): ByteText;
}

// Fewer are no burden, and quicker as they are.
const packedFrom = 10_000;

/**
 * Many names are kept outside the heap, one after another: a million strings that live as long as their directory is walked
 * let the heap grow to several times their size before anything is collected.
 */
export function sortedNames(names: ByteText[]): Names {
  names.sort();
  if (names.length < packedFrom) return { length: names.length, at: (index) => names[index] as ByteText };
  // Where each name begins, and where the last one ends.
  const starts = new Float64Array(names.length + 1);
  for (const [i, name] of names.entries()) starts[i + 1] = (starts[i] as number) + name.length;
  const packed = Buffer.allocUnsafeSlow(starts[names.length] as number);
  for (const [i, name] of names.entries()) packed.write(name, starts[i] as number, 'latin1');
  return {
    length: names.length,
    at: (index) => packed.toString('latin1', starts[index], starts[index + 1]),
  };
}
