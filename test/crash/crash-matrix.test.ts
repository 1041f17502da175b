import { describe, expect, it } from 'vitest';
import { HoldfastError, isCode } from '../../src/kernel/errors.ts';
import type { Runtime } from '../../src/kernel/runtime.ts';
import type { Repository } from '../../src/repository/contract.ts';
import type { ObjectStore } from '../../src/storage/contract.ts';
import { isCrash, withRecording, type CrashPoint } from '../../src/storage/decorators/recording.ts';
import { createMemoryStore } from '../../src/storage/memory/index.ts';
import { copyStore } from '../repository/copy-store.ts';
import {
  begin,
  contentsOf,
  createSmall,
  fingerprintOf,
  noise,
  openSmall,
  refOf,
  snapshotOf,
  type Contents,
} from '../repository/small-repository.ts';
import { simulatedRuntime } from '../simulated-time.ts';

/** Large enough for chunks, groups and several pages; small enough for hundreds of runs. */
function files(count: number, version: string): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `f${String(i).padStart(3, '0')}`,
      noise(i % 9 === 0 ? 3000 : 150, `${version}/${i}`),
    ]),
  );
}

const first: Contents = { tools: files(30, 'a'), logs: files(6, 'b') };
const second: Contents = {
  tools: { ...first['tools'], f010: 'changed', f011: noise(40_000, 'c') },
  logs: { new: 'one' },
};

interface Scenario {
  /** What is in the store before. */
  readonly prepare: (store: ObjectStore, runtime: Runtime) => Promise<void>;
  /** The work that dies. */
  readonly run: (store: ObjectStore, runtime: Runtime) => Promise<void>;
  readonly earlier: readonly Contents[];
}

async function firstSnapshot(store: ObjectStore, runtime: Runtime): Promise<void> {
  await snapshotOf(await createSmall({ store, runtime }), first);
}

/** Captures with a pause that makes a checkpoint due in the middle, then ends as told. */
async function slowSnapshot(
  repository: Repository,
  runtime: Runtime,
  end: 'commit' | 'suspend',
  resume = false,
): Promise<void> {
  const session = await begin(repository, resume);
  for (const [name, contents] of Object.entries(second)) {
    if (session.finished.has(`local/${name}`)) continue;
    const resource = await session.resource({ ref: refOf(name), source: name, tags: {} });
    const sink = resource.sink.collection('files');
    for (const [i, key] of Object.keys(contents).sort().entries()) {
      const content = Buffer.from(contents[key] as string, 'latin1');
      await sink.add({ key, kind: 'blob', fingerprint: fingerprintOf(content), load: async () => ({ content }) });
      // An empty source is still: everything added so far is taken before the time passes.
      if (i % 12 === 11) await runtime.clock.sleep(40_000);
    }
    if (end === 'commit' || name === 'tools') await resource.finish();
  }
  await (end === 'commit' ? session.commit([]) : session.suspend());
}

const scenarios: Record<string, Scenario> = {
  'the making of a repository': {
    prepare: async () => undefined,
    run: async (store, runtime) => void (await createSmall({ store, runtime })),
    earlier: [],
  },
  'a first snapshot': {
    prepare: async (store, runtime) => void (await createSmall({ store, runtime })),
    run: async (store, runtime) => void (await snapshotOf(await openSmall({ store, runtime }), first)),
    earlier: [],
  },
  'an incremental snapshot with checkpoints': {
    prepare: firstSnapshot,
    run: async (store, runtime) => slowSnapshot(await openSmall({ store, runtime }), runtime, 'commit'),
    earlier: [first],
  },
  'an interruption': {
    prepare: firstSnapshot,
    run: async (store, runtime) => slowSnapshot(await openSmall({ store, runtime }), runtime, 'suspend'),
    earlier: [first],
  },
  'a resumed snapshot': {
    async prepare(store, runtime) {
      await firstSnapshot(store, runtime);
      await runtime.clock.sleep(1000);
      await slowSnapshot(await openSmall({ store, runtime }), runtime, 'suspend');
    },
    run: async (store, runtime) => slowSnapshot(await openSmall({ store, runtime }), runtime, 'commit', true),
    earlier: [first],
  },
};

async function resumed(repository: Repository): Promise<boolean> {
  try {
    await snapshotOf(repository, second, true);
    return true;
  } catch (error) {
    if (isCode(error, 'snapshot.nothing-to-resume')) return false;
    throw error;
  }
}

/** What must hold after a death at any moment. */
async function survives(store: ObjectStore, runtime: Runtime, earlier: readonly Contents[]): Promise<void> {
  let repository: Repository;
  try {
    repository = await openSmall({ store, runtime });
  } catch (error) {
    if (!isCode(error, 'repository.missing')) throw error;
    expect(earlier).toEqual([]);
    repository = await createSmall({ store, runtime });
  }
  expect((await repository.verify({ readData: 1 })).damage).toEqual([]);
  const { list } = await repository.snapshots();
  const wanted = [...earlier, ...(list.length > earlier.length ? [earlier.length === 0 ? first : second] : [])];
  expect(list).toHaveLength(wanted.length);
  for (const [i, info] of list.entries()) expect(await contentsOf(repository, info)).toEqual(wanted[i]);
  const wasResumed = await resumed(repository);
  // Whoever's snapshot is there has nothing left to resume.
  if (list.length > earlier.length) expect(wasResumed).toBe(false);
  const again = wasResumed ? repository : await openSmall({ store, runtime });
  // Time passes between two snapshots.
  await runtime.clock.sleep(1000);
  const third = { ...second, more: { x: 'y' } };
  const newest = await snapshotOf(again, third);
  expect(await contentsOf(again, newest)).toEqual(third);
  if (wasResumed) expect(await contentsOf(again, await again.find('latest~1'))).toEqual(second);
  expect((await again.verify({ readData: 1 })).damage).toEqual([]);
}

async function dies(scenario: Scenario, base: ObjectStore, startAt: number, crash: CrashPoint): Promise<void> {
  const runtime = simulatedRuntime(2, startAt);
  const copy = await copyStore(base, runtime);
  const recorded = withRecording(copy, { crash });
  try {
    await scenario.run(recorded, runtime);
  } catch (error) {
    if (!isCrash(error) && !(error instanceof HoldfastError && isCrash(error.cause))) throw error;
  }
  await survives(copy, simulatedRuntime(3, runtime.clock.now() + 1000), scenario.earlier);
}

describe.each(Object.keys(scenarios))('a process that dies during %s', (name) => {
  const scenario = scenarios[name] as Scenario;

  it('before or after any of its writes loses nothing that was there', async () => {
    const runtime = simulatedRuntime(1);
    const base = createMemoryStore({ runtime });
    await scenario.prepare(base, runtime);
    const startAt = runtime.clock.now() + 1000;
    const whole = withRecording(await copyStore(base, runtime));
    await scenario.run(whole, simulatedRuntime(2, startAt));
    const { calls } = whole;
    expect(calls.length).toBeGreaterThan(1);
    for (const [call, { method, key }] of calls.entries()) {
      for (const when of ['before', 'after'] as const) {
        try {
          await dies(scenario, base, startAt, { call, when });
        } catch (error) {
          throw new Error(`died ${when} call ${call} of ${calls.length}: ${method} ${key}`, { cause: error });
        }
      }
    }
  });
});
