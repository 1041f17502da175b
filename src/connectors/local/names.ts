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
  const ends = new Float64Array(names.length);
  let bytes = 0;
  for (let i = 0; i < names.length; i++) {
    bytes += (names[i] as ByteText).length;
    ends[i] = bytes;
  }
  const packed = Buffer.allocUnsafeSlow(bytes);
  for (let i = 0; i < names.length; i++) packed.write(names[i] as ByteText, i === 0 ? 0 : ends[i - 1], 'latin1');
  return {
    length: names.length,
    at: (index) => packed.toString('latin1', index === 0 ? 0 : ends[index - 1], ends[index]),
  };
}
