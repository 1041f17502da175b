/** A growing column of numbers below 2^32: 4 bytes each, in blocks that never move, so that growing copies nothing. */
export interface Column {
  push(value: number): void;
  at(index: number): number;
  set(index: number, value: number): void;
  readonly length: number;
}

const blockBits = 14;
const blockLength = 1 << blockBits;

export function createColumn(): Column {
  const blocks: Uint32Array[] = [];
  let length = 0;
  return {
    push(value) {
      if (length === blocks.length * blockLength) blocks.push(new Uint32Array(blockLength));
      (blocks[length >>> blockBits] as Uint32Array)[length & (blockLength - 1)] = value;
      length++;
    },
    at: (index) => (blocks[index >>> blockBits] as Uint32Array)[index & (blockLength - 1)] as number,
    set(index, value) {
      (blocks[index >>> blockBits] as Uint32Array)[index & (blockLength - 1)] = value;
    },
    get length() {
      return length;
    },
  };
}

/** In an ascending column: the last index whose value is at most `value`; -1 where there is none. */
export function lastAtMost(column: Column, value: number): number {
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (column.at(middle) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
