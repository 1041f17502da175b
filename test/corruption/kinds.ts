import { decodePackDirectory } from '../../src/repository/pack/directory.ts';
import type { GroupRecord } from '../../src/repository/format/pack-directory.ts';
import type { ObjectStore } from '../../src/storage/contract.ts';
import { keyringOf } from '../repository/small-repository.ts';
import { bigFiles, smallFiles, touched, type Added, type Sample } from './damaged-repository.ts';

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

type Change = (bytes: Buffer, store: ObjectStore, key: string) => Uint8Array | Promise<Uint8Array>;

export async function change(store: ObjectStore, key: string, how: Change): Promise<void> {
  await store.put(key, [await how(Buffer.from(await store.get(key)), store, key)]);
}

function flip(bytes: Buffer, at: number): Buffer {
  bytes[at] = (bytes[at] as number) ^ 0x10;
  return bytes;
}

export async function groupsOf(store: ObjectStore, key: string): Promise<readonly GroupRecord[]> {
  const bytes = await store.get(key);
  return decodePackDirectory(await keyringOf(store), key, bytes, bytes).groups;
}

/** The groups of the two large files: each is one of its own. */
async function bigGroups(store: ObjectStore, key: string): Promise<[GroupRecord, GroupRecord]> {
  const [first, second] = (await groupsOf(store, key)).filter(({ chunkCount }) => chunkCount === 1);
  if (!first || !second || first.length !== second.length) throw new Error('the sample has other groups');
  return [first, second];
}

const zeros: Change = (bytes) => Buffer.alloc(bytes.length);
const half: Change = (bytes) => bytes.subarray(0, bytes.length >> 1);
const flipAt =
  (share: number): Change =>
  (bytes) =>
    flip(bytes, Math.floor(bytes.length * share));

const logs = (sample: Sample): string[] => sample.snapshots.slice(1).map((added) => touched(added, 'logs'));
const nobody = (): string[] => [];
const pick =
  (part: (added: Added) => string, ...numbers: readonly (0 | 1 | 2)[]) =>
  ({ snapshots }: Sample): string[] =>
    numbers.map((number) => part(snapshots[number]));
const inData =
  (how: Change) =>
  (store: ObjectStore, { snapshots }: Sample) =>
    change(store, snapshots[1].data, how);
const inMetadata =
  (how: Change) =>
  (store: ObjectStore, { snapshots }: Sample) =>
    change(store, snapshots[1].metadata, how);

const repairedLogs = ['whole', 'repaired', 'repaired'] as const;
const second = { objects: pick((added) => added.data, 1), touches: logs };
/** Pages: the second snapshot's tree of resources, and the page of logs that the third shares. */
const secondPages = {
  objects: pick((added) => added.metadata, 1),
  touches: ({ snapshots }: Sample) => [touched(snapshots[1]), touched(snapshots[2], 'logs')],
  structure: true,
  snapshots: ['whole', 'lost', 'repaired'],
  lost: { logs: 'all' },
} as const;

const newerSnapshot = `snapshots/${'e'.repeat(32)}`;
const newerIndex = `index/${'e'.repeat(32)}`;
const strange = `snapshots/${'d'.repeat(32)}`;

export const rows: readonly Row[] = [
  {
    name: 'a flipped bit in a group of a data pack',
    onDisk: true,
    damage: inData(async (bytes, store, key) => flip(bytes, (await bigGroups(store, key))[0].offset + 1000)),
    structure: false,
    ...second,
    snapshots: repairedLogs,
    lost: { logs: [bigFiles[0]] },
  },
  {
    name: 'zeros over one group of a data pack',
    onDisk: true,
    damage: inData(async (bytes, store, key) => {
      const { offset, length } = (await bigGroups(store, key))[1];
      return bytes.fill(0, offset, offset + length);
    }),
    structure: false,
    ...second,
    snapshots: repairedLogs,
    lost: { logs: [bigFiles[1]] },
  },
  {
    name: "a flipped bit in a data pack's own directory",
    onDisk: true,
    damage: inData((bytes) => flip(bytes, bytes.length - 30)),
    structure: false,
    ...second,
    touches: nobody,
  },
  {
    name: "a flipped bit in a data pack's header",
    damage: inData((bytes) => flip(bytes, 40)),
    structure: false,
    ...second,
    touches: nobody,
  },
  {
    name: 'a data pack cut behind its first large group',
    onDisk: true,
    damage: inData(async (bytes, store, key) => bytes.subarray(0, (await bigGroups(store, key))[1].offset)),
    structure: true,
    ...second,
    snapshots: repairedLogs,
    lost: { logs: [bigFiles[1], ...smallFiles] },
  },
  {
    name: 'a data pack of zeros',
    damage: inData(zeros),
    structure: false,
    ...second,
    snapshots: repairedLogs,
    lost: { logs: 'all' },
  },
  {
    name: 'a missing data pack',
    onDisk: true,
    damage: (store, { snapshots }) => store.delete(snapshots[1].data),
    structure: true,
    ...second,
    snapshots: repairedLogs,
    lost: { logs: 'all' },
  },
  {
    name: 'two groups of a data pack exchanged',
    onDisk: true,
    damage: inData(async (bytes, store, key) => {
      const [first, other] = await bigGroups(store, key);
      const kept = Buffer.from(bytes.subarray(first.offset, first.offset + first.length));
      bytes.copy(bytes, first.offset, other.offset, other.offset + other.length);
      kept.copy(bytes, other.offset);
      return bytes;
    }),
    hidden: true,
    structure: false,
    ...second,
  },
  {
    name: 'two data packs exchanged',
    onDisk: true,
    async damage(store, { snapshots }) {
      const [one, other] = [await store.get(snapshots[1].data), await store.get(snapshots[2].data)];
      await store.put(snapshots[1].data, [other]);
      await store.put(snapshots[2].data, [one]);
    },
    hidden: true,
    structure: false,
    objects: pick((added) => added.data, 1, 2),
    touches: (sample) => [...logs(sample), touched(sample.snapshots[2], 'media')],
  },
  { name: 'a flipped bit in a metadata pack', damage: inMetadata(flipAt(0.3)), ...secondPages },
  { name: 'a cut metadata pack', damage: inMetadata(half), ...secondPages },
  { name: 'a metadata pack of zeros', damage: inMetadata(zeros), ...secondPages },
  {
    name: 'a missing metadata pack',
    onDisk: true,
    damage: (store, { snapshots }) => store.delete(snapshots[1].metadata),
    ...secondPages,
  },
  {
    name: 'a data pack under the name of a metadata pack',
    onDisk: true,
    damage: async (store, { snapshots }) =>
      void (await store.put(snapshots[1].metadata, [await store.get(snapshots[0].data)])),
    ...secondPages,
  },
  {
    name: 'the newest snapshot without its pages',
    damage: (store, { snapshots }) => store.delete(snapshots[2].metadata),
    structure: true,
    objects: pick((added) => added.metadata, 2),
    touches: ({ snapshots }) => [touched(snapshots[2])],
    snapshots: ['whole', 'whole', 'lost'],
  },
  ...(
    [
      ['a flipped bit', flipAt(0.7)],
      ['a cut', half],
      ['zeros', zeros],
    ] as const
  ).map(([what, how]): Row => ({
    name: `an index object with ${what}`,
    damage: (store, { snapshots }) => change(store, snapshots[1].index, how),
    structure: true,
    objects: pick((added) => added.index, 1),
    touches: nobody,
  })),
  {
    name: 'a missing index object',
    onDisk: true,
    damage: (store, { snapshots }) => store.delete(snapshots[1].index),
    structure: true,
    objects: ({ snapshots }) => [snapshots[1].data, snapshots[1].metadata],
    touches: (sample) => [touched(sample.snapshots[1]), ...logs(sample)],
  },
  {
    name: 'an old index object put back, that names packs which are gone',
    onDisk: true,
    async damage(store, { snapshots }) {
      for (const key of [snapshots[2].snapshot, snapshots[2].data, snapshots[2].metadata]) await store.delete(key);
    },
    structure: false,
    objects: nobody,
    touches: nobody,
    notes: ['dangling-index'],
    snapshots: ['whole', 'whole', 'lost'],
  },
  {
    name: 'an index object stored twice',
    onDisk: true,
    damage: async (store, { snapshots }) =>
      void (await store.put(`index/${'0'.repeat(32)}`, [await store.get(snapshots[1].index)])),
    structure: false,
    objects: nobody,
    touches: nobody,
  },
  ...(
    [
      ['a flipped bit', flipAt(0.8)],
      ['a cut', half],
      ['zeros', zeros],
    ] as const
  ).map(([what, how]): Row => ({
    name: `a snapshot object with ${what}`,
    damage: (store, { snapshots }) => change(store, snapshots[2].snapshot, how),
    structure: true,
    objects: pick((added) => added.snapshot, 2),
    touches: ({ snapshots }) => [touched(snapshots[2])],
    snapshots: ['whole', 'whole', 'lost'],
  })),
  {
    name: "an index object under a snapshot's name",
    onDisk: true,
    damage: async (store, { snapshots }) => void (await store.put(strange, [await store.get(snapshots[0].index)])),
    structure: true,
    objects: () => [strange],
    touches: () => ['d'.repeat(12)],
  },
  {
    name: "a snapshot under an index object's name",
    damage: async (store, { snapshots }) =>
      void (await store.put(`index/${'d'.repeat(32)}`, [await store.get(snapshots[0].snapshot)])),
    structure: true,
    objects: () => [`index/${'d'.repeat(32)}`],
    touches: nobody,
  },
  {
    name: 'a snapshot under the name of another one',
    onDisk: true,
    damage: async (store, { snapshots }) => void (await store.put(strange, [await store.get(snapshots[0].snapshot)])),
    structure: true,
    objects: () => [strange],
    touches: () => ['d'.repeat(12)],
  },
  {
    name: 'a snapshot of a newer format',
    onDisk: true,
    damage: (store, { snapshots }) => newer(store, snapshots[2].snapshot, newerSnapshot),
    structure: false,
    objects: nobody,
    touches: nobody,
    notes: ['newer-format'],
    untouched: [newerSnapshot],
  },
  {
    name: 'an index object of a newer format',
    onDisk: true,
    damage: (store, { snapshots }) => newer(store, snapshots[2].index, newerIndex),
    structure: false,
    objects: nobody,
    touches: nobody,
    untouched: [newerIndex],
  },
  ...(
    [
      ['a flipped bit', (bytes) => flip(bytes, bytes.length - 20), false],
      ['a cut', half, true],
      ['zeros', zeros, true],
    ] as const satisfies readonly (readonly [string, Change, boolean])[]
  ).map(([what, how, structure]): Row => ({
    name: `a run of WAL with ${what}`,
    onDisk: true,
    damage: (store, { wal }) => change(store, wal[1], how),
    structure,
    objects: ({ wal }) => [wal[1]],
    touches: nobody,
    missing: ({ wal }) => [wal[1]],
  })),
  {
    name: 'a missing run of WAL',
    onDisk: true,
    damage: (store, { wal }) => store.delete(wal[1]),
    structure: true,
    objects: ({ wal }) => [wal[1]],
    touches: nobody,
    missing: ({ wal }) => [wal[1]],
  },
  {
    name: 'two runs of WAL exchanged',
    onDisk: true,
    async damage(store, { wal }) {
      const [one, other] = [await store.get(wal[1]), await store.get(wal[2])];
      await store.put(wal[1], [other]);
      await store.put(wal[2], [one]);
    },
    structure: false,
    objects: ({ wal }) => [wal[1], wal[2]],
    touches: nobody,
    missing: ({ walBetween }) => [walBetween],
  },
  {
    name: 'the last run of WAL with a flipped bit',
    damage: (store, { wal }) => change(store, wal[3], (bytes) => flip(bytes, bytes.length - 20)),
    structure: false,
    objects: ({ wal }) => [wal[3]],
    touches: nobody,
  },
  {
    name: 'a snapshot in the place of a run of WAL',
    damage: async (store, { wal, snapshots }) =>
      void (await store.put(wal[1], [await store.get(snapshots[0].snapshot)])),
    structure: true,
    objects: ({ wal }) => [wal[1]],
    touches: nobody,
    missing: ({ wal }) => [wal[1]],
  },
];

async function newer(store: ObjectStore, from: string, to: string): Promise<void> {
  const bytes = Buffer.from(await store.get(from));
  bytes.writeUInt16LE(2, 4);
  await store.put(to, [bytes]);
}
