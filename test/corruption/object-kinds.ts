import type { ObjectStore } from '../../src/storage/contract.ts';
import { touched } from './damaged-repository.ts';
import { type Row, change, zeros, half, flipAt, nobody, pick, logs } from './damage.ts';

const newerSnapshot = `snapshots/${'e'.repeat(32)}`;
const newerIndex = `index/${'e'.repeat(32)}`;
const strange = `snapshots/${'d'.repeat(32)}`;

/** Damage to index objects and snapshots. */
export const objectKinds: readonly Row[] = [
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
];

async function newer(store: ObjectStore, from: string, to: string): Promise<void> {
  const bytes = Buffer.from(await store.get(from));
  bytes.writeUInt16LE(2, 4);
  await store.put(to, [bytes]);
}
