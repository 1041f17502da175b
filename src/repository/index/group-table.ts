import type { GroupRecord } from '../format/pack-directory.ts';
import { createColumn, lastAtMost } from './column.ts';

/**
 * The groups of an index in columns, 8 bytes each: their offsets, and the numbers of their first chunks. In a pack one begins
 * where the one before ends; lengths are kept only where that is not so.
 */
export interface GroupTable {
  /** Adds the groups of one pack; their chunks are numbered on. Returns the number of the first group. */
  add(groups: readonly GroupRecord[]): number;
  offset(group: number): number;
  /** Bytes of a group. */
  length(group: number): number;
  firstChunk(group: number): number;
  chunkCount(group: number): number;
  /** The group of a chunk. */
  ofChunk(chunk: number): number;
  readonly count: number;
  readonly chunks: number;
}

export function createGroupTable(): GroupTable {
  const offsets = createColumn();
  const firstChunks = createColumn();
  // Groups whose end is not where the next one begins: the last of each pack, and those before a gap.
  const oddGroups = createColumn();
  const oddLengths = createColumn();
  let chunks = 0;

  function firstChunk(group: number): number {
    return group < firstChunks.length ? firstChunks.at(group) : chunks;
  }
  return {
    add(groups) {
      const first = offsets.length;
      groups.forEach(({ offset, length, chunkCount }, i) => {
        const next = groups[i + 1];
        if (next?.offset !== offset + length) {
          oddGroups.push(first + i);
          oddLengths.push(length);
        }
        offsets.push(offset);
        firstChunks.push(chunks);
        chunks += chunkCount;
      });
      return first;
    },
    offset: offsets.at,
    length(group) {
      const odd = lastAtMost(oddGroups, group);
      if (odd >= 0 && oddGroups.at(odd) === group) return oddLengths.at(odd);
      return offsets.at(group + 1) - offsets.at(group);
    },
    firstChunk,
    chunkCount: (group) => firstChunk(group + 1) - firstChunk(group),
    // An empty group begins where the one behind it does; the last that begins so is the one that has the chunk.
    ofChunk: (chunk) => lastAtMost(firstChunks, chunk),
    get count() {
      return offsets.length;
    },
    get chunks() {
      return chunks;
    },
  };
}
