import { noise } from './small-repository.ts';

/** So many files of noise, `f000` and on, that are other ones for each seed; `length` in bytes. */
export function numberedFiles(count: number, seed: string, length = 3000): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`f${String(i).padStart(3, '0')}`, noise(length, `${seed}/${i}`)]),
  );
}

/** Files of 3,000 bytes with these names, apart by spaces; other ones for each seed. */
export function namedFiles(names: string, seed: string): Record<string, string> {
  return Object.fromEntries(names.split(' ').map((name) => [name, noise(3000, `${seed}/${name}`)]));
}
