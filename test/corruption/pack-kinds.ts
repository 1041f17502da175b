import type { GroupRecord } from '../../src/repository/format/pack-directory.ts';
import type { ObjectStore } from '../../src/storage/contract.ts';
import { bigFiles, smallFiles, touched, type Sample } from './damaged-repository.ts';
import { type Row, type Change, change, flip, groupsOf, zeros, half, flipAt, nobody, pick, logs } from './damage.ts';

/** The groups of the two large files: each is one of its own. */
async function bigGroups(store: ObjectStore, key: string): Promise<[GroupRecord, GroupRecord]> {
  const [first, second] = (await groupsOf(store, key)).filter(({ chunkCount }) => chunkCount === 1);
  if (!first || !second || first.length !== second.length) throw new Error('the sample has other groups');
  return [first, second];
}

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

/** Damage to packs of data and of pages. */
export const packKinds: readonly Row[] = [
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
];
