/** A seeded source of numbers (mulberry32): the same seed gives the same run. */
export interface Random {
  /** Below `limit`. */
  below(limit: number): number;
  /** True one time in `times`. */
  oneIn(times: number): boolean;
  pick<T>(list: readonly T[]): T;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }
  return {
    below: (limit) => next() % limit,
    oneIn: (times) => next() % times === 0,
    pick: (list) => list[next() % list.length] as (typeof list)[number],
  };
}
