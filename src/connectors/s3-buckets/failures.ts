import { HoldfastError } from '../../kernel/errors.ts';
import type { Bucket } from './bucket.ts';

/** An outcome names this many failed items one by one. */
const failuresNamed = 100;

/** The keys of one action that failed. */
export interface Failures {
  add(key: string, error: HoldfastError): void;
  has(key: string): boolean;
  summary(): readonly HoldfastError[];
}

/** Remembers which keys failed, and why for the first hundred: with a policy that denies all, it is every key of the bucket. */
export function collectFailures(bucket: Bucket): Failures {
  const keys = new Set<string>();
  const named: HoldfastError[] = [];
  return {
    add(key, error) {
      keys.add(key);
      if (named.length < failuresNamed) named.push(error);
    },
    has: (key) => keys.has(key),
    summary() {
      const [first] = named;
      const more = keys.size - named.length;
      if (!first || more === 0) return named;
      const rest = new HoldfastError(first.code, `${more} more objects of ${bucket.label} failed`, {
        resource: bucket.label,
      });
      return [...named, rest];
    },
  };
}
