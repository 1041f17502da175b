import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contentsOf, noise, openSmall, passphrase, snapshotOf } from '../../../test/repository/small-repository.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { systemRuntime } from '../../kernel/runtime.ts';
import { isCrash, withRecording } from '../../storage/decorators/recording.ts';
import { openDirectoryStore } from '../../storage/directory/index.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';
import { createVersionedMemoryStore } from '../../storage/memory/versioned.ts';
import { listed } from '../../storage/suite/expect.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import { plainPolicy } from '../format/document.ts';
import { createRepository, openRepository } from '../index.ts';
import { dayMs } from '../lock/contract.ts';
import { healPacks } from './heal.ts';
import { parityKey } from './objects.ts';

const policy = () => plainPolicy;
const settings = { workers: 0, parity: { data: 8, parity: 2 } };
const contents = { tools: { a: noise(30_000, 'a'), b: noise(200_000, 'b'), c: 'short' } };

async function scene() {
  const runtime = simulatedRuntime(1);
  const store = createMemoryStore({ runtime });
  const access = { store, runtime, passphrase, settings };
  const repository = await createRepository({ ...access, scrypt: { n: 2, r: 8, p: 1 } });
  const info = await snapshotOf(repository, contents);
  await repository.close();
  const packs = [...(await listed(store, 'data/')), ...(await listed(store, 'meta/'))];
  return { runtime, store, access, info, packs };
}

async function damage(store: ObjectStore, key: string, at: number, length: number): Promise<void> {
  const bytes = Uint8Array.from(await store.get(key));
  bytes.fill(0xee, at, at + length);
  await store.put(key, [bytes]);
}

async function readAll({ store, runtime, info }: Awaited<ReturnType<typeof scene>>) {
  return await contentsOf(await openSmall({ store, runtime }), info);
}

describe('parity objects', () => {
  it('stand beside every pack, cost what was asked for, and bring damaged packs back', async () => {
    const s = await scene();
    expect((await listed(s.store, 'parity/')).map(({ key }) => key)).toEqual(
      s.packs.map(({ key }) => parityKey(key)).sort(),
    );
    for (const { key, size } of s.packs) await damage(s.store, key, size / 5, size / 9);
    await expect(readAll(s)).rejects.toMatchObject({ code: 'repository.corrupt' });
    const keys = s.packs.map(({ key }) => key);
    expect(await healPacks(s.store, keys, { policy })).toEqual({ healed: keys, lost: [] });
    expect(await readAll(s)).toEqual(contents);
    const recording = withRecording(s.store);
    expect((await healPacks(recording, keys, { policy })).lost).toEqual([]);
    expect(recording.calls).toEqual([]);
  });

  it('stand beside packs that workers wrote to files, too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-parity-'));
    try {
      const runtime = systemRuntime;
      const store = await openDirectoryStore({ path: folder, runtime });
      const scrypt = { n: 2, r: 8, p: 1 };
      const wanted = { ...settings, workers: 1 };
      const repository = await createRepository({ store, runtime, passphrase, settings: wanted, scrypt });
      const info = await snapshotOf(repository, contents);
      await repository.close();
      const packs = [...(await listed(store, 'data/')), ...(await listed(store, 'meta/'))].map(({ key }) => key);
      expect((await listed(store, 'parity/')).map(({ key }) => key)).toEqual(packs.map(parityKey).sort());
      for (const key of packs) writeFileSync(join(folder, key), 'overwritten by a faulty disk', { flag: 'r+' });
      expect((await healPacks(store, packs, { policy })).lost).toEqual([]);
      expect(await contentsOf(await openSmall({ store, runtime }), info)).toEqual(contents);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('are locked as packs are, and their locks are extended with those of the packs', async () => {
    const runtime = simulatedRuntime(1);
    const store = createVersionedMemoryStore({ runtime });
    const lock = { mode: 'compliance', days: 10, ahead: 4 } as const;
    const access = { store, runtime, passphrase, settings: { ...settings, lock } };
    await createRepository({ ...access, scrypt: { n: 2, r: 8, p: 1 } });
    const ends = async (): Promise<number[]> => {
      const keys = (await listed(store, 'parity/')).map(({ key }) => key);
      return await Promise.all(keys.map(async (key) => (await store.capabilities.readLock?.(key))?.until ?? 0));
    };
    for (const day of [0, 8]) {
      await runtime.clock.sleep(day * dayMs);
      await snapshotOf(await openRepository(access), contents);
      const locks = await ends();
      expect(locks.length).toBeGreaterThan(1);
      expect(Math.min(...locks)).toBeGreaterThan(runtime.clock.now() + 10 * dayMs - 60_000);
    }
  });

  it('say honestly what is lost: without parity, with another pack’s, with too little left, or not to be overwritten', async () => {
    const s = await scene();
    const [pack, other] = s.packs.map(({ key }) => key) as [string, string];
    const parity = await s.store.get(parityKey(pack));
    await damage(s.store, pack, 100, 5000);
    await s.store.put(parityKey(pack), [await s.store.get(parityKey(other))]);
    expect((await healPacks(s.store, [pack], { policy })).lost).toEqual([pack]);
    await s.store.delete(parityKey(pack));
    expect((await healPacks(s.store, [pack], { policy })).lost).toEqual([pack]);
    await s.store.put(parityKey(pack), [parity]);
    const refuses: ObjectStore = {
      ...s.store,
      put: async (key) => {
        throw new HoldfastError('storage.denied', `put of ${key} denied`);
      },
    };
    expect((await healPacks(refuses, [pack], { policy })).lost).toEqual([pack]);
    const lies: ObjectStore = { ...s.store, put: async () => ({ version: '' }) };
    expect((await healPacks(lies, [pack], { policy })).lost).toEqual([pack]);
    expect((await healPacks(s.store, [pack], { policy })).healed).toEqual([pack]);
    await damage(s.store, pack, 0, 150_000);
    expect((await healPacks(s.store, [pack], { policy })).lost).toEqual([pack]);
  });

  it(
    'whichever call a session dies at, the next one stores everything, and a pack or two are left without',
    { timeout: 120_000 },
    async () => {
      const more = { tools: { ...contents.tools, d: noise(50_000, 'd') } };
      for (let call = 0; ; call++) {
        const before = await scene();
        const store = withRecording(before.store, {
          methods: ['put'],
          crash: { call, when: call % 2 === 0 ? 'before' : 'after' },
        });
        const died = await (async () => snapshotOf(await openRepository({ ...before.access, store }), more))().catch(
          (error: unknown) => error,
        );
        if (!isCrash(died)) {
          expect(call).toBeGreaterThan(8);
          break;
        }
        const again = await openRepository(before.access);
        const info = await snapshotOf(again, more);
        expect(await contentsOf(again, info)).toEqual(more);
        const parities = new Set((await listed(before.store, 'parity/')).map(({ key }) => key));
        const packs = [...(await listed(before.store, 'data/')), ...(await listed(before.store, 'meta/'))];
        const unprotected = packs.filter(({ key }) => !parities.has(parityKey(key)));
        expect(unprotected.length).toBeLessThanOrEqual(2);
      }
    },
  );
});
