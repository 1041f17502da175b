import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createTestEstate } from '../../test/estate/memory-estate.ts';
import { addThing, createProvider, thingConnector } from '../../test/estate/things.ts';
import { noise } from '../../test/repository/small-repository.ts';
import { simulatedRuntime } from '../../test/simulated-time.ts';
import type { PackArchive } from '../repository/cold/contract.ts';
import type { StorageClass } from '../repository/format/header.ts';
import type { ObjectStore } from '../storage/contract.ts';
import { withFaults, type FaultyStore } from '../storage/decorators/faults.ts';
import { withRecording, type RecordingStore } from '../storage/decorators/recording.ts';
import { list, show } from './browse.ts';
import type { RestorePlan, RestoreRequest } from './restore-contract.ts';
import { diffSnapshots } from './diff.ts';
import { findDrift } from './drift.ts';
import { buildManifest } from './manifest.ts';
import { applyRestore } from './restore-apply.ts';
import { planRestore } from './restore-plan.ts';
import { takeSnapshot } from './snapshot.ts';
import { planThaw, type ThawPlan } from './thaw-plan.ts';
import { offersFor } from './thaw-price.ts';
import { thawPacks } from './thaw.ts';

const hour = 3_600_000;
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const content = (seed: string): string => Buffer.from(noise(3000, seed), 'latin1').toString('base64');

/** Three snapshots of one thing, each with an object more: three data packs. The latest one is about to be restored. */
async function scene(dataClass: StorageClass = 'GLACIER') {
  const runtime = simulatedRuntime(1);
  const provider = createProvider();
  const config = { kind: 'thing', text: content('configuration') };
  const thing = addThing(provider, 'us-east-1', 'web', { config, objects: new Map([['0', content('0')]]) });
  let faulty!: FaultyStore;
  let recording!: RecordingStore;
  const wrap = (store: ObjectStore): ObjectStore => {
    faulty = withFaults(store, { runtime });
    recording = withRecording(faulty, { methods: ['get', 'thaw', 'thawState'] });
    return recording;
  };
  const made = await createTestEstate([thingConnector(provider)], {}, { runtime, wrap, repository: { dataClass } });
  const { estate, repository, lookup } = made;
  const settings = { selection: { selectors: [] }, tags: {}, resume: false };
  const snapshots = [await takeSnapshot(estate, repository, settings, lookup)];
  for (const name of ['1', '2']) {
    thing.objects.set(name, content(name));
    snapshots.push(await takeSnapshot(estate, await made.reopen(), settings, lookup));
  }
  const fresh = await made.reopen();
  const infos = snapshots.map(({ info }) => info);
  const reader = await fresh.open(await fresh.find('latest'));
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-thaw-'));
  folders.push(directory);
  const request = (to: RestoreRequest['to'], path = ''): RestoreRequest => ({
    path,
    to,
    mode: 'create-missing',
    rename: [],
  });
  return {
    runtime,
    provider,
    thing,
    made,
    infos,
    reader,
    repository: fresh,
    archive: fresh.archive as PackArchive,
    faulty,
    calls: (method: string) => recording.calls.filter((call) => call.method === method).map(({ key }) => key),
    dataReads: () => recording.calls.filter(({ method, key }) => method === 'get' && key.startsWith('data/')).length,
    planTo: async (path = ''): Promise<RestorePlan> =>
      await planRestore(made.again(), fresh, reader, request({ directory: join(directory, 'out') }, path), lookup),
    planLive: async (): Promise<RestorePlan> =>
      await planRestore(made.again(), fresh, reader, request({ live: {} }), lookup),
    thawOf: async (plan: RestorePlan, days = 2): Promise<ThawPlan | undefined> =>
      await planThaw(made.again(), fresh, reader, plan, { days, lookup }),
    apply: async (plan: RestorePlan) => await applyRestore(made.again(), fresh, reader, plan, lookup),
    restored: (name: string): string => readFileSync(join(directory, 'out/things/web/objects', name), 'utf8'),
  };
}

type Scene = Awaited<ReturnType<typeof scene>>;

async function planned(s: Scene): Promise<{ plan: RestorePlan; thaw: ThawPlan }> {
  const plan = await s.planTo();
  const thaw = await s.thawOf(plan);
  if (!thaw) throw new Error('nothing to thaw');
  return { plan, thaw };
}

describe('with contents in an archive class', () => {
  it('snapshots, browsing, comparing, and planning read no data pack', async () => {
    const s = await scene();
    const { made, repository, reader, infos } = s;
    for (const path of ['', 'things/web', 'things/web/objects']) {
      const listing = await list(reader, path);
      if (listing.type === 'entries') for await (const { entry } of listing.entries) expect(entry.size).toBeDefined();
    }
    const { content: shown } = await show(reader, 'things/web/config.json', false);
    let text = '';
    for await (const part of shown) text += Buffer.from(part).toString();
    expect(JSON.parse(text)).toEqual(s.thing.config);
    const [first, last] = [await repository.open(infos[0]!), await repository.open(infos[2]!)];
    expect((await diffSnapshots(repository, first, last, '')).resources[0]?.total).toBe(2);
    s.thing.config['kind'] = 'other';
    s.thing.objects.delete('1');
    expect((await findDrift(made.again(), repository, reader, { selectors: [] }, made.lookup)).resources).toHaveLength(
      1,
    );
    await buildManifest(reader);
    expect((await repository.verify({ readData: 0 })).damage).toEqual([]);
    expect((await s.planLive()).actions.map(({ operation }) => operation)).toEqual(['put']);
    await planned(s);
    expect(s.dataReads()).toBe(0);
    expect(s.calls('thaw')).toEqual([]);
  });

  it('a restore says what must be thawed, and is refused until it is', async () => {
    const s = await scene();
    const { plan, thaw } = await planned(s);
    expect(thaw).toMatchObject({ frozen: { packs: 3 }, thawing: { packs: 0 }, thawed: { packs: 0 }, days: 2 });
    expect(thaw.offers.map(({ tier, hours }) => [tier, hours])).toEqual([
      ['bulk', 12],
      ['standard', 5],
      ['expedited', 5 / 60],
    ]);
    const one = await s.thawOf(await s.planTo('things/web/objects/1'));
    expect(one?.frozen.packs).toBe(1);
    await expect(s.apply(plan)).rejects.toMatchObject({ code: 'storage.frozen' });
  });

  it.each([
    ['GLACIER', 'bulk', 12],
    ['GLACIER', 'standard', 5],
    ['GLACIER', 'expedited', 5 / 60],
    ['DEEP_ARCHIVE', 'bulk', 48],
    ['DEEP_ARCHIVE', 'standard', 12],
  ] as const)('is thawed from %s by %s, and restored', async (dataClass, tier, hours) => {
    const s = await scene(dataClass);
    const { plan, thaw } = await planned(s);
    const before = s.runtime.clock.now();
    await thawPacks(s.made.again(), s.archive, thaw, { tier });
    const waited = (s.runtime.clock.now() - before) / hour;
    expect(waited).toBeGreaterThanOrEqual(hours);
    expect(waited).toBeLessThan(hours + 0.26);
    // A tenth of the wait at most, and at least a minute, lies between two questions.
    expect(s.calls('thawState').length).toBeLessThan(3 * 330);
    expect((await s.apply(plan)).outcome).toBe('complete');
    for (const name of ['0', '1', '2']) expect(s.restored(name)).toBe(content(name));
    expect((await s.thawOf(plan))?.thawed.packs).toBe(3);
  });

  it('one missing object of a live thing is put back after a thaw', async () => {
    const s = await scene();
    s.thing.objects.delete('1');
    const plan = await s.planLive();
    const thaw = await s.thawOf(plan);
    await thawPacks(s.made.again(), s.archive, thaw as ThawPlan, { tier: 'standard' });
    expect((await s.apply(plan)).outcome).toBe('complete');
    expect(s.thing.objects.get('1')).toBe(content('1'));
  });

  it('warm classes need no thaw', async () => {
    for (const dataClass of ['STANDARD', 'STANDARD_IA', 'GLACIER_IR', 'INTELLIGENT_TIERING'] as const) {
      const s = await scene(dataClass);
      const plan = await s.planTo();
      expect(await s.thawOf(plan)).toBeUndefined();
      expect((await s.apply(plan)).outcome).toBe('complete');
    }
  });
});

describe('an interrupted thaw', () => {
  it('is taken up by running it again: nothing is asked for twice', async () => {
    const s = await scene();
    const { thaw } = await planned(s);
    const { abort, estate } = s.made;
    const events = (event: { type: string }): void => {
      if (event.type === 'repository.progress' && s.runtime.clock.now() > started + 2 * hour) abort.abort();
    };
    const started = s.runtime.clock.now();
    const waiting = thawPacks({ ...estate, events }, s.archive, thaw, { tier: 'standard' });
    await expect(waiting).rejects.toMatchObject({ code: 'run.interrupted' });
    expect(s.calls('thaw')).toHaveLength(3);
    const { plan, thaw: again } = await planned(s);
    expect(again).toMatchObject({ frozen: { packs: 0 }, thawing: { packs: 3 }, offers: [] });
    await thawPacks(s.made.again(), s.archive, again, { tier: 'bulk' });
    expect((s.runtime.clock.now() - started) / hour).toBeLessThan(5.26);
    expect(s.calls('thaw')).toHaveLength(3);
    expect((await s.apply(plan)).outcome).toBe('complete');
  });

  it('goes on after a failure at each request, before and after its effect', async () => {
    for (const when of ['before', 'after'] as const) {
      for (const skip of [0, 1, 2]) {
        const s = await scene();
        const { thaw } = await planned(s);
        s.faulty.addFault({ method: 'thaw', skip, when, error: 'storage.unavailable' });
        const asking = thawPacks(s.made.again(), s.archive, thaw, { tier: 'standard' });
        await expect(asking).rejects.toMatchObject({ code: 'storage.unavailable' });
        const { plan, thaw: again } = await planned(s);
        await thawPacks(s.made.again(), s.archive, again, { tier: 'standard' });
        expect((await s.apply(plan)).outcome).toBe('complete');
      }
    }
  });

  it('asks again for what was answered and forgotten, and gives up when that goes on', async () => {
    const s = await scene();
    const { thaw } = await planned(s);
    const forgets = (times: number): PackArchive => {
      let left = times;
      return {
        ...s.archive,
        thaw: async (key, request) => {
          if (left-- <= 0) await s.archive.thaw(key, request);
        },
      };
    };
    await expect(thawPacks(s.made.again(), forgets(99), thaw, { tier: 'standard' })).rejects.toMatchObject({
      code: 'storage.frozen',
    });
    await thawPacks(s.made.again(), forgets(2), (await planned(s)).thaw, { tier: 'standard' });
    expect((await planned(s)).thaw.thawed.packs).toBe(3);
  });

  it('gives up when the archive never answers', async () => {
    const s = await scene();
    const { thaw } = await planned(s);
    const stuck: PackArchive = { ...s.archive, state: async () => ({ state: 'thawing' }) };
    await expect(thawPacks(s.made.again(), stuck, thaw, { tier: 'bulk' })).rejects.toMatchObject({
      code: 'storage.unavailable',
    });
  });

  it('renews a copy that would end during the restore', async () => {
    const s = await scene();
    const { thaw } = await planned(s);
    await thawPacks(s.made.again(), s.archive, thaw, { tier: 'standard' });
    await s.runtime.clock.sleep(37 * hour);
    const { plan, thaw: later } = await planned(s);
    expect(later.thawed.packs).toBe(3);
    await thawPacks(s.made.again(), s.archive, later, { tier: 'standard' });
    await s.runtime.clock.sleep(24 * hour);
    expect((await s.apply(plan)).outcome).toBe('complete');
  });
});

describe('the price of a thaw', () => {
  const gibibyte = 1024 ** 3;
  it('is that of the table: retrieval, requests, and the copy for its days', () => {
    const packs = Array.from({ length: 64 }, () => ({ storageClass: 'DEEP_ARCHIVE', size: gibibyte / 64 }));
    const offers = offersFor(packs, 30);
    expect(offers.map(({ tier }) => tier)).toEqual(['bulk', 'standard']);
    expect(offers[0]?.price).toBeCloseTo(0.0025 + 0.023 + (64 * 0.025) / 1000, 10);
    expect(offers[1]?.price).toBeCloseTo(0.02 + 0.023 + (64 * 0.1) / 1000, 10);
  });

  it('offers only what every pack can be thawed by', () => {
    const packs = [
      { storageClass: 'GLACIER', size: gibibyte },
      { storageClass: 'DEEP_ARCHIVE', size: gibibyte },
    ];
    expect(offersFor(packs, 1).map(({ tier, hours }) => [tier, hours])).toEqual([
      ['bulk', 48],
      ['standard', 12],
    ]);
    expect(offersFor([{ storageClass: 'GLACIER', size: gibibyte }], 1).map(({ tier }) => tier)).toContain('expedited');
  });
});
