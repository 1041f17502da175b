/** A set of small numbers, one bit each; grows with the largest. */
export interface BitSet {
  has(number: number): boolean;
  /** True when the number was not in the set before. */
  add(number: number): boolean;
  readonly size: number;
}

export function createBitSet(capacity = 1024): BitSet {
  let bits = new Uint8Array((capacity + 7) >> 3);
  let size = 0;
  return {
    has: (number) => ((bits[number >>> 3] ?? 0) & (1 << (number & 7))) !== 0,
    add(number) {
      const at = number >>> 3;
      if (at >= bits.length) {
        const grown = new Uint8Array(Math.max(bits.length * 2, at + 1));
        grown.set(bits);
        bits = grown;
      }
      const mask = 1 << (number & 7);
      const byte = bits[at] as number;
      if ((byte & mask) !== 0) return false;
      bits[at] = byte | mask;
      size++;
      return true;
    },
    get size() {
      return size;
    },
  };
}
