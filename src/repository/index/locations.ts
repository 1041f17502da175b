import { createBitSet } from '../../kernel/bit-set.ts';
import { hex, unhex } from '../../kernel/bytes.ts';
import { idAt } from '../chunks/grouper.ts';
import { idLength } from '../chunks/id.ts';
import type { KeyMode } from '../format/header.ts';
import type { PackRecord } from '../format/pack-directory.ts';
import type { ChunkTable } from './chunk-table.ts';
import { createGroupTable } from './group-table.ts';
import { createPackTable, type KnownPack, type PackStanding } from './pack-table.ts';

export type { KnownPack, PackStanding } from './pack-table.ts';

/** Where a stored chunk lies. */
export interface Location {
  readonly pack: KnownPack;
  readonly offset: number;
  readonly length: number;
  /** Its place among the group's chunks. */
  readonly place: number;
  /** Number of the group, below `groupCount` of the index. */
  readonly group: number;
  /** Number of the chunk, see `numberOf`. */
  readonly number: number;
}

/**
 * The chunk index of one process: the shared table of chunks, columns of groups and packs. A chunk takes 19 bytes of memory
 * where the index was read from objects, a group 8 to 16 and a pack about 70 (docs/benchmarks.md, "Very large estates").
 */
export interface LocationIndex {
  readonly table: ChunkTable;
  /** Keeps room in the chunk table for as many new ids as are on their way, before the threads run out of it. */
  reserve(chunks: number): void;
  /** About how many chunks are still to be added: room for them is made at once, and no more than that. */
  expect(chunks: number): void;
  /** Adds a pack once (a pack named twice by two index objects counts once); `again`: its chunks where they have no live place now. */
  add(pack: PackRecord, again?: boolean): void;
  /** The live copy of a chunk; where there is none a marked one, and last a condemned one. */
  locate(id: Uint8Array): Location | undefined;
  has(id: Uint8Array): boolean;
  /** Whether the chunk lies in a pack that stays, of one who may read: only then may something new depend on it. */
  isLive(id: Uint8Array): boolean;
  /**
   * Notes that packs (hex names), known or not yet, are to be deleted; a condemned one stays condemned. True when a pack
   * was live before: chunks of it may have another copy in packs already added, which `add` with `again` finds.
   */
  demote(names: Iterable<string>, standing: 'marked' | 'condemned'): boolean;
  /**
   * A number below `chunkCount` that stands for the stored chunk as long as this index lives, for bit sets and typed
   * arrays; undefined when unknown. A chunk that lies in several packs has the number of the place that `locate` gives.
   */
  numberOf(id: Uint8Array): number | undefined;
  /** All packs, which are kept as objects from then on: some hundred bytes each. */
  packs(): IterableIterator<KnownPack>;
  /** What a listing of all of them needs, made anew for whoever asks and kept for nobody. */
  listing(): IterableIterator<Pick<KnownPack, 'key' | 'size' | 'standing'>>;
  /** Whether a pack is known by this key. */
  hasPack(key: string): boolean;
  /** Offset and length of a group in its pack, and the chunks in it. */
  group(number: number): { readonly offset: number; readonly length: number; readonly chunkCount: number };
  readonly packCount: number;
  readonly groupCount: number;
  readonly chunkCount: number;
}

const ranks: Readonly<Record<PackStanding, number>> = { live: 0, marked: 1, condemned: 2 };

/**
 * `relied`: by whom a pack must have been sealed for its chunks to count as stored. Those of others are demoted from the
 * beginning: for reading, where there is no other copy.
 */
export function createLocationIndex(
  table: ChunkTable,
  onSegment: (segment: SharedArrayBuffer) => void,
  relied: KeyMode = 'epoch',
): LocationIndex {
  const packs = createPackTable();
  const groups = createGroupTable();
  const demoted = new Map<string, 'marked' | 'condemned'>();
  let coming = 0;

  function reserve(chunks: number): void {
    const segment = table.reserve(chunks, coming);
    if (segment) onSegment(segment);
  }
  function rank(chunk: number): number {
    return ranks[packs.standing(packs.ofGroup(groups.ofChunk(chunk)))];
  }
  function placeChunks(pack: PackRecord, firstGroup: number, standing: PackStanding): void {
    const isDemoted = standing !== 'live' || pack.keyMode !== relied;
    let number = groups.firstChunk(firstGroup);
    for (const group of pack.groups)
      for (let place = 0; place < group.chunkCount; place++) table.place(idAt(group.ids, place), number++, isDemoted);
  }
  /** Of two that say something else of one pack the first is believed. */
  function isSame(pack: PackRecord, { keyMode, firstGroup, groupCount }: KnownPack): boolean {
    if (pack.keyMode !== keyMode || pack.groups.length !== groupCount) return false;
    return pack.groups.every(({ offset, length, chunkCount }, i) => {
      const group = firstGroup + i;
      const isThere = groups.offset(group) === offset && groups.length(group) === length;
      return isThere && groups.chunkCount(group) === chunkCount;
    });
  }
  return {
    table,
    reserve,
    expect(chunks) {
      coming = chunks;
    },
    add(pack, again = false) {
      const number = packs.find(pack.id);
      if (number !== undefined && !(again && isSame(pack, packs.at(number)))) return;
      const chunks = chunksOf(pack);
      reserve(chunks);
      coming = Math.max(0, coming - chunks);
      if (number !== undefined) {
        placeChunks(pack, packs.firstGroup(number), packs.standing(number));
        return;
      }
      const standing = demoted.get(hex(pack.id)) ?? 'live';
      packs.add(pack, standing, groups.count);
      placeChunks(pack, groups.add(pack.groups), standing);
    },
    locate(id) {
      const found = table.locate(id, rank);
      if (!found) return undefined;
      const { number } = found;
      const group = groups.ofChunk(number);
      return {
        pack: packs.at(packs.ofGroup(group)),
        offset: groups.offset(group),
        length: groups.length(group),
        place: number - groups.firstChunk(group),
        group,
        number,
      };
    },
    has: (id) => table.locate(id) !== undefined,
    isLive: (id) => table.locate(id)?.demoted === false,
    demote(names, standing) {
      const fallen = createBitSet();
      let hasFallen = false;
      for (const name of names) {
        if (demoted.get(name) === 'condemned') continue;
        demoted.set(name, standing);
        const number = packs.find(unhex(name));
        if (number === undefined) continue;
        if (packs.standing(number) === 'live') {
          hasFallen = true;
          const { firstGroup, groupCount } = packs.at(number);
          const end = groups.firstChunk(firstGroup + groupCount);
          for (let chunk = groups.firstChunk(firstGroup); chunk < end; chunk++) fallen.add(chunk);
        }
        packs.setStanding(number, standing);
      }
      if (hasFallen) table.demote(fallen.has);
      return hasFallen;
    },
    numberOf: (id) => table.locate(id, rank)?.number,
    *packs() {
      for (let number = 0; number < packs.count; number++) yield packs.at(number);
    },
    *listing() {
      for (let number = 0; number < packs.count; number++)
        yield { key: packs.key(number), size: packs.size(number), standing: packs.standing(number) };
    },
    hasPack(key) {
      const number = packs.find(unhex(key.slice(-2 * idLength)));
      return number !== undefined && packs.key(number) === key;
    },
    group: (number) => ({
      offset: groups.offset(number),
      length: groups.length(number),
      chunkCount: groups.chunkCount(number),
    }),
    get packCount() {
      return packs.count;
    },
    get groupCount() {
      return groups.count;
    },
    get chunkCount() {
      return groups.chunks;
    },
  };
}

function chunksOf({ groups }: PackRecord): number {
  return groups.reduce((sum, { chunkCount }) => sum + chunkCount, 0);
}
