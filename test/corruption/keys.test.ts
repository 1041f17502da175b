import { beforeAll, describe, expect, it } from 'vitest';
import { plainPolicy } from '../../src/repository/format/document.ts';
import { encodeConfiguration, newConfiguration } from '../../src/repository/configuration.ts';
import { repairConfiguration } from '../../src/repository/repair/configuration.ts';
import type { ObjectStore } from '../../src/storage/contract.ts';
import { copyStore, keysOf } from '../repository/copy-store.ts';
import { contentsOf, keyringOf, openSmall, passphrase, snapshotOf } from '../repository/small-repository.ts';
import { runtime, sample, type Sample } from './damaged-repository.ts';

let whole: Sample;
beforeAll(async () => {
  whole = await sample();
});

const configuration = 'config/00000001';

async function change(store: ObjectStore, key: string, how: (bytes: Buffer) => Uint8Array): Promise<void> {
  await store.put(key, [how(Buffer.from(await store.get(key)))]);
}

function flip(bytes: Buffer): Buffer {
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] as number) ^ 1;
  return bytes;
}

const configurations = [
  ['with a flipped bit', (store: ObjectStore) => change(store, configuration, flip)],
  ['that is cut', (store: ObjectStore) => change(store, configuration, (bytes) => bytes.subarray(0, 100))],
  ['of zeros', (store: ObjectStore) => change(store, configuration, (bytes) => Buffer.alloc(bytes.length))],
  ['that is missing', (store: ObjectStore) => store.delete(configuration)],
] as const;

describe.each(configurations)('a configuration %s', (_, damage) => {
  it('is found by who has the repository open, touches nothing, is made again, and the next snapshot works', async () => {
    const store = await copyStore(whole.store, runtime);
    const open = await openSmall({ store, runtime });
    await damage(store);
    const { damage: found } = await open.check({ readData: 1 });
    expect(found.map(({ object, touches }) => ({ object, touches }))).toEqual([
      { object: expect.stringMatching(/^config\//) as string, touches: [] },
    ]);
    await expect(openSmall({ store, runtime })).rejects.toMatchObject({
      code: expect.stringMatching(/^repository\.(corrupt|missing)$/) as string,
    });
    await repairConfiguration({ store, runtime, policy: () => plainPolicy, passphrase }, false);
    const again = await openSmall({ store, runtime });
    const { contents } = whole.snapshots[2];
    const next = await snapshotOf(again, contents);
    expect(await contentsOf(again, next)).toEqual(contents);
    expect((await again.check({ readData: 1 })).damage).toEqual([]);
  });
});

describe('a configuration of a newer format', () => {
  it('is refused, and not made again by a program that does not know it', async () => {
    const store = await copyStore(whole.store, runtime);
    const keyring = await keyringOf(store);
    const newer = { ...newConfiguration(keyring.repository, 0, {}), readers: 2, writers: 2 };
    await store.put('config/00000002', [encodeConfiguration(newer, keyring)]);
    const before = await keysOf(store, '');
    await expect(openSmall({ store, runtime })).rejects.toMatchObject({ code: 'repository.newer-format' });
    const access = { store, runtime, policy: () => plainPolicy, passphrase };
    await expect(repairConfiguration(access, false)).rejects.toMatchObject({ code: 'repository.newer-format' });
    expect(await keysOf(store, '')).toEqual(before);
  });
});

describe('a key slot', () => {
  it.each([
    ['with a flipped bit', (store: ObjectStore, key: string) => change(store, key, flip)],
    ['that is missing', (store: ObjectStore, key: string) => store.delete(key)],
  ] as const)(
    '%s is named by check, left by repair with what to do, and made good by another slot',
    async (_, damage) => {
      const store = await copyStore(whole.store, runtime);
      const open = await openSmall({ store, runtime });
      const [slot = ''] = await keysOf(store, 'keys/');
      await damage(store, slot);
      const { damage: found } = await open.check({ readData: 0 });
      expect(found.map(({ object, touches }) => ({ object, touches }))).toEqual([{ object: slot, touches: [] }]);
      const { left } = await open.repair({ dryRun: false, readData: 0, removeDamaged: false });
      expect(left).toMatchObject([{ object: slot, why: expect.stringContaining('holdfast key add') as string }]);
      await expect(openSmall({ store, runtime })).rejects.toMatchObject({ code: 'repository.corrupt' });
    },
  );
});

describe('what no snapshot needs', () => {
  it('is a note when it is damaged: audit records and checkpoints touch nothing', async () => {
    const store = await copyStore(whole.store, runtime);
    const open = await openSmall({ store, runtime });
    await open.audit.record('restore', {});
    await open.audit.record('restore', {});
    expect(await open.check({ readData: 0 })).toMatchObject({ damage: [], notes: [] });
    const [newest = '', first = ''] = await keysOf(store, 'audit/');
    await change(store, first, flip);
    await store.put(`sessions/${'a'.repeat(32)}/00000001`, [Buffer.alloc(300)]);
    const { damage, notes } = await open.check({ readData: 0 });
    expect(damage).toEqual([]);
    const kinds = notes.map(({ kind, object }) => `${kind} ${object}`);
    expect(kinds).toEqual(
      expect.arrayContaining([`audit-chain ${first}`, `damaged-aside sessions/${'a'.repeat(32)}/00000001`]),
    );
    expect(newest).not.toBe(first);
  });

  it('is none when it is reserved for later: objects below parity/', async () => {
    const store = await copyStore(whole.store, runtime);
    await store.put('parity/x', [Buffer.alloc(10)]);
    expect(await (await openSmall({ store, runtime })).check({ readData: 1 })).toMatchObject({ damage: [], notes: [] });
  });
});
