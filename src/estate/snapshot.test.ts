import { describe, expect, it } from 'vitest';
import { addThing, createProvider, thingConnector } from '../../test/estate/things.ts';
import { createTestEstate, source } from '../../test/estate/memory-estate.ts';
import type { Connector } from '../connectors/contract.ts';
import { HoldfastError } from '../kernel/errors.ts';
import { renderManifest } from './manifest.ts';
import { takeSnapshot } from './snapshot.ts';

const everything = { selection: { selectors: [] }, tags: { why: 'test' }, resume: false };

async function thrown(running: Promise<unknown>): Promise<HoldfastError> {
  const error: unknown = await running.catch((caught: unknown) => caught);
  if (error instanceof HoldfastError) return error;
  throw new Error(`expected a HoldfastError, got ${String(error)}`);
}

describe('a snapshot of an estate', () => {
  it('captures every region under its name, says what was found, and reuses what did not change', async () => {
    const provider = createProvider();
    addThing(provider, 'us-east-1', 'shop-web', { tags: { team: 'a' } });
    addThing(provider, 'us-east-1', 'shop-staging-web');
    addThing(provider, 'eu-west-1', 'shop-web');
    const made = await createTestEstate([thingConnector(provider)], {
      accounts: [{ name: 'prod', id: '123456789012', regions: ['us-east-1', 'eu-west-1'] }],
      sites: { shop: { match: ['shop-*'], environments: { staging: '*-staging-*' } } },
    });
    const first = await takeSnapshot(made.estate, made.repository, everything, made.lookup);
    expect(first.info.outcome).toBe('complete');
    expect(first.info.tags).toEqual({ why: 'test' });
    const [component] = first.manifest.components;
    expect(component?.source).toEqual({
      source: 'things',
      type: 'things',
      expected: 3,
      captured: 3,
      partial: 0,
      failures: [],
    });
    expect(component?.resources.map((r) => [r.ref.name, r.site, r.environment, r.ref.region])).toEqual([
      ['shop-staging-web', 'shop', 'staging', 'us-east-1'],
      ['shop-web', 'shop', 'production', 'us-east-1'],
      ['shop-web@eu-west-1', 'shop', 'production', 'eu-west-1'],
    ]);
    expect(first.manifest.totals.entries).toBe(3 * 5);
    const second = await takeSnapshot(made.again(), made.repository, everything, made.lookup);
    expect(second.manifest.components[0]?.checksum).toBe(component?.checksum);
    expect(second.info.totals.reused).toBeGreaterThanOrEqual(6);
    expect(provider.loads).toBe(6);
    const part = { ...everything, selection: { selectors: ['things/shop-w*'], site: 'shop' } };
    const narrow = await takeSnapshot(made.again(), made.repository, part, made.lookup);
    expect(narrow.manifest.components[0]?.source).toMatchObject({ selection: 'things/shop-w* site=shop', captured: 2 });
    const text = renderManifest(first.manifest);
    expect(text).toContain('| things | 3 | 3 | 0 | 15 |');
    expect(text).toContain('| shop | production | 2 | 0 | 10 |');
  });

  it('says which moment each source shows: what its capture told, or from the first to the last call', async () => {
    const provider = createProvider();
    addThing(provider, 'us-east-1', 'one');
    addThing(provider, 'us-east-1', 'two');
    const things = thingConnector(provider);
    const database: Connector<never> = {
      ...(thingConnector(provider, 'databases') as Connector<never>),
      awaitsMoment: true,
      async capture({ moment }, { ref }, sink) {
        expect(await moment?.begin()).toEqual({ held: false });
        await sink.root.add({ key: 'a', kind: 'document', document: 1 });
        if (ref.name === 'one')
          moment?.reached({ kind: 'instant', from: 1000, to: 1001, clock: 'server', position: 'log 7' });
        else moment?.reached({ kind: 'interval' });
      },
    };
    const made = await createTestEstate([things, database]);
    const { info, manifest } = await takeSnapshot(made.estate, made.repository, everything, made.lookup);
    const iso = expect.stringMatching(/^20/) as string;
    expect(manifest.moments).toEqual([
      { source: 'things', kind: 'interval', from: iso, to: iso, clock: 'machine' },
      {
        source: 'databases',
        resource: 'databases/one',
        kind: 'instant',
        from: '1970-01-01T00:00:01.000Z',
        to: '1970-01-01T00:00:01.001Z',
        clock: 'server',
        position: 'log 7',
        seenAt: iso,
      },
      { source: 'databases', resource: 'databases/two', kind: 'interval', from: iso, to: iso, clock: 'machine' },
    ]);
    const text = renderManifest(manifest);
    expect(text).toContain(
      "| databases/one | one instant | 1970-01-01T00:00:01.000Z | 1970-01-01T00:00:01.001Z | the server's | log 7 |",
    );
    expect(text).toMatch(/\| things \| read part by part \| 20\S+ \| 20\S+ \| ours \| {2}\|/);
    const reader = await (await made.reopen()).open(info);
    for await (const { moment, ref } of reader.resources('databases/'))
      expect(moment).toMatchObject(
        ref.name === 'one' ? { from: 1000, position: 'log 7' } : { from: expect.any(Number) as number },
      );
  });

  it('tells its progress as events', async () => {
    const provider = createProvider();
    addThing(provider, 'us-east-1', 'web');
    const made = await createTestEstate([thingConnector(provider)]);
    await takeSnapshot(made.estate, made.repository, everything, made.lookup);
    const kinds = made.events.map((event) => event.type).filter((type) => type !== 'repository.progress');
    expect([...new Set(kinds)]).toEqual([
      'run.started',
      'source.started',
      'source.found',
      'resource.started',
      'resource.progress',
      'resource.finished',
      'source.finished',
      'run.finished',
    ]);
    expect(made.events.at(-1)).toMatchObject({ type: 'run.finished', verb: 'snapshot', outcome: 'ok' });
  });

  it('commits what it could capture, and says what not and why', async () => {
    const provider = createProvider();
    addThing(provider, 'us-east-1', 'good');
    addThing(provider, 'us-east-1', 'denied', { expectedFailure: 'config' });
    addThing(provider, 'us-east-1', 'gone', { expectedFailure: 'capture' });
    addThing(provider, 'us-east-1', 'torn');
    provider.onLoad = (name, key) => {
      if (name === 'torn' && key === 'a.txt') throw new HoldfastError('item.unavailable', 'GetObject of torn failed');
    };
    const made = await createTestEstate([thingConnector(provider)]);
    const { info, manifest } = await takeSnapshot(made.estate, made.repository, everything, made.lookup);
    expect(info.outcome).toBe('partial');
    expect(manifest.components[0]?.source).toMatchObject({ expected: 4, captured: 1, partial: 3 });
    expect(manifest.components[0]?.source.failures.map((f) => [f.resource, f.code]).sort()).toEqual([
      ['things/denied/config.json', 'item.denied'],
      ['things/gone', 'item.not-found'],
      ['things/torn/objects/a.txt', 'item.unavailable'],
    ]);
    expect(made.events.filter((event) => event.type === 'item.failed')).toHaveLength(3);
    expect(made.events.at(-1)).toMatchObject({ outcome: 'partial' });
    expect(renderManifest(manifest)).toContain('things/torn/objects/a.txt');
  });

  it('loses one source to a denied listing, and no other', async () => {
    const provider = createProvider();
    const other = createProvider();
    addThing(provider, 'us-east-1', 'a');
    addThing(other, 'us-east-1', 'b');
    provider.denied.add('us-east-1');
    const made = await createTestEstate([thingConnector(provider), thingConnector(other, 'others')]);
    const { info, manifest } = await takeSnapshot(made.estate, made.repository, everything, made.lookup);
    expect(info.outcome).toBe('partial');
    const [denied, whole] = manifest.components;
    expect(denied?.source.expected).toBeUndefined();
    expect(denied?.source.failures[0]?.code).toBe('item.denied');
    expect(whole?.source).toMatchObject({ expected: 1, captured: 1 });
    expect(renderManifest(manifest)).toContain('| things | unknown | 0 |');
  });

  it('takes what the selection, the patterns and the site let through', async () => {
    const provider = createProvider();
    for (const name of ['a-1', 'a-2', 'a-logs', 'b-1']) addThing(provider, 'us-east-1', name);
    const made = await createTestEstate([thingConnector(provider)], {
      sources: [source('things', { include: ['a-*'], exclude: ['*-logs'] })],
      sites: { one: { match: ['*-1'], environments: {} } },
    });
    const names = async (selectors: string[], site?: string): Promise<string[]> => {
      const selection = site === undefined ? { selectors } : { selectors, site };
      const { manifest } = await takeSnapshot(made.estate, made.repository, { ...everything, selection }, made.lookup);
      return manifest.components.flatMap((c) => c.resources.map((r) => r.ref.name));
    };
    expect(await names([])).toEqual(['a-1', 'a-2']);
    expect(await names(['things/*2'])).toEqual(['a-2']);
    expect(await names(['things'], 'one')).toEqual(['a-1']);
    expect((await thrown(names(['things/zzz']))).code).toBe('snapshot.nothing-selected');
    expect((await thrown(names(['thing']))).message).toContain('did you mean things?');
    expect((await thrown(names([], 'two'))).code).toBe('usage.invalid');
  });

  it('gives a resource that two sources cover to the first of them', async () => {
    const provider = createProvider();
    addThing(provider, 'us-east-1', 'a');
    addThing(provider, 'us-east-1', 'b');
    const made = await createTestEstate([thingConnector(provider)], {
      sources: [source('things', { name: 'first', include: ['a'] }), source('things', { name: 'second' })],
    });
    const { manifest } = await takeSnapshot(made.estate, made.repository, everything, made.lookup);
    expect(
      manifest.components.map((c) => [c.source.source, c.source.expected, c.resources.map((r) => r.ref.name)]),
    ).toEqual([
      ['first', 1, ['a']],
      ['second', 1, ['b']],
    ]);
  });

  it('keeps what was stored when it is interrupted, and goes on with it', async () => {
    const provider = createProvider();
    for (let i = 0; i < 50; i++) addThing(provider, 'us-east-1', `t-${String(i).padStart(2, '0')}`);
    const made = await createTestEstate([thingConnector(provider)]);
    provider.onLoad = () => {
      if (provider.loads === 60) made.abort.abort(new Error('Ctrl-C'));
    };
    const error = await thrown(takeSnapshot(made.estate, made.repository, everything, made.lookup));
    expect(error.code).toBe('run.interrupted');
    expect(error.row.exit).toBe(130);
    expect(error.hint).toContain('--resume');
    expect(made.events.at(-1)).toMatchObject({ outcome: 'interrupted' });
    expect((await made.repository.snapshots()).list).toEqual([]);
    const before = provider.loads;
    const { info, manifest } = await takeSnapshot(
      made.again(),
      await made.reopen(),
      { ...everything, resume: true },
      made.lookup,
    );
    expect(info.outcome).toBe('complete');
    expect(manifest.components[0]?.source).toMatchObject({ expected: 50, captured: 50, failures: [] });
    expect(provider.loads - before).toBeLessThan(100 - 25);
  });

  it('stops at an error that is not about an item, and goes on later', async () => {
    const provider = createProvider();
    for (let i = 0; i < 10; i++) addThing(provider, 'us-east-1', `t-${i}`);
    const made = await createTestEstate([thingConnector(provider)]);
    provider.onLoad = () => {
      if (provider.loads > 8) throw new HoldfastError('aws.credentials-expired', 'the token has expired');
    };
    const error = await thrown(takeSnapshot(made.estate, made.repository, everything, made.lookup));
    expect(error.code).toBe('aws.credentials-expired');
    expect(made.events.at(-1)).toMatchObject({ outcome: 'failed' });
    provider.onLoad = () => undefined;
    const { manifest } = await takeSnapshot(
      made.again(),
      await made.reopen(),
      { ...everything, resume: true },
      made.lookup,
    );
    expect(manifest.components[0]?.source).toMatchObject({ expected: 10, captured: 10 });
  });

  it('has nothing to resume where nothing was interrupted', async () => {
    const provider = createProvider();
    addThing(provider, 'us-east-1', 'a');
    const made = await createTestEstate([thingConnector(provider)]);
    const running = takeSnapshot(made.estate, made.repository, { ...everything, resume: true }, made.lookup);
    expect((await thrown(running)).code).toBe('snapshot.nothing-to-resume');
    expect(made.events.filter((event) => event.type === 'notice')).toEqual([]);
  });

  it('refuses options that the connector does not know, before anything is done', async () => {
    const made = await createTestEstate([thingConnector(createProvider())], {
      sources: [source('things', { options: { nope: 1 }, at: '7:3' })],
    });
    const error = await thrown(takeSnapshot(made.estate, made.repository, everything, made.lookup));
    expect(error.code).toBe('config.invalid');
    expect(error.message).toContain('holdfast.yaml:7:3');
  });
});
