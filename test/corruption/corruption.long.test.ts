import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { isCode } from '../../src/kernel/errors.ts';
import type { Repository } from '../../src/repository/contract.ts';
import type { ObjectStore } from '../../src/storage/contract.ts';
import { copyStore, keysOf } from '../repository/copy-store.ts';
import { begin, contentsOf, openSmall, snapshotOf } from '../repository/small-repository.ts';
import { runs } from '../runs.ts';
import { damageOf, runtime, sample, touched, unreadable, type Sample } from './damaged-repository.ts';

let whole: Sample;
beforeAll(async () => {
  whole = await sample();
});

async function damaged(damage: (store: ObjectStore) => Promise<void>): Promise<ObjectStore> {
  const store = await copyStore(whole.store, runtime);
  await damage(store);
  return store;
}

async function change(store: ObjectStore, key: string, how: (bytes: Buffer) => Uint8Array): Promise<void> {
  await store.put(key, [how(Buffer.from(await store.get(key)))]);
}

function flipAt(share: number): (bytes: Buffer) => Uint8Array {
  return (bytes) => {
    const at = Math.floor(bytes.length * share);
    bytes[at] = (bytes[at] as number) ^ 0x10;
    return bytes;
  };
}

const cutInHalf = (bytes: Buffer): Uint8Array => bytes.subarray(0, bytes.length >> 1);
const zeroed = (bytes: Buffer): Uint8Array => Buffer.alloc(bytes.length);

type PackDamage = (store: ObjectStore, pack: string, other: string) => Promise<void>;

const packDamages: readonly (readonly [string, 'structure' | 'bytes', PackDamage])[] = [
  ['a flipped bit', 'bytes', (store, pack) => change(store, pack, flipAt(0.4))],
  ['a cut', 'structure', (store, pack) => change(store, pack, cutInHalf)],
  ['zeros', 'bytes', (store, pack) => change(store, pack, zeroed)],
  ['absence', 'structure', (store, pack) => store.delete(pack)],
  [
    'the bytes of another pack',
    'bytes',
    async (store, pack, other) => void (await store.put(pack, [await store.get(other)])),
  ],
];

describe.each(packDamages)('a data pack with %s', (_, shownBy, damage) => {
  it(`is found by the check of ${shownBy}, touches the resource in it, and costs nothing else`, async () => {
    const [, second, third] = whole.snapshots;
    const store = await damaged((copy) => damage(copy, second.data, third.data));
    const repository = await openSmall({ store, runtime });
    const touches = [touched(second, 'logs'), touched(third, 'logs')];
    const structure = await repository.verify({ readData: 0 });
    expect(damageOf(structure, second.data)).toEqual(shownBy === 'structure' ? touches : undefined);
    const everything = await repository.verify({ readData: 1 });
    expect(everything.damage).toHaveLength(1);
    expect(damageOf(everything, second.data)).toEqual(touches);
    expect(await unreadable(repository, whole.snapshots)).toEqual(touches);
  });
});

describe.each(packDamages)('a metadata pack with %s', (_, __, damage) => {
  it('is found by the check of the structure, and costs what its pages lead to', async () => {
    const [, second, third] = whole.snapshots;
    const store = await damaged((copy) => damage(copy, second.metadata, third.metadata));
    const repository = await openSmall({ store, runtime });
    for (const readData of [0, 1]) {
      const touches = damageOf(await repository.verify({ readData }), second.metadata);
      // The root of the second snapshot, and the page of logs that the third shares.
      expect(touches).toEqual([touched(second), touched(third, 'logs')].sort());
    }
    expect(await unreadable(repository, whole.snapshots)).toEqual([
      touched(second, 'tools'),
      touched(second, 'logs'),
      touched(third, 'logs'),
    ]);
  });
});

describe('an index object', () => {
  it.each([
    ['a flipped bit', flipAt(0.7)],
    ['a cut', cutInHalf],
    ['zeros', zeroed],
  ] as const)('with %s is named, and made up for by what the packs say of themselves', async (_, how) => {
    const [, second] = whole.snapshots;
    const store = await damaged((copy) => change(copy, second.index, how));
    const repository = await openSmall({ store, runtime });
    expect(await unreadable(repository, whole.snapshots)).toEqual([]);
    expect((await repository.verify({ readData: 1 })).damage).toEqual([
      { object: second.index, problem: expect.any(String) as string, touches: [] },
    ]);
    // The next snapshot names the packs in an index of its own: the damaged one is needed no more.
    await snapshotOf(repository, { fresh: { a: 'one' } });
    await store.delete(second.index);
    const again = await openSmall({ store, runtime });
    expect((await again.verify({ readData: 1 })).damage).toEqual([]);
    expect(await unreadable(again, whole.snapshots)).toEqual([]);
  });

  it('that is missing costs what it alone named', async () => {
    const [, second, third] = whole.snapshots;
    const store = await damaged((copy) => copy.delete(second.index));
    const repository = await openSmall({ store, runtime });
    const { damage } = await repository.verify({ readData: 0 });
    expect(damage.length).toBeGreaterThan(0);
    expect([...new Set(damage.flatMap(({ touches }) => touches))].sort()).toEqual(
      [touched(second), touched(second, 'logs'), touched(third, 'logs')].sort(),
    );
    expect(await unreadable(repository, whole.snapshots)).toEqual([
      touched(second, 'tools'),
      touched(second, 'logs'),
      touched(third, 'logs'),
    ]);
  });

  it('that is there twice, or in place of another type, changes nothing but what it names', async () => {
    const [first, second] = whole.snapshots;
    const before = await (await openSmall({ store: whole.store, runtime })).verify({ readData: 1 });
    const store = await damaged(async (copy) => {
      await copy.put(`index/${'0'.repeat(32)}`, [await copy.get(first.index)]);
      await copy.put(`index/${'f'.repeat(32)}`, [await copy.get(first.index)]);
    });
    expect(await (await openSmall({ store, runtime })).verify({ readData: 1 })).toEqual(before);
    const confused = await damaged(async (copy) => {
      await copy.put(`index/${'f'.repeat(32)}`, [await copy.get(second.snapshot)]);
    });
    const report = await (await openSmall({ store: confused, runtime })).verify({ readData: 1 });
    expect(report.damage.map(({ object }) => object)).toEqual([`index/${'f'.repeat(32)}`]);
  });
});

describe('a snapshot object', () => {
  it.each([
    ['a flipped bit', flipAt(0.8)],
    ['a cut', cutInHalf],
    ['zeros', zeroed],
    ['nothing in it', () => new Uint8Array(0)],
  ] as const)('with %s is named, hides no other, and is not silently passed over', async (_, how) => {
    const [first, second, third] = whole.snapshots;
    const store = await damaged((copy) => change(copy, third.snapshot, how));
    const repository = await openSmall({ store, runtime });
    const { list, hidden, damaged: unread } = await repository.snapshots();
    expect({ ids: list.map(({ id }) => id), hidden, unread }).toEqual({
      ids: [first.info.id, second.info.id],
      hidden: 0,
      unread: [third.info.id],
    });
    const report = await repository.verify({ readData: 1 });
    expect(report.damage).toMatchObject([{ object: third.snapshot, touches: [touched(third)] }]);
    await expect(repository.find('latest')).rejects.toMatchObject({
      code: 'repository.corrupt',
      resource: third.snapshot,
    });
    await expect(repository.open(third.info)).rejects.toMatchObject({ code: 'repository.corrupt' });
    expect(await unreadable(repository, [first, second])).toEqual([]);
    await runtime.clock.sleep(60_000);
    const next = await snapshotOf(repository, third.contents);
    expect((await repository.find('latest')).id).toBe(next.id);
    expect(await contentsOf(repository, next)).toEqual(third.contents);
  });

  it('of a newer format is hidden, never touched, and no hindrance', async () => {
    const key = `snapshots/${'e'.repeat(32)}`;
    const store = await damaged(async (copy) => {
      const bytes = Buffer.from(await copy.get(whole.snapshots[2].snapshot));
      bytes.writeUInt16LE(2, 4);
      await copy.put(key, [bytes]);
    });
    const before = await store.get(key);
    const repository = await openSmall({ store, runtime });
    expect(await repository.snapshots()).toMatchObject({ hidden: 1, damaged: [] });
    expect((await repository.verify({ readData: 1 })).damage).toEqual([]);
    expect(await unreadable(repository, whole.snapshots)).toEqual([]);
    const next = await snapshotOf(repository, { tools: { a: 'one' } });
    expect((await repository.find('latest')).id).toBe(next.id);
    expect(Buffer.from(await store.get(key)).equals(before)).toBe(true);
  });
});

describe('what opens a repository', () => {
  it.each([
    ['config/', 'compressionLevel', 'repository.corrupt'],
    ['keys/', 'wrapped', 'repository.corrupt'],
    ['keys/', 'locked', 'repository.corrupt'],
  ] as const)('%s: a flipped bit in its %s is told as %s', async (prefix, field, code) => {
    const store = await damaged(async (copy) => {
      for (const key of await keysOf(copy, prefix)) {
        await change(copy, key, (bytes) => {
          const at = bytes.indexOf(':', bytes.indexOf(`"${field}"`)) + (prefix === 'keys/' ? 5 : 1);
          bytes[at] = bytes[at] === 0x31 ? 0x32 : 0x31;
          return bytes;
        });
      }
    });
    await expect(openSmall({ store, runtime })).rejects.toMatchObject({ code });
  });

  it.each(['config/', 'keys/'])('%s cut in half is corrupt', async (prefix) => {
    const store = await damaged(async (copy) => {
      for (const key of await keysOf(copy, prefix)) await change(copy, key, cutInHalf);
    });
    await expect(openSmall({ store, runtime })).rejects.toMatchObject({ code: 'repository.corrupt' });
  });
});

describe('any damage to any object', () => {
  async function outcome(store: ObjectStore): Promise<Repository | undefined> {
    try {
      return await openSmall({ store, runtime });
    } catch (error) {
      if (
        isCode(
          error,
          'repository.corrupt',
          'repository.newer-format',
          'repository.missing',
          'repository.wrong-passphrase',
        )
      )
        return undefined;
      throw error;
    }
  }

  it('is refused or named with what it touches; no wrong byte is ever given, and all the rest comes back', async () => {
    const keys = (await keysOf(whole.store, '')).filter((key) => !key.startsWith('leases/'));
    const how = fc.oneof(
      fc.record({ at: fc.double({ min: 0, max: 0.9999, noNaN: true }), flip: fc.integer({ min: 1, max: 255 }) }),
      fc.record({ cut: fc.double({ min: 0, max: 0.9999, noNaN: true }) }),
      fc.constant({ gone: true as const }),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...keys), how, async (key, damage) => {
        const store = await damaged(async (copy) => {
          if ('gone' in damage) return await copy.delete(key);
          await change(copy, key, (bytes) => {
            if ('cut' in damage) return bytes.subarray(0, Math.floor(bytes.length * damage.cut));
            const at = Math.floor(bytes.length * damage.at);
            bytes[at] = (bytes[at] as number) ^ damage.flip;
            return bytes;
          });
        });
        const repository = await outcome(store);
        if (!repository) {
          expect(key).toMatch(/^(config|keys)\//);
          return;
        }
        const { damage: found } = await repository.verify({ readData: 1 });
        const { hidden, list } = await repository.snapshots();
        const named = new Set(found.flatMap(({ touches }) => touches));
        const unlisted = whole.snapshots.filter(({ info }) => !list.some(({ id }) => id === info.id));
        for (const lost of await unreadable(repository, whole.snapshots)) {
          const [snapshot = ''] = lost.split(':');
          if (named.has(lost) || named.has(snapshot)) continue;
          // A snapshot that is gone or says it is of a newer format shows in the list alone.
          expect(unlisted.map((added) => touched(added))).toContain(snapshot);
        }
        if (/^(data|meta|index|snapshots)\//.test(key) && !('gone' in damage && key.startsWith('snapshots/')))
          expect(found.length + hidden).toBeGreaterThan(0);
        const session = await begin(repository);
        await session.commit([]);
      }),
      { numRuns: runs(100, 5000) },
    );
  });
});
