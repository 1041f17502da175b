import { HoldfastError } from '../../kernel/errors.ts';
import { asBuffer, hex } from '../../kernel/bytes.ts';
import { idLength } from '../chunks/id.ts';
import type { KeyMode, PackKind } from '../format/header.ts';
import type { PackRecord } from '../format/pack-directory.ts';
import { packKey } from '../pack/writer.ts';
import { createColumn, lastAtMost } from './column.ts';

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

/**
 * The packs of an index in columns, about 55 bytes each: a repository of ten terabytes has some hundred thousand. Objects
 * are made only of those that somebody asks for.
 */
export interface PackTable {
  /** The number of a pack; undefined when unknown. */
  find(id: Uint8Array): number | undefined;
  /**
   * Adds one that is not there yet, whose groups begin at `firstGroup`. Throws repository.corrupt where its id is no digest
   * or its size is none of a pack.
   */
  add(pack: PackRecord, standing: PackStanding, firstGroup: number): number;
  /** Always the same object for a number, which is kept from then on. */
  at(number: number): KnownPack;
  key(number: number): string;
  size(number: number): number;
  standing(number: number): PackStanding;
  setStanding(number: number, standing: PackStanding): void;
  firstGroup(number: number): number;
  /** The pack that a group lies in. */
  ofGroup(group: number): number;
  readonly count: number;
}

type Origin = Pick<KnownPack, 'salt' | 'epoch' | 'keyMode'>;

const standings: readonly PackStanding[] = ['live', 'marked', 'condemned'];
const kinds: readonly PackKind[] = ['data', 'metadata'];
const idsPerBlock = 2048;
const largestSize = 2 ** 32 - 1;

export function createPackTable(): PackTable {
  const ids = createIds();
  const sizes = createColumn();
  const firstGroups = createColumn();
  const groupCounts = createColumn();
  // Number of the origin × 8 + kind × 4 + standing.
  const facts = createColumn();
  // All packs of a session have one salt: what they have in common is kept once.
  const origins: Origin[] = [];
  const originNumbers = new Map<string, number>();
  const made = new Map<number, { standing: PackStanding } & KnownPack>();

  function originOf({ salt, epoch, keyMode }: PackRecord): number {
    const name = `${hex(salt)}/${epoch}/${keyMode}`;
    const known = originNumbers.get(name);
    if (known !== undefined) return known;
    const number = origins.push({ salt: Uint8Array.from(salt), epoch, keyMode }) - 1;
    originNumbers.set(name, number);
    return number;
  }
  function standing(number: number): PackStanding {
    return standings[facts.at(number) % 4] as PackStanding;
  }
  function kindOf(number: number): PackKind {
    return kinds[(facts.at(number) >>> 2) % 2] as PackKind;
  }
  function key(number: number): string {
    return packKey(kindOf(number), ids.at(number));
  }
  return {
    find: ids.find,
    add(pack, is, firstGroup) {
      if (pack.id.length !== idLength || pack.size > largestSize)
        throw new HoldfastError('repository.corrupt', 'an index object names a pack that can be none');
      sizes.push(pack.size);
      firstGroups.push(firstGroup);
      groupCounts.push(pack.groups.length);
      facts.push(originOf(pack) * 8 + kinds.indexOf(pack.kind) * 4 + standings.indexOf(is));
      return ids.add(pack.id);
    },
    at(number) {
      const known = made.get(number);
      if (known) return known;
      const pack = {
        ...(origins[facts.at(number) >>> 3] as Origin),
        key: key(number),
        kind: kindOf(number),
        size: sizes.at(number),
        standing: standing(number),
        firstGroup: firstGroups.at(number),
        groupCount: groupCounts.at(number),
      };
      made.set(number, pack);
      return pack;
    },
    key,
    size: sizes.at,
    standing,
    setStanding(number, is) {
      facts.set(number, facts.at(number) - (facts.at(number) % 4) + standings.indexOf(is));
      const pack = made.get(number);
      if (pack) pack.standing = is;
    },
    firstGroup: firstGroups.at,
    ofGroup: (group) => lastAtMost(firstGroups, group),
    get count() {
      return ids.count;
    },
  };
}

/** Ids by number, and the other way round by open addressing. */
function createIds(): {
  find(id: Uint8Array): number | undefined;
  add(id: Uint8Array): number;
  at(number: number): Uint8Array;
  readonly count: number;
} {
  const blocks: Buffer[] = [];
  // Number + 1; 0: empty.
  let slots = new Uint32Array(1024);
  let count = 0;

  function at(number: number): Buffer {
    const from = (number % idsPerBlock) * idLength;
    return (blocks[Math.floor(number / idsPerBlock)] as Buffer).subarray(from, from + idLength);
  }
  /** Where the id is, or would be. */
  function slotOf(id: Uint8Array): number {
    const bytes = asBuffer(id);
    for (let slot = bytes.readUInt32LE(0) & (slots.length - 1); ; slot = (slot + 1) & (slots.length - 1)) {
      const held = slots[slot] as number;
      if (held === 0 || at(held - 1).equals(bytes)) return slot;
    }
  }
  function grow(): void {
    slots = new Uint32Array(slots.length * 2);
    for (let number = 0; number < count; number++) slots[slotOf(at(number))] = number + 1;
  }
  return {
    find(id) {
      if (id.length !== idLength) return undefined;
      const held = slots[slotOf(id)] as number;
      return held === 0 ? undefined : held - 1;
    },
    add(id) {
      if (count % idsPerBlock === 0) blocks.push(Buffer.alloc(idsPerBlock * idLength));
      if (count * 2 >= slots.length) grow();
      const number = count++;
      at(number).set(id);
      slots[slotOf(id)] = number + 1;
      return number;
    },
    at,
    get count() {
      return count;
    },
  };
}
