import { describe, expect, it } from 'vitest';
import type { Runtime } from '../../src/kernel/runtime.ts';
import type { HoldfastError } from '../../src/kernel/errors.ts';
import type { Repository, SnapshotInfo } from '../../src/repository/contract.ts';
import type { ObjectStore } from '../../src/storage/contract.ts';
import type { StoreMethod } from '../../src/storage/decorators/forward.ts';
import { createMemoryStore } from '../../src/storage/memory/index.ts';
import { restoredAt } from '../repository/copy-store.ts';
import { contentsOf, createSmall, openSmall, snapshotOf, type Contents } from '../repository/small-repository.ts';
import { namedFiles } from '../repository/noisy-files.ts';
import { simulatedRuntime } from '../simulated-time.ts';
import { digestOf } from './model.ts';
import { simulatedProcess, type NumberedCall, type SimulatedProcess } from './simulated-process.ts';

const hour = 3_600_000;
const longestSession = 24 * hour;
const overGrace = longestSession + 2 * hour;

/** Kept by all; forgotten while the writer is frozen; what the writer stores, of which the most is in the forgotten one only. */
const kept: Contents = { tools: namedFiles('a b c d', 'kept') };
const gone: Contents = {
  tools: { ...namedFiles('a b c d', 'kept'), ...namedFiles('e f g h', 'gone') },
  logs: namedFiles('x y z', 'gone'),
};
const wanted: Contents = {
  tools: { ...namedFiles('c d', 'kept'), ...namedFiles('e f g h', 'gone') },
  logs: namedFiles('x y n', 'gone'),
};

/** A repository with the two snapshots. */
async function prepare(): Promise<{ store: ObjectStore; now: number; forgotten: SnapshotInfo }> {
  const runtime = simulatedRuntime(1);
  const store = createMemoryStore({ runtime });
  await createSmall({ store, runtime, longestSession, packTarget: 16 * 1024 });
  await snapshotOf(await openSmall({ store, runtime }), kept);
  await runtime.clock.sleep(hour);
  const forgotten = await snapshotOf(await openSmall({ store, runtime }), gone);
  await runtime.clock.sleep(hour);
  return { store, now: runtime.clock.now(), forgotten };
}

interface Scene {
  readonly runtime: Runtime;
  /** Of those at work while the writer is frozen. */
  readonly others: Repository;
  forget(): Promise<void>;
  prune(): Promise<void>;
  pass(ms: number): Promise<void>;
}

/** What others do: before the writer begins, while it is frozen at a call of the store, and while it is frozen once more. */
interface Scenario {
  readonly before?: (scene: Scene) => Promise<void>;
  readonly frozen: (scene: Scene) => Promise<void>;
  /** Once it has everything stored, and wants to put the snapshot. */
  readonly committing?: (scene: Scene) => Promise<void>;
}

const scenarios: Record<string, Scenario> = {
  'a forget, a mark and its sweep': {
    async frozen({ forget, prune, pass }) {
      await forget();
      await prune();
      await pass(overGrace);
      await prune();
    },
  },
  'a mark, and later by the sweep': {
    async frozen({ forget, prune, pass }) {
      await forget();
      await prune();
      await pass(60_000);
    },
    async committing({ prune, pass }) {
      await pass(overGrace);
      await prune();
    },
  },
  'the sweep of a mark that is older than the session': {
    async before({ forget, prune, pass }) {
      await forget();
      await prune();
      await pass(overGrace);
    },
    frozen: ({ prune }) => prune(),
  },
};

const jumps = [0, 5 / 60, -5 / 60, 1, -1, 72, -72].map((hours) => hours * hour);

/** A freeze at one of the calls of a writer. */
interface Freeze {
  readonly call: number;
  readonly when: 'before' | 'after';
}

interface Outcome {
  /** Undefined: there is no such call. */
  readonly frozenAt: StoreMethod | undefined;
  readonly committed: boolean;
}

// `storage.unavailable`: its only sign of life was tidied away before it had looked at it.
const refusals = ['repository.session-too-long', 'repository.lease-lost', 'storage.unavailable'];

const prepared = prepare();

async function play(scenario: Scenario, freeze: Freeze): Promise<Outcome> {
  const { store: from, now, forgotten } = await prepared;
  const runtime = simulatedRuntime(2, now);
  const store = await restoredAt(from, runtime);
  const others = await openSmall({ store, runtime });
  const scene: Scene = {
    runtime,
    others,
    forget: () => store.delete(`snapshots/${forgotten.id}`),
    prune: async () => void (await others.prune({ maxUnused: 0 })),
    pass: (ms) => runtime.clock.sleep(ms),
  };
  await scenario.before?.(scene);
  let frozenAt: StoreMethod | undefined;
  let isCommitting = false;
  let opening = Infinity;
  async function around(call: NumberedCall, when: 'before' | 'after', process: SimulatedProcess): Promise<void> {
    if (frozenAt === undefined && call.number - opening === freeze.call && when === freeze.when) {
      frozenAt = call.method;
      process.freeze();
      await scenario.frozen(scene);
      process.jump(jumps[freeze.call % jumps.length] as number);
      process.thaw();
    }
    const isSnapshot = call.method === 'put' && call.key.startsWith('snapshots/');
    if (!scenario.committing || isCommitting || !isSnapshot || when !== 'before') return;
    isCommitting = true;
    process.freeze();
    await scenario.committing(scene);
    process.thaw();
  }
  const writer = simulatedProcess({ runtime, store }, { around });
  const repository = await openSmall(writer);
  opening = writer.calls;
  const [result] = await Promise.allSettled([snapshotOf(repository, wanted)]);
  if (result.status === 'rejected') expect(refusals).toContain((result.reason as HoldfastError).code);
  const committed = result.status === 'fulfilled';
  writer.kill();
  await expectWhole(scene, committed ? [kept, wanted] : [kept], forgotten);
  // Nothing that is left of it keeps others from work.
  await scene.forget();
  await snapshotOf(others, wanted);
  await scene.prune();
  await expectWhole(scene, committed ? [kept, wanted, wanted] : [kept, wanted], forgotten);
  return { frozenAt, committed };
}

/** Checks that everything in the store is whole, and that these are the snapshots, whatever their order. */
async function expectWhole({ others }: Scene, contents: readonly Contents[], but: SnapshotInfo): Promise<void> {
  expect((await others.verify({ readData: 0 })).damage).toEqual([]);
  const { list } = await others.snapshots();
  const found: string[] = [];
  for (const info of list) if (info.id !== but.id) found.push(digestOf(await contentsOf(others, info)));
  expect(found.sort()).toEqual(contents.map(digestOf).sort());
}

describe('a writer that is frozen at any of its calls', () => {
  it.each(Object.keys(scenarios))('by %s, stores a whole snapshot or none', { timeout: 600_000 }, async (name) => {
    const scenario = scenarios[name] as Scenario;
    const outcomes = { committed: 0, refused: 0 };
    let method: StoreMethod | undefined;
    for (let call = 0; call === 0 || method; call++) {
      for (const when of ['before', 'after'] as const) {
        // What was only read is as it was before the next call.
        if (when === 'after' && method !== 'put' && method !== 'delete') continue;
        const { frozenAt, committed } = await play(scenario, { call, when });
        method = frozenAt;
        if (frozenAt) outcomes[committed ? 'committed' : 'refused']++;
      }
    }
    expect(outcomes.committed).toBeGreaterThan(2);
    expect(outcomes.refused).toBeGreaterThan(2);
  });
});
