import { type Row, type Change, change, flip, zeros, half, nobody } from './damage.ts';

/** Damage to write-ahead logs. */
export const walKinds: readonly Row[] = [
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
