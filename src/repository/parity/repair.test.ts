import { describe, expect, it } from 'vitest';
import { keysOf } from '../../../test/repository/copy-store.ts';
import { contentsOf, noise, passphrase, snapshotOf } from '../../../test/repository/small-repository.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { isCrash, withRecording } from '../../storage/decorators/recording.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import type { Repository, RepositorySettings } from '../contract.ts';
import { createRepository, openRepository } from '../index.ts';
import { parityKey } from './objects.ts';

const settings = { workers: 0, parity: { data: 8, parity: 2 } };
const contents = { tools: { a: noise(30_000, 'a'), b: noise(80_000, 'b'), c: 'short' } };
const all = { readData: 1, removeDamaged: false };

async function scene(made: Partial<RepositorySettings> = settings) {
  const runtime = simulatedRuntime(1);
  const store = createMemoryStore({ runtime });
  const access = { store, runtime, passphrase, settings };
  await createRepository({ ...access, settings: made, scrypt: { n: 2, r: 8, p: 1 } });
  const info = await snapshotOf(await openRepository({ ...access, settings: made }), contents);
  const packs = [...(await keysOf(store, 'data/')), ...(await keysOf(store, 'meta/'))];
  const [pack = ''] = packs;
  return {
    store,
    runtime,
    info,
    packs,
    pack,
    open: async (through: ObjectStore = store, with_: Partial<RepositorySettings> = settings): Promise<Repository> =>
      await openRepository({ ...access, store: through, settings: with_ }),
    bytesOf: async () => new Map(await Promise.all(packs.map(async (key) => [key, await store.get(key)] as const))),
  };
}

/** Overwrites the share `share` of an object, from its fifth part on. */
async function damage(store: ObjectStore, key: string, share: number): Promise<void> {
  const bytes = Uint8Array.from(await store.get(key));
  bytes.fill(0xee, bytes.length / 5, bytes.length / 5 + bytes.length * share);
  await store.put(key, [bytes]);
}

describe('check and repair with parity', () => {
  it('name damaged packs that parity heals, say so first, and heal them: nothing is lost', async () => {
    const s = await scene();
    const before = await s.bytesOf();
    for (const key of s.packs) await damage(s.store, key, 0.1);
    const found = await (await s.open()).check({ readData: 1 });
    expect(found.damage.length).toBeGreaterThanOrEqual(s.packs.length);
    const healable = found.damage.filter((one) => one.healable).map(({ object }) => object);
    expect(healable.sort()).toEqual([...s.packs].sort());
    const damaged = await s.bytesOf();
    const planned = await (await s.open()).repair({ ...all, dryRun: true });
    expect([...planned.healed].sort()).toEqual([...s.packs].sort());
    expect(planned).toMatchObject({ parity: [], salvaged: [], snapshots: [], indexed: [], left: [] });
    expect(await s.bytesOf()).toEqual(damaged);
    const repository = await s.open();
    const done = await repository.repair({ ...all, dryRun: false });
    expect({ ...done, dryRun: true }).toEqual(planned);
    expect(await s.bytesOf()).toEqual(before);
    expect((await repository.check({ readData: 1 })).damage).toEqual([]);
    expect(await contentsOf(await s.open(), s.info)).toEqual(contents);
  });

  it('heal what can be healed, and salvage the rest', async () => {
    const s = await scene();
    await damage(s.store, s.pack, 0.6);
    const found = await (await s.open()).check({ readData: 1 });
    expect(found.damage).toMatchObject([{ object: s.pack }]);
    expect(found.damage[0]?.healable).toBeUndefined();
    const done = await (await s.open()).repair({ ...all, dryRun: false });
    expect(done).toMatchObject({ healed: [], salvaged: [{ pack: s.pack }], snapshots: [{ id: s.info.id }] });
  });

  it('note parity that is damaged, and make it again, without a word of damage', async () => {
    const s = await scene();
    const key = parityKey(s.pack);
    const before = await s.store.get(key);
    await damage(s.store, key, 0.2);
    const found = await (await s.open()).check({ readData: 1 });
    expect(found).toMatchObject({ damage: [], notes: [{ kind: 'damaged-parity', object: key }] });
    const made = { healed: [], parity: [s.pack], salvaged: [] };
    // As it was, also by who does not ask for parity.
    expect(await (await s.open(s.store, { workers: 0 })).repair({ ...all, dryRun: false })).toMatchObject(made);
    expect(await s.store.get(key)).toEqual(before);
    expect((await (await s.open()).check({ readData: 1 })).notes).toEqual([]);
  });

  it('note parity that is missing where it is asked for, and make it: also for all that was stored before', async () => {
    const s = await scene({ workers: 0 });
    expect(await keysOf(s.store, 'parity/')).toEqual([]);
    expect((await (await s.open(s.store, { workers: 0 })).check({ readData: 0 })).notes).toEqual([]);
    expect((await (await s.open()).check({ readData: 0 })).notes).toMatchObject([{ kind: 'missing-parity' }]);
    const done = await (await s.open()).repair({ ...all, readData: 0, dryRun: false });
    expect([...done.parity].sort()).toEqual([...s.packs].sort());
    expect(await keysOf(s.store, 'parity/')).toEqual(s.packs.map(parityKey).sort());
    expect((await (await s.open()).check({ readData: 1 })).notes).toEqual([]);
  });

  it('make no parity of damage', async () => {
    const s = await scene({ workers: 0 });
    await damage(s.store, s.pack, 0.01);
    const done = await (await s.open()).repair({ ...all, readData: 0, dryRun: false });
    expect(done.parity).toHaveLength(s.packs.length - 1);
    expect(await keysOf(s.store, 'parity/')).not.toContain(parityKey(s.pack));
  });

  it('whichever write a repair dies at, the next one heals', { timeout: 120_000 }, async () => {
    for (let call = 0; ; call++) {
      const s = await scene();
      const before = await s.bytesOf();
      await damage(s.store, s.pack, 0.1);
      await s.store.delete(parityKey(s.packs.at(-1) ?? ''));
      const crash = { call, when: call % 2 === 0 ? ('before' as const) : ('after' as const) };
      const dying = await s.open(withRecording(s.store, { methods: ['put'], crash }));
      const died = await dying.repair({ ...all, dryRun: false }).catch((error: unknown) => error);
      const again = await s.open();
      await again.repair({ ...all, dryRun: false });
      expect(await s.bytesOf()).toEqual(before);
      expect(await again.check({ readData: 1 })).toMatchObject({ damage: [], notes: [] });
      if (isCrash(died)) continue;
      expect(call).toBeGreaterThan(3);
      break;
    }
  });
});
