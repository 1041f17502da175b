import { decodePackDirectory } from '../../src/repository/pack/directory.ts';
import type { GroupRecord } from '../../src/repository/format/pack-directory.ts';
import type { ObjectStore } from '../../src/storage/contract.ts';
import { keyringOf } from '../repository/small-repository.ts';
import { touched, type Added, type Sample } from './damaged-repository.ts';

/** One kind of damage, and all that must follow from it. */
export interface Row {
  readonly name: string;
  readonly damage: (store: ObjectStore, sample: Sample) => Promise<void>;
  /** Found without reading data. */
  readonly structure: boolean;
  readonly objects: (sample: Sample) => readonly string[];
  readonly touches: (sample: Sample) => readonly string[];
  readonly notes?: readonly string[];
  /** Chunks lie where only a real repair looks for them. */
  readonly hidden?: true;
  /** What becomes of the three snapshots; absent: whole. */
  readonly snapshots?: readonly ('whole' | 'repaired' | 'lost')[];
  /** Files that no repair can bring back, by resource. */
  readonly lost?: Readonly<Record<string, readonly string[] | 'all'>>;
  /** Tried on a disk, too: one of each kind of damage. */
  readonly onDisk?: true;
  /** WAL that is lost for good: so the check names it also once what is damaged is removed. */
  readonly missing?: (sample: Sample) => readonly string[];
  /** Keys of objects that nothing may touch. */
  readonly untouched?: readonly string[];
}

/** What becomes of the bytes of an object. */
export type Change = (bytes: Buffer, store: ObjectStore, key: string) => Uint8Array | Promise<Uint8Array>;

/** Puts a changed object in the place of what is stored. */
export async function change(store: ObjectStore, key: string, how: Change): Promise<void> {
  await store.put(key, [await how(Buffer.from(await store.get(key)), store, key)]);
}

/** One bit at this byte. */
export function flip(bytes: Buffer, at: number): Buffer {
  bytes[at] = (bytes[at] as number) ^ 0x10;
  return bytes;
}

/** The groups of a pack, by its own directory. */
export async function groupsOf(store: ObjectStore, key: string): Promise<readonly GroupRecord[]> {
  const bytes = await store.get(key);
  return decodePackDirectory(await keyringOf(store), key, bytes, bytes).groups;
}

export const zeros: Change = (bytes) => Buffer.alloc(bytes.length);
export const half: Change = (bytes) => bytes.subarray(0, bytes.length >> 1);
export const flipAt =
  (share: number): Change =>
  (bytes) =>
    flip(bytes, Math.floor(bytes.length * share));

/** The resource `logs` as it is touched in the second snapshot and in the one after. */
export const logs = (sample: Sample): string[] => sample.snapshots.slice(1).map((added) => touched(added, 'logs'));
export const nobody = (): string[] => [];
/** These parts of what the snapshots with these numbers added. */
export const pick =
  (part: (added: Added) => string, ...numbers: readonly (0 | 1 | 2)[]) =>
  ({ snapshots }: Sample): string[] =>
    numbers.map((number) => part(snapshots[number]));
