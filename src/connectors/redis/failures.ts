import { HoldfastError } from '../../kernel/errors.ts';

/** Failures of single keys: the first thousand in full, the rest as one line with their number. */
export interface FailureList {
  add(error: HoldfastError): void;
  /** As a part of an outcome. */
  found(): { readonly failures?: readonly HoldfastError[] };
}

const failuresKept = 1000;

export function createFailureList(): FailureList {
  const kept: HoldfastError[] = [];
  let more = 0;
  return {
    add(error) {
      if (kept.length < failuresKept) kept.push(error);
      else more++;
    },
    found() {
      if (kept.length === 0) return {};
      if (more === 0) return { failures: kept };
      return { failures: [...kept, new HoldfastError('restore.incomplete', `and ${more} more keys failed`)] };
    },
  };
}
