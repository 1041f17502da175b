import { HoldfastError } from '../kernel/errors.ts';

/** Failures of single items of a restore: the first thousand in full, the rest as one line with their number. */
export interface FailureList {
  add(error: HoldfastError): void;
  list(): HoldfastError[];
}

const failuresKept = 1000;

/** `items`: what they are called: `keys`, `entries`. */
export function createFailureList(items: string): FailureList {
  const kept: HoldfastError[] = [];
  let more = 0;
  return {
    add(error) {
      if (kept.length < failuresKept) kept.push(error);
      else more++;
    },
    list() {
      if (more === 0) return [...kept];
      return [...kept, new HoldfastError('restore.incomplete', `and ${more} more ${items} failed`)];
    },
  };
}
