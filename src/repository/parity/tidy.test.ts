import { describe, expect, it } from 'vitest';
import { keysOf } from '../../../test/repository/copy-store.ts';
import { contentsOf, noise, passphrase, snapshotOf } from '../../../test/repository/small-repository.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { isCrash, withRecording } from '../../storage/decorators/recording.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import { createRepository, openRepository } from '../index.ts';
import { parityKey } from './objects.ts';
import { tidyParity } from './tidy.ts';

const hour = 3_600_000;
const longestSession = 24 * hour;
const settings = { workers: 0, parity: { data: 4, parity: 1 } };
const scrypt = { n: 2, r: 8, p: 1 };
const kept = { tools: Object.fromEntries(Array.from({ length: 4 }, (_, i) => [`k${i}`, noise(4000, `k${i}`)])) };

/** One snapshot that is kept, and a newer one that was forgotten and marked: its packs are due. */
async function due() {
  const runtime = simulatedRuntime(1);
  const store = createMemoryStore({ runtime });
  const access = { store, runtime, passphrase, settings };
  await createRepository({ ...access, scrypt, longestSession, packTarget: 16 * 1024 });
  const info = await snapshotOf(await openRepository(access), kept);
  const gone = await snapshotOf(await openRepository(access), {
    other: { a: noise(40_000, 'gone'), k: noise(4000, 'k1') },
  });
  await store.delete(`snapshots/${gone.id}`);
  await (await openRepository(access)).prune({});
  await runtime.clock.sleep(longestSession + 2 * hour);
  return { runtime, store, info, open: (through: ObjectStore) => openRepository({ ...access, store: through }) };
}

const packsOf = async (store: ObjectStore): Promise<string[]> => [
  ...(await keysOf(store, 'data/')),
  ...(await keysOf(store, 'meta/')),
];

describe('parity of packs that a pruner deletes', () => {
  it('goes with them, and every pack that is left or was rewritten has its own', async () => {
    const s = await due();
    const before = await keysOf(s.store, 'parity/');
    const report = await (await s.open(s.store)).prune({ maxUnused: 0 });
    expect(report.swept.packs).toBeGreaterThan(1);
    const after = await keysOf(s.store, 'parity/');
    expect(after).toEqual((await packsOf(s.store)).map(parityKey).sort());
    expect(before.filter((key) => !after.includes(key)).length).toBeGreaterThanOrEqual(report.swept.packs);
  });

  it(
    'whichever deletion the pruner dies at, the next one leaves parity beside every pack and none else',
    { timeout: 120_000 },
    async () => {
      for (let call = 0; ; call++) {
        const s = await due();
        const store = withRecording(s.store, {
          methods: ['delete'],
          crash: { call, when: call % 2 === 0 ? 'before' : 'after' },
        });
        const died = await (async () => (await s.open(store)).prune({}))().catch((error: unknown) => error);
        await s.runtime.clock.sleep(60_000);
        await (await s.open(s.store)).prune({});
        const packs = await packsOf(s.store);
        const parities = await keysOf(s.store, 'parity/');
        expect(parities).toEqual(packs.map(parityKey).sort());
        expect(await contentsOf(await s.open(s.store), s.info)).toEqual(kept);
        if (!isCrash(died)) {
          expect(call).toBeGreaterThan(5);
          break;
        }
      }
    },
  );

  it('stays while it is locked, while its pack is there, and where it is no parity', async () => {
    const runtime = simulatedRuntime(1);
    const store = createMemoryStore({ runtime });
    const name = (n: number): string => n.toString(16).padStart(64, '0');
    const put = async (key: string, until?: number): Promise<void> => {
      await store.put(key, [Buffer.from(key)], until === undefined ? {} : { retain: { mode: 'compliance', until } });
    };
    const now = runtime.clock.now();
    await put(`parity/00/${name(1)}`);
    await put(`parity/00/${name(2)}`, now + hour);
    await put(`parity/00/${name(3)}`);
    await put(`meta/00/${name(3)}`);
    await put(`parity/00/${name(4)}`);
    await put('parity/readme');
    await tidyParity(store, (one) => one === name(4), now);
    expect(await keysOf(store, 'parity/')).toEqual([
      `parity/00/${name(2)}`,
      `parity/00/${name(3)}`,
      `parity/00/${name(4)}`,
      'parity/readme',
    ]);
    await runtime.clock.sleep(2 * hour);
    await tidyParity(store, (one) => one === name(4), runtime.clock.now());
    expect(await keysOf(store, 'parity/')).toHaveLength(3);
  });
});
