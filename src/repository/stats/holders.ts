import type { LocationIndex } from '../index/locations.ts';

const nobody = 0;
const several = 0xffffffff;

/**
 * Who needs each chunk: one snapshot, or several; one source, or several. Fixed-width columns by the chunk's number in the
 * index, 12 bytes a chunk.
 */
export interface Holders {
  /** Notes that a snapshot and a source (numbers from 0 on) need the chunk. False: that was known, or there are several already. */
  note(chunk: number, snapshot: number, source: number): boolean;
  measure(chunk: number, plainBytes: number): void;
  isNeeded(chunk: number): boolean;
  /** The only one; undefined where nobody needs it, or several do. */
  snapshotOf(chunk: number): number | undefined;
  sourceOf(chunk: number): number | undefined;
  plainBytes(chunk: number): number;
}

export function createHolders(chunkCount: number): Holders {
  let snapshots = new Uint32Array(chunkCount);
  let sources = new Uint32Array(chunkCount);
  let lengths = new Uint32Array(chunkCount);

  /** The index may learn of more packs while it is used. */
  function makeRoom(chunk: number): void {
    if (chunk < snapshots.length) return;
    const grow = (old: Uint32Array): Uint32Array<ArrayBuffer> => {
      const grown = new Uint32Array(Math.max(chunk + 1, old.length * 2));
      grown.set(old);
      return grown;
    };
    snapshots = grow(snapshots);
    sources = grow(sources);
    lengths = grow(lengths);
  }
  function merge(column: Uint32Array, chunk: number, holder: number): boolean {
    const known = column[chunk] as number;
    if (known === holder + 1 || known === several) return false;
    column[chunk] = known === nobody ? holder + 1 : several;
    return true;
  }
  function only(column: Uint32Array, chunk: number): number | undefined {
    const holder = column[chunk] ?? nobody;
    return holder === nobody || holder === several ? undefined : holder - 1;
  }
  return {
    note(chunk, snapshot, source) {
      makeRoom(chunk);
      const isNewSnapshot = merge(snapshots, chunk, snapshot);
      return merge(sources, chunk, source) || isNewSnapshot;
    },
    measure(chunk, plainBytes) {
      makeRoom(chunk);
      lengths[chunk] = plainBytes;
    },
    isNeeded: (chunk) => (snapshots[chunk] ?? nobody) !== nobody,
    snapshotOf: (chunk) => only(snapshots, chunk),
    sourceOf: (chunk) => only(sources, chunk),
    plainBytes: (chunk) => lengths[chunk] ?? 0,
  };
}

/**
 * Calls back for each chunk that is needed with the bytes it takes in its pack. A group lies there compressed as a whole:
 * its bytes are shared out by plain lengths. Of chunks that nobody needs the length is not known; they are taken to be as long
 * as the needed ones of their group are on average.
 */
export function eachNeeded(
  index: Pick<LocationIndex, 'groupCount' | 'group'>,
  holders: Holders,
  found: (chunk: number, storedBytes: number) => void,
): void {
  for (let group = 0, first = 0; group < index.groupCount; group++) {
    const { length, chunkCount } = index.group(group);
    let needed = 0;
    let plain = 0;
    for (let chunk = first; chunk < first + chunkCount; chunk++) {
      if (!holders.isNeeded(chunk)) continue;
      needed++;
      plain += holders.plainBytes(chunk);
    }
    const whole = (plain * chunkCount) / needed;
    for (let chunk = first; needed > 0 && chunk < first + chunkCount; chunk++) {
      if (!holders.isNeeded(chunk)) continue;
      found(chunk, length * (whole > 0 ? holders.plainBytes(chunk) / whole : 1 / chunkCount));
    }
    first += chunkCount;
  }
}
