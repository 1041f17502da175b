import type { ExtractChunk, ExtractPart, StoredItem } from '../engine/messages.ts';
import type { Location } from '../index/locations.ts';
import type { ChunkReader } from './chunk-reader.ts';

// One job: enough files to be worth a message, few enough bytes to be fetched and held.
const batchBytes = 4 * 1024 * 1024;
const batchParts = 256;

/** Parts of files that go to a thread together, and the groups they need, each once. */
export interface WriteBatch {
  readonly parts: readonly ExtractPart[];
  readonly groups: readonly Location[];
  /** Tells part `i` what became of it. */
  done(i: number, item: StoredItem): void;
  /** Where chunks lie, for a part that is added next. Throws repository.corrupt where the index does not name one. */
  place(refs: readonly PlacedRef[]): ExtractChunk[];
  /** Takes a part; `size` are its bytes. */
  add(part: ExtractPart, size: number, done: (item: StoredItem) => void): void;
  readonly isFull: boolean;
}

export interface PlacedRef {
  readonly id: Uint8Array;
  readonly offset: number;
}

export function createWriteBatch({ locate }: Pick<ChunkReader, 'locate'>): WriteBatch {
  const parts: ExtractPart[] = [];
  const callbacks: ((item: StoredItem) => void)[] = [];
  const groups: Location[] = [];
  /** By the number of the group in the index. */
  const numbers = new Map<number, number>();
  let bytes = 0;

  function numberOf(location: Location): number {
    let number = numbers.get(location.group);
    if (number === undefined) {
      number = groups.push(location) - 1;
      numbers.set(location.group, number);
    }
    return number;
  }
  function chunkAt({ id, offset }: PlacedRef): ExtractChunk {
    const location = locate(id);
    return { id, group: numberOf(location), place: location.place, offset };
  }
  return {
    parts,
    groups,
    done: (i, item) => callbacks[i]?.(item),
    place: (refs) => refs.map(chunkAt),
    add(part, size, done) {
      parts.push(part);
      callbacks.push(done);
      bytes += size;
    },
    get isFull() {
      return bytes >= batchBytes || parts.length >= batchParts;
    },
  };
}
