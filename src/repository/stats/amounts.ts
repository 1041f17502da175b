import type { Amount } from './contract.ts';

/** An amount that is being added up. Stored bytes are fractions until the end. */
export interface Sum {
  add(plainBytes: number, storedBytes: number): void;
  total(): Amount;
}

export function createSum(): Sum {
  let chunks = 0;
  let plain = 0;
  let stored = 0;
  return {
    add(plainBytes, storedBytes) {
      chunks++;
      plain += plainBytes;
      stored += storedBytes;
    },
    total: () => ({ chunks, plainBytes: plain, storedBytes: Math.round(stored) }),
  };
}
