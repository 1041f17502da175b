import { HoldfastError } from '../../kernel/errors.ts';
import { walBlock } from '../../repository/wal/contract.ts';

const blockBytes = Number(walBlock);

/** The WAL of one block, as far as it has come. */
export interface BlockBuffer {
  /** First position it can hold, and the first that has not come. */
  readonly start: bigint;
  readonly end: bigint;
  /** Whether it is at the end of its block. */
  readonly full: boolean;
  /** Takes bytes that follow, as many as fit; returns how many. Throws internal.bug for others. */
  add(start: bigint, bytes: Uint8Array): number;
  /** A view, valid until the next `add`. */
  bytes(from: bigint, to: bigint): Uint8Array;
}

/** `start`: anywhere in a block. */
export function createBlockBuffer(start: bigint): BlockBuffer {
  const limit = (start / walBlock + 1n) * walBlock;
  const memory = new Uint8Array(Math.min(blockBytes, Number(limit - start)));
  let filled = 0;
  return {
    start,
    get end() {
      return start + BigInt(filled);
    },
    get full() {
      return filled === memory.length;
    },
    add(at, bytes) {
      if (at !== start + BigInt(filled))
        throw new HoldfastError('internal.bug', `WAL at ${at} does not follow ${filled}`);
      const taken = bytes.subarray(0, memory.length - filled);
      memory.set(taken, filled);
      filled += taken.length;
      return taken.length;
    },
    bytes: (from, to) => memory.subarray(Number(from - start), Number(to - start)),
  };
}
