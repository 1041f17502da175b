import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Runtime } from '../../src/kernel/runtime.ts';
import type { PruneReport } from '../../src/repository/prune/contract.ts';
import type { ObjectStore } from '../../src/storage/contract.ts';
import type { StoreMethod } from '../../src/storage/decorators/forward.ts';
import { isCrash, withRecording, type CrashPoint } from '../../src/storage/decorators/recording.ts';
import { createMemoryStore } from '../../src/storage/memory/index.ts';
import { keysOf, restoredAt } from '../repository/copy-store.ts';
import {
  contentsOf,
  createSmall,
  noise,
  openSmall,
  snapshotOf,
  type Contents,
} from '../repository/small-repository.ts';
import { numberedFiles } from '../repository/noisy-files.ts';
import { simulatedRuntime } from '../simulated-time.ts';

const hour = 3_600_000;
const longestSession = 24 * hour;
const overGrace = longestSession + 2 * hour;

const kept: readonly Contents[] = [
  { tools: { ...numberedFiles(6, 'a'), ...numberedFiles(2, 'b') } },
  { tools: numberedFiles(6, 'a'), logs: { x: noise(900, 'x') } },
];
const next: Contents = { tools: { ...numberedFiles(6, 'a'), n: noise(5000, 'n') }, other: numberedFiles(8, 'gone') };

/** Two snapshots, one that was forgotten, a pack that no index names, and a pack of which a part is used. */
async function prepare(store: ObjectStore, runtime: Runtime): Promise<void> {
  await createSmall({ store, runtime, longestSession, packTarget: 16 * 1024 });
  await snapshotOf(await openSmall({ store, runtime }), kept[0] as Contents);
  await runtime.clock.sleep(hour);
  const gone = await snapshotOf(await openSmall({ store, runtime }), {
    tools: numberedFiles(6, 'a'),
    gone: numberedFiles(8, 'gone'),
  });
  await runtime.clock.sleep(hour);
  await snapshotOf(await openSmall({ store, runtime }), kept[1] as Contents);
  await store.delete(`snapshots/${gone.id}`);
  const orphan = Buffer.from(noise(500, 'orphan'), 'latin1');
  await store.put(`data/00/00${'ab'.repeat(31)}`, [orphan]);
}

async function prune(store: ObjectStore, runtime: Runtime): Promise<PruneReport> {
  return await (await openSmall({ store, runtime })).prune({ maxUnused: 0 });
}

interface Scenario {
  readonly prepare: (store: ObjectStore, runtime: Runtime) => Promise<void>;
  /** Calls of the store and different states that deaths leave behind: there are more than so many. */
  readonly calls: number;
  readonly states: number;
}

const scenarios: Record<string, Scenario> = {
  'that marks and rewrites': { prepare: async () => undefined, calls: 40, states: 6 },
  'that decides and sweeps': {
    async prepare(store, runtime) {
      await prune(store, runtime);
      await runtime.clock.sleep(overGrace);
    },
    calls: 60,
    states: 12,
  },
  'that goes on with what another one left when it died': {
    async prepare(store, runtime) {
      await prune(store, runtime);
      await runtime.clock.sleep(overGrace);
      const died = withRecording(store, { methods: ['delete'], crash: { call: 1, when: 'after' } });
      await expect(prune(died, runtime)).rejects.toThrow('crashed');
      await runtime.clock.sleep(60_000);
    },
    calls: 40,
    states: 5,
  },
};

async function expectWhole(store: ObjectStore, runtime: Runtime, wanted: readonly Contents[]): Promise<void> {
  const repository = await openSmall({ store, runtime });
  expect((await repository.verify({ readData: 1 })).damage).toEqual([]);
  const { list } = await repository.snapshots();
  expect(list).toHaveLength(wanted.length);
  for (const [i, info] of list.entries()) expect(await contentsOf(repository, info)).toEqual(wanted[i]);
}

/** What must hold after a death at any moment: everything is there, work goes on, and garbage is gone in the end. */
async function survives(store: ObjectStore, runtime: Runtime): Promise<void> {
  await expectWhole(store, runtime, kept);
  await runtime.clock.sleep(60_000);
  await snapshotOf(await openSmall({ store, runtime }), next);
  await prune(store, runtime);
  for (let i = 0; i < 3; i++) {
    await runtime.clock.sleep(overGrace);
    await prune(store, runtime);
  }
  await expectWhole(store, runtime, [...kept, next]);
  const idle = await prune(store, runtime);
  expect(idle.waiting).toEqual([]);
  expect(idle.marked).toMatchObject({ unused: { packs: 0 }, orphan: { packs: 0 }, rewritten: { packs: 0 } });
  expect(await keysOf(store, 'sessions/')).toEqual([]);
}

const methods: readonly StoreMethod[] = ['get', 'put', 'list', 'stat', 'delete', 'extendLock', 'readLock'];

describe('the death of a prune', () => {
  for (const [name, scenario] of Object.entries(scenarios)) {
    it(`${name}, before or after any of its calls, loses nothing`, { timeout: 600_000 }, async () => {
      const prepared = simulatedRuntime(1);
      const from = createMemoryStore({ runtime: prepared });
      await prepare(from, prepared);
      await scenario.prepare(from, prepared);
      const survived = new Set<string>();
      let deaths = 0;
      for (let isDying = true; isDying; deaths++) {
        for (const when of ['before', 'after'] as const) {
          const runtime = simulatedRuntime(2, prepared.clock.now());
          const store = await restoredAt(from, runtime);
          isDying = await dies(store, runtime, { call: deaths, when });
          // A death at a read leaves what one before the next write leaves.
          const state = await stateOf(store);
          if (!survived.has(state)) await survives(store, runtime);
          survived.add(state);
        }
      }
      expect(deaths).toBeGreaterThan(scenario.calls);
      expect(survived.size).toBeGreaterThan(scenario.states);
    });
  }
});

async function dies(store: ObjectStore, runtime: Runtime, crash: CrashPoint): Promise<boolean> {
  try {
    await prune(withRecording(store, { methods, crash }), runtime);
    return false;
  } catch (error) {
    if (!isCrash(error)) throw error;
    return true;
  }
}

/** Of all that is in the store. */
async function stateOf(store: ObjectStore): Promise<string> {
  const hash = createHash('sha256');
  for await (const { key } of store.list('')) hash.update(`${key}\n`).update(await store.get(key));
  return hash.digest('hex');
}
