import { hex } from '../../kernel/bytes.ts';
import { idAt } from '../chunks/grouper.ts';
import type { PackKind } from '../format/header.ts';
import type { PackRecord } from '../format/pack-directory.ts';
import { packKey } from '../pack/writer.ts';
import type { ChunkTable } from './chunk-table.ts';

/** A pack the index knows. */
export interface KnownPack {
  readonly key: string;
  readonly kind: PackKind;
  readonly size: number;
  readonly salt: Uint8Array;
  readonly epoch: number;
}

/** Where a stored chunk lies. */
export interface Location {
  readonly pack: KnownPack;
  readonly offset: number;
  readonly length: number;
  /** Its place among the group's chunks. */
  readonly place: number;
}

/** The chunk index of one process: fixed-width columns for packs and groups, the shared table for chunks. */
export interface LocationIndex {
  readonly table: ChunkTable;
  /** Keeps room in the chunk table for as many new ids as are on their way, before the threads run out of it. */
  reserve(chunks: number): void;
  /** Adds a pack once (a pack named twice by two index objects counts once). */
  add(pack: PackRecord): void;
  locate(id: Uint8Array): Location | undefined;
  has(id: Uint8Array): boolean;
  /**
   * A number below `chunkCount` that stands for the stored chunk as long as this index lives, for bit sets and typed
   * arrays; undefined when unknown. A chunk that lies in several packs has the number of the place that `locate` gives.
   */
  numberOf(id: Uint8Array): number | undefined;
  packs(): IterableIterator<KnownPack>;
  readonly packCount: number;
  readonly chunkCount: number;
}

export function createLocationIndex(table: ChunkTable, onSegment: (segment: SharedArrayBuffer) => void): LocationIndex {
  const packs: KnownPack[] = [];
  const known = new Set<string>();
  let groupPack = new Uint32Array(1024);
  let groupOffset = new Uint32Array(1024);
  let groupLength = new Uint32Array(1024);
  // Number of the group's first chunk.
  let groupFirst = new Uint32Array(1024);
  let groups = 0;
  let chunkCount = 0;

  // All packs of a session have one salt: it is kept once.
  const salts = new Map<string, Uint8Array>();
  function sharedSalt(salt: Uint8Array): Uint8Array {
    const name = hex(salt);
    const known = salts.get(name) ?? Uint8Array.from(salt);
    salts.set(name, known);
    return known;
  }
  function growGroups(): void {
    const grow = (old: Uint32Array): Uint32Array<ArrayBuffer> => {
      const grown = new Uint32Array(old.length * 2);
      grown.set(old);
      return grown;
    };
    groupPack = grow(groupPack);
    groupOffset = grow(groupOffset);
    groupLength = grow(groupLength);
    groupFirst = grow(groupFirst);
  }
  function reserve(chunks: number): void {
    const segment = table.reserve(chunks);
    if (segment) onSegment(segment);
  }
  return {
    table,
    reserve,
    add(pack) {
      const name = hex(pack.id);
      if (known.has(name)) return;
      known.add(name);
      const packNumber =
        packs.push({
          key: packKey(pack.kind, pack.id),
          kind: pack.kind,
          size: pack.size,
          salt: sharedSalt(pack.salt),
          epoch: pack.epoch,
        }) - 1;
      reserve(pack.groups.reduce((sum, group) => sum + group.chunkCount, 0));
      for (const group of pack.groups) {
        if (groups === groupPack.length) growGroups();
        groupPack[groups] = packNumber;
        groupOffset[groups] = group.offset;
        groupLength[groups] = group.length;
        groupFirst[groups] = chunkCount;
        for (let place = 0; place < group.chunkCount; place++) table.place(idAt(group.ids, place), groups, place);
        chunkCount += group.chunkCount;
        groups++;
      }
    },
    locate(id) {
      const found = table.locate(id);
      if (!found) return undefined;
      return {
        pack: packs[groupPack[found.group] as number] as KnownPack,
        offset: groupOffset[found.group] as number,
        length: groupLength[found.group] as number,
        place: found.place,
      };
    },
    has: (id) => table.locate(id) !== undefined,
    numberOf(id) {
      const found = table.locate(id);
      return found && (groupFirst[found.group] as number) + found.place;
    },
    packs: () => packs.values(),
    get packCount() {
      return packs.length;
    },
    get chunkCount() {
      return chunkCount;
    },
  };
}
