import { hex } from '../../kernel/bytes.ts';
import { idAt } from '../chunks/grouper.ts';
import type { KeyMode, PackKind } from '../format/header.ts';
import type { PackRecord } from '../format/pack-directory.ts';
import { packKey } from '../pack/writer.ts';
import type { ChunkTable } from './chunk-table.ts';

/**
 * `marked`: a mark names the pack, it may be deleted after a grace. `condemned`: a verdict names it, it is being deleted or
 * is gone. Nothing new may depend on either.
 */
export type PackStanding = 'live' | 'marked' | 'condemned';

/** A pack the index knows. */
export interface KnownPack {
  readonly key: string;
  readonly kind: PackKind;
  readonly size: number;
  readonly salt: Uint8Array;
  readonly epoch: number;
  readonly standing: PackStanding;
  /** Its groups are numbered one after another, from this one on. */
  readonly firstGroup: number;
  readonly groupCount: number;
  readonly keyMode: KeyMode;
}

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

/** The chunk index of one process: fixed-width columns for packs and groups, the shared table for chunks. */
export interface LocationIndex {
  readonly table: ChunkTable;
  /** Keeps room in the chunk table for as many new ids as are on their way, before the threads run out of it. */
  reserve(chunks: number): void;
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
  packs(): IterableIterator<KnownPack>;
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
  const packs: (KnownPack & { standing: PackStanding })[] = [];
  const known = new Map<string, number>();
  const demoted = new Map<string, 'marked' | 'condemned'>();
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
  function packAt(group: number): KnownPack {
    return packs[groupPack[group] as number] as KnownPack;
  }
  function rank(group: number): number {
    return ranks[packAt(group).standing];
  }
  function chunksIn(group: number): number {
    const end = group + 1 < groups ? (groupFirst[group + 1] as number) : chunkCount;
    return end - (groupFirst[group] as number);
  }
  function placeAgain(pack: PackRecord, known: KnownPack): void {
    if (!isSame(pack, known)) return;
    const { firstGroup, standing } = known;
    const isDemoted = standing !== 'live' || pack.keyMode !== relied;
    reserve(pack.groups.reduce((sum, group) => sum + group.chunkCount, 0));
    pack.groups.forEach((group, i) => {
      for (let place = 0; place < group.chunkCount; place++)
        table.place(idAt(group.ids, place), firstGroup + i, place, isDemoted);
    });
  }
  /** Of two that say something else of one pack the first is believed. */
  function isSame(pack: PackRecord, { keyMode, firstGroup, groupCount }: KnownPack): boolean {
    if (pack.keyMode !== keyMode || pack.groups.length !== groupCount) return false;
    return pack.groups.every(({ offset, length, chunkCount: inGroup }, i) => {
      const group = firstGroup + i;
      const isThere = groupOffset[group] === offset && groupLength[group] === length;
      return isThere && chunksIn(group) === inGroup;
    });
  }
  return {
    table,
    reserve,
    add(pack, again = false) {
      const name = hex(pack.id);
      const number = known.get(name);
      if (number !== undefined) {
        if (again) placeAgain(pack, packs[number] as KnownPack);
        return;
      }
      const standing = demoted.get(name) ?? 'live';
      known.set(name, packs.length);
      const packNumber =
        packs.push({
          key: packKey(pack.kind, pack.id),
          kind: pack.kind,
          size: pack.size,
          salt: sharedSalt(pack.salt),
          epoch: pack.epoch,
          standing,
          firstGroup: groups,
          groupCount: pack.groups.length,
          keyMode: pack.keyMode,
        }) - 1;
      const isDemoted = standing !== 'live' || pack.keyMode !== relied;
      reserve(pack.groups.reduce((sum, group) => sum + group.chunkCount, 0));
      for (const group of pack.groups) {
        if (groups === groupPack.length) growGroups();
        groupPack[groups] = packNumber;
        groupOffset[groups] = group.offset;
        groupLength[groups] = group.length;
        groupFirst[groups] = chunkCount;
        for (let place = 0; place < group.chunkCount; place++)
          table.place(idAt(group.ids, place), groups, place, isDemoted);
        chunkCount += group.chunkCount;
        groups++;
      }
    },
    locate(id) {
      const found = table.locate(id, rank);
      if (!found) return undefined;
      const { group, place } = found;
      return {
        pack: packAt(group),
        offset: groupOffset[group] as number,
        length: groupLength[group] as number,
        place,
        group,
        number: (groupFirst[group] as number) + place,
      };
    },
    has: (id) => table.locate(id) !== undefined,
    isLive: (id) => table.locate(id)?.demoted === false,
    demote(names, standing) {
      const fallen = new Set<number>();
      for (const name of names) {
        if (demoted.get(name) === 'condemned') continue;
        demoted.set(name, standing);
        const number = known.get(name);
        if (number === undefined) continue;
        const pack = packs[number] as (typeof packs)[number];
        if (pack.standing === 'live') fallen.add(number);
        pack.standing = standing;
      }
      if (fallen.size > 0) table.demote((group) => fallen.has(groupPack[group] as number));
      return fallen.size > 0;
    },
    numberOf(id) {
      const found = table.locate(id, rank);
      return found && (groupFirst[found.group] as number) + found.place;
    },
    packs: () => packs.values(),
    group(number) {
      return {
        offset: groupOffset[number] as number,
        length: groupLength[number] as number,
        chunkCount: chunksIn(number),
      };
    },
    get packCount() {
      return packs.length;
    },
    get groupCount() {
      return groups;
    },
    get chunkCount() {
      return chunkCount;
    },
  };
}
