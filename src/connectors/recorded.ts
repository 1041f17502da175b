import { createHash } from 'node:crypto';

/**
 * Items that an undo file holds, each in the state in which it holds it. A restore changes no other: what came to differ since the
 * file was written would be changed without a way back. Eight bytes of memory an item: that two of them are alike by chance is
 * one in 2^64.
 */
export interface Recorded {
  /** What makes the item and its state, in parts. */
  add(...parts: readonly (string | Uint8Array)[]): void;
  has(...parts: readonly (string | Uint8Array)[]): boolean;
}

const firstSize = 1024;

export function createRecorded(): Recorded {
  let digests = new BigUint64Array(firstSize);
  let count = 0;
  let isSorted = true;
  return {
    add(...parts) {
      if (count === digests.length) {
        const larger = new BigUint64Array(count * 2);
        larger.set(digests);
        digests = larger;
      }
      digests[count++] = digestOf(parts);
      isSorted = false;
    },
    has(...parts) {
      if (!isSorted) digests.subarray(0, count).sort();
      isSorted = true;
      return includes(digests.subarray(0, count), digestOf(parts));
    },
  };
}

function digestOf(parts: readonly (string | Uint8Array)[]): bigint {
  const hash = createHash('sha256');
  // With their lengths, so that no two lists of parts are the same bytes.
  for (const part of parts) hash.update(`${part.length} `).update(part);
  return hash.digest().readBigUInt64LE();
}

function includes(sorted: BigUint64Array, wanted: bigint): boolean {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((sorted[middle] ?? 0n) < wanted) from = middle + 1;
    else to = middle;
  }
  return from < sorted.length && sorted[from] === wanted;
}
