/** Numbers from 0 on, one bit each; grows with the largest. */
export interface BitSet {
  /** True when the number was not in it. */
  add(number: number): boolean;
  has(number: number): boolean;
}

export function createBitSet(): BitSet {
  let words = new Uint32Array(1024);
  return {
    add(number) {
      const at = number >>> 5;
      if (at >= words.length) {
        const grown = new Uint32Array(Math.max(at + 1, words.length * 2));
        grown.set(words);
        words = grown;
      }
      const before = words[at] as number;
      const after = (before | (1 << (number & 31))) >>> 0;
      words[at] = after;
      return before !== after;
    },
    has: (number) => (((words[number >>> 5] ?? 0) >>> (number & 31)) & 1) === 1,
  };
}
