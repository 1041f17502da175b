/** Hashes are below this; whole numbers that doubles hold exactly. */
export const hashSpan = 2 ** 53;

/**
 * 53 bits of a text's bytes ("cyrb53": two multiplicative hashes of 32 bits, finished as MurmurHash3 does). Snapshots hold what
 * comes of it: it never changes. It keeps nothing secret and resists nobody who looks for collisions, and need not: entries
 * are encrypted, and a collision makes a page be read that holds nothing.
 */
export function fieldHash(bytes: Uint8Array, from: number, to: number): number {
  let [low, high] = [0xdeadbeef, 0x41c6ce57];
  for (let at = from; at < to; at++) {
    low = Math.imul(low ^ (bytes[at] as number), 2654435761);
    high = Math.imul(high ^ (bytes[at] as number), 1597334677);
  }
  const first = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  const second = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(first ^ (first >>> 13), 3266489909);
  return (second & 0x1fffff) * 2 ** 32 + (first >>> 0);
}
