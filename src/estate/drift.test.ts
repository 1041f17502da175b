import { describe, expect, it } from 'vitest';
import { addThing, createProvider, thingConnector, type ThingProvider } from '../../test/estate/things.ts';
import { createTestEstate, source, type TestEstate } from '../../test/estate/memory-estate.ts';
import { asBuffer } from '../kernel/bytes.ts';
import type { HoldfastError } from '../kernel/errors.ts';
import type { SnapshotReader } from '../repository/contract.ts';
import type { DriftReport, ResourceDrift, Selection } from './contract.ts';
import { diffSnapshots } from './diff.ts';
import { discoverEstate } from './discover.ts';
import { findDrift } from './drift.ts';
import { readLedger } from './ledger.ts';
import { takeSnapshot } from './snapshot.ts';

const all: Selection = { selectors: [] };

async function snapshot(made: TestEstate, selection = all): Promise<SnapshotReader> {
  const { info } = await takeSnapshot(
    made.again(),
    made.repository,
    { selection, tags: {}, resume: false },
    made.lookup,
  );
  return await made.repository.open(info);
}

async function scene(): Promise<{
  provider: ThingProvider;
  made: TestEstate;
  reader: SnapshotReader;
  drift(selection?: Selection): Promise<DriftReport>;
}> {
  const provider = createProvider();
  addThing(provider, 'us-east-1', 'web', { secret: 'hunter2' });
  addThing(provider, 'us-east-1', 'api');
  const made = await createTestEstate([thingConnector(provider)]);
  const reader = await snapshot(made);
  return {
    provider,
    made,
    reader,
    drift: async (selection = all) => await findDrift(made.again(), made.repository, reader, selection, made.lookup),
  };
}

function shown({ resource, change, differences }: ResourceDrift): string[] {
  const place = (d: ResourceDrift['differences'][number]): string =>
    `${d.change} ${d.collection}/${asBuffer(d.key).toString()}`;
  return [`${change} ${resource}`, ...differences.map(place)];
}

describe('drift', () => {
  it('finds nothing where nothing changed', async () => {
    const { drift } = await scene();
    expect(await drift()).toMatchObject({ resources: [], failures: [], compared: { resources: 2, entries: 11 } });
  });

  it('finds what changed, what is missing and what is new', async () => {
    const { provider, drift } = await scene();
    const things = provider.regions.get('us-east-1');
    const web = things?.get('web');
    web?.objects.delete('a.txt');
    web?.objects.set('deep/b.txt', 'changed');
    web?.objects.set('new.txt', 'new');
    web?.rows.set('1', { id: 1, name: 'x' });
    if (web) web.config = { kind: 'thing', size: 2 };
    things?.delete('api');
    addThing(provider, 'us-east-1', 'other');
    const report = await drift();
    expect(report.resources.map(shown)).toEqual(
      [
        ['missing things/api'],
        ['extra things/other'],
        [
          'changed things/web',
          'changed /config.json',
          'changed items/1',
          'missing objects/a.txt',
          'changed objects/deep/b.txt',
          'extra objects/new.txt',
        ].sort(),
      ].map((lines) => (lines.length > 1 ? expect.arrayContaining(lines) : lines) as string[]),
    );
    const config = report.resources[2]?.differences.find((d) => asBuffer(d.key).toString() === 'config.json');
    expect(config?.parts).toEqual([
      { part: 'content', before: { kind: 'thing', size: 1 }, after: { kind: 'thing', size: 2 } },
    ]);
    expect(report.resources[2]?.total).toBe(5);
  });

  it('never shows the value of a secret', async () => {
    const { provider, drift } = await scene();
    const web = provider.regions.get('us-east-1')?.get('web');
    if (web) web.secret = 'correct-horse';
    const report = await drift();
    expect(report.resources.map(({ total }) => total)).toEqual([1]);
    expect(JSON.stringify(report)).not.toMatch(/hunter2|correct-horse/);
  });

  it('takes what could not be read for a failure, not for a difference', async () => {
    const { provider, made, drift } = await scene();
    const things = provider.regions.get('us-east-1');
    addThing(provider, 'us-east-1', 'web', { ...things?.get('web'), expectedFailure: 'capture' });
    addThing(provider, 'us-east-1', 'api', { ...things?.get('api'), expectedFailure: 'config' });
    const report = await drift();
    expect(report.resources).toEqual([]);
    expect(report.failures.map((failure) => failure.code).sort()).toEqual(['item.denied', 'item.not-found']);
    provider.denied.add('us-east-1');
    expect(await drift()).toMatchObject({ resources: [], failures: [{ code: 'item.denied' }] });
    expect(made.events.at(-1)).toMatchObject({ type: 'run.finished', verb: 'drift', outcome: 'partial' });
  });

  it('counts only what the selection and the snapshot cover', async () => {
    const { provider, made, drift } = await scene();
    provider.regions.get('us-east-1')?.delete('api');
    expect((await drift({ selectors: ['things/web'] })).resources).toEqual([]);
    expect((await drift({ selectors: ['things/a*'] })).resources.map(shown)).toEqual([['missing things/api']]);
    const nothing: unknown = await drift({ selectors: ['things/zzz'] }).catch((error: unknown) => error);
    expect((nothing as HoldfastError).code).toBe('snapshot.nothing-selected');
    const [info] = (await made.repository.snapshots()).list;
    if (!info) throw new Error('there is no snapshot');
    const renamed = made.again({ sources: [source('things', { name: 'renamed' })] });
    const report = await findDrift(renamed, made.repository, await made.repository.open(info), all, made.lookup);
    expect(report.resources).toEqual([]);
    expect(report.failures[0]?.message).toContain('the configuration has no source things any more');
  });

  it('keeps a thousand differences of a resource, and counts all', async () => {
    const { provider, drift } = await scene();
    const web = provider.regions.get('us-east-1')?.get('web');
    for (let i = 0; i < 1500; i++) web?.objects.set(`new/${i}`, 'x');
    const [web1] = (await drift()).resources;
    expect(web1?.total).toBe(1500);
    expect(web1?.differences).toHaveLength(1000);
  });
});

describe('two snapshots', () => {
  it('differ by resources and entries', async () => {
    const { provider, made, reader } = await scene();
    const web = provider.regions.get('us-east-1')?.get('web');
    web?.objects.set('deep/b.txt', 'changed');
    web?.objects.set('deep/c.txt', 'new');
    web?.rows.delete('1');
    provider.regions.get('us-east-1')?.delete('api');
    addThing(provider, 'us-east-1', 'zebra');
    const after = await snapshot(made);
    const report = await diffSnapshots(made.repository, reader, after, '');
    expect(report.resources).toEqual([
      { resource: 'things/api', change: 'removed', entries: [], total: 5 },
      {
        resource: 'things/web',
        change: 'changed',
        entries: [
          { path: 'items/1', change: 'removed' },
          { path: 'objects/deep/b.txt', change: 'changed' },
          { path: 'objects/deep/c.txt', change: 'added' },
        ],
        total: 3,
      },
      { resource: 'things/zebra', change: 'added', entries: [], total: 5 },
    ]);
    const part = await diffSnapshots(made.repository, reader, after, 'things/web/objects/deep');
    expect(part.resources.map(({ total }) => total)).toEqual([2]);
    expect((await diffSnapshots(made.repository, after, after, '')).resources).toEqual([]);
    expect((await diffSnapshots(made.repository, reader, after, 'things/zebra')).resources).toHaveLength(1);
    const nowhere: unknown = await diffSnapshots(made.repository, reader, after, 'things/x').catch(
      (error: unknown) => error,
    );
    expect((nowhere as HoldfastError).code).toBe('snapshot.path-not-found');
  });
});

describe('the ledger of a snapshot', () => {
  it('says what would not come back, and counts the rest as exact', async () => {
    const { provider, made } = await scene();
    addThing(provider, 'us-east-1', 'web', { expectedFailure: 'config' });
    const report = await readLedger(await snapshot(made), all);
    expect(report.lines.map(({ resource, class: c, what }) => `${resource} ${c} ${what}`)).toEqual([
      'things/api new-identity the birthday',
      'things/web new-identity the birthday',
      'things/web lost items that could not be captured',
    ]);
    expect(report.counts).toEqual({ exact: 4 + 2, 'new-identity': 2, 'needs-human': 0, lost: 1 });
    expect((await readLedger(await snapshot(made), { selectors: ['things/api'] })).lines).toHaveLength(1);
  });
});

describe('discovery', () => {
  it('lists what a snapshot would capture, and what nothing protects', async () => {
    const provider = createProvider();
    const others = createProvider();
    addThing(provider, 'us-east-1', 'shop-web', { tags: { team: 'a' } });
    addThing(others, 'us-east-1', 'x');
    const connectors = [thingConnector(provider), thingConnector(others, 'others')];
    const made = await createTestEstate(connectors, {
      sources: [source('things')],
      sites: { shop: { match: ['shop-*'], environments: {} } },
    });
    const known = { types: ['things', 'others'], lookup: made.lookup };
    const report = await discoverEstate(made.estate, all, known);
    expect(report).toEqual({
      schema: 1,
      estate: 'acme',
      sources: [
        {
          source: 'things',
          type: 'things',
          resources: [
            {
              key: 'things/shop-web',
              region: 'us-east-1',
              site: 'shop',
              environment: 'production',
              tags: { team: 'a' },
            },
          ],
          errors: [],
        },
      ],
      unprotected: [{ type: 'others', resources: 1 }],
    });
    provider.denied.add('us-east-1');
    others.denied.add('us-east-1');
    const denied = await discoverEstate(made.estate, all, known);
    expect(denied.sources[0]?.errors[0]?.code).toBe('item.denied');
    expect(denied.unprotected[0]?.error?.code).toBe('item.denied');
    expect(made.events.filter((event) => event.type === 'source.finished').map((event) => event.outcome)).toEqual([
      'ok',
      'failed',
    ]);
  });
});
