/**
 * One budget for the bytes that are on their way: a quarter each for sealed groups between workers and packs, for metadata
 * on its way into packs, for opened groups kept for reading, and for the items of an unsorted collection.
 */
export const defaultMemory = 64 * 1024 * 1024;

/** A quarter is a chunk of the largest size (docs/format.md, 3.3): with less, large files would go one chunk at a time. */
export const leastMemory = 16 * 1024 * 1024;

/** Workers count their quarter in 32 bits. */
export const mostMemory = 4 * 1024 * 1024 * 1024;

/** The share of one kind of bytes in flight. */
export function shareOf(memory: number): number {
  return Math.floor(memory / 4);
}
