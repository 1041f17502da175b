import { createHash } from 'node:crypto';

/** Numbers that follow from a seed, whatever happens around them. */
export interface Dice {
  /** From 0 on, below 1. */
  next(): number;
  /** A whole number from 0 on, below `limit`. */
  below(limit: number): number;
  pick<T>(of: readonly T[]): T;
  /** One of the names, each as often as its weight says. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name;
  /** Mostly short, sometimes long: an exponential distribution with this mean. */
  span(mean: number): number;
}

export function createDice(seed: string): Dice {
  let drawn = 0;
  function next(): number {
    return createHash('sha256').update(`${seed}/${drawn++}`).digest().readUIntBE(0, 6) / 2 ** 48;
  }
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    pick: (of) => of[below(of.length)] as (typeof of)[number],
    weighted(weights) {
      const entries = Object.entries(weights) as [keyof typeof weights, number][];
      let at = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [name, weight] of entries) if ((at -= weight) < 0) return name;
      return (entries.at(-1) as [keyof typeof weights, number])[0];
    },
    span: (mean) => Math.ceil(-Math.log(1 - next()) * mean),
  };
}
