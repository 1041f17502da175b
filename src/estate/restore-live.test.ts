import { describe, expect, it } from 'vitest';
import { addThing, createProvider, thingConnector, type ThingProvider } from '../../test/estate/things.ts';
import { createTestEstate, source, type TestEstate } from '../../test/estate/memory-estate.ts';
import { HoldfastError } from '../kernel/errors.ts';
import type { SnapshotReader } from '../repository/contract.ts';
import type { RestorePlan, RestoreReport, RestoreRequest } from './restore-contract.ts';
import { applyRestore } from './restore-apply.ts';
import { parseRestorePlan } from './plan-file.ts';
import { planRestore } from './restore-plan.ts';
import { takeSnapshot } from './snapshot.ts';

interface Scene {
  readonly provider: ThingProvider;
  readonly made: TestEstate;
  readonly reader: SnapshotReader;
  plan(request?: Partial<RestoreRequest>): Promise<RestorePlan>;
  apply(plan: RestorePlan): Promise<RestoreReport>;
}

const regions = ['us-east-1', 'eu-west-1'];

async function scene(): Promise<Scene> {
  const provider = createProvider();
  addThing(provider, 'us-east-1', 'web');
  addThing(provider, 'eu-west-1', 'web');
  addThing(provider, 'us-east-1', 'api');
  const made = await createTestEstate(
    [thingConnector(provider), { ...thingConnector(createProvider(), 'edge', ['things']) }],
    {
      accounts: [{ name: 'prod', id: '123456789012', regions }],
      sources: [source('things')],
    },
  );
  const settings = { selection: { selectors: [] }, tags: {}, resume: false };
  const { info } = await takeSnapshot(made.estate, made.repository, settings, made.lookup);
  const reader = await made.repository.open(info);
  return {
    provider,
    made,
    reader,
    plan: async (request = {}) =>
      await planRestore(
        made.estate,
        made.repository,
        reader,
        { path: '', to: { live: {} }, mode: 'revert-changed', rename: [], ...request },
        made.lookup,
      ),
    apply: async (plan) => await applyRestore(made.estate, made.repository, reader, plan, made.lookup),
  };
}

function objects(provider: ThingProvider, region: string, name: string): Record<string, string> {
  return Object.fromEntries(provider.regions.get(region)?.get(name)?.objects ?? []);
}

async function code(running: Promise<unknown>): Promise<string> {
  const error: unknown = await running.catch((caught: unknown) => caught);
  return error instanceof HoldfastError ? error.code : `no error: ${String(error)}`;
}

describe('restore into the live estate', () => {
  it('plans nothing where nothing is missing', async () => {
    const { plan, apply } = await scene();
    const made = await plan();
    expect(made.actions).toEqual([]);
    expect(await apply(made)).toMatchObject({ outcome: 'complete', applied: 0, unchanged: 0, failures: [] });
  });

  it('leaves out what was removed from a stored plan, with what depends on it', async () => {
    const { provider, plan, apply } = await scene();
    provider.regions.get('us-east-1')?.delete('web');
    provider.regions.get('eu-west-1')?.delete('web');
    const whole = await plan();
    const actions = whole.actions.filter(({ id }) => id.startsWith('things/web/'));
    const { plan: edited } = parseRestorePlan(JSON.stringify({ ...whole, actions }));
    expect(await apply(edited)).toMatchObject({ outcome: 'complete', applied: 2, failures: [] });
    expect(provider.regions.get('us-east-1')?.has('web')).toBe(true);
    expect(provider.regions.get('eu-west-1')?.has('web')).toBe(false);
    // Something that nobody planned is refused all the same.
    provider.regions.get('us-east-1')?.delete('api');
    expect(await code(apply(edited))).toBe('plan.stale');
  });

  it('puts back what was lost, in each region, and says what has a new identity', async () => {
    const { provider, plan, apply, made } = await scene();
    provider.regions.get('us-east-1')?.delete('web');
    provider.regions.get('eu-west-1')?.delete('web');
    provider.regions.get('us-east-1')?.get('api')?.objects.set('a.txt', 'vandalised');
    const planned = await plan();
    expect(planned.actions.map(({ id, effect, dependsOn }) => [id, effect, dependsOn])).toEqual([
      ['things/api/put', 'update', []],
      ['things/web/create', 'create', []],
      ['things/web/put', 'create', ['things/web/create']],
      ['things/web@eu-west-1/create', 'create', []],
      ['things/web@eu-west-1/put', 'create', ['things/web@eu-west-1/create']],
    ]);
    expect(planned.ledger.map(({ resource, what }) => `${resource}: ${what}`)).toContain('things/web: the birthday');
    const stored = JSON.parse(JSON.stringify(planned)) as RestorePlan;
    const report = await apply(stored);
    expect(report).toMatchObject({ outcome: 'complete', applied: 5, unchanged: 0, failures: [] });
    expect(report.identities).toContainEqual({ from: 'thing:eu-west-1:web', to: 'thing:eu-west-1:web:2' });
    expect(report.ledger.filter((line) => line.class === 'new-identity')).toHaveLength(2);
    expect(objects(provider, 'eu-west-1', 'web')).toEqual({ 'a.txt': 'a of web', 'deep/b.txt': 'b of web' });
    expect(objects(provider, 'us-east-1', 'api')['a.txt']).toBe('a of api');
    expect((await plan()).actions).toEqual([]);
    expect(made.events.filter((event) => event.type === 'action.finished')).toHaveLength(5);
  });

  it('restores one piece and nothing else', async () => {
    const { provider, plan, apply } = await scene();
    for (const name of ['web', 'api']) provider.regions.get('us-east-1')?.get(name)?.objects.clear();
    provider.regions.get('us-east-1')?.get('web')?.objects.set('a.txt.bak', 'mine');
    const planned = await plan({ path: 'things/web/objects/a.txt', mode: 'exact' });
    expect(planned.actions.map(({ id, input }) => [id, input])).toEqual([
      ['things/web/put', { name: 'web', keys: ['a.txt'] }],
    ]);
    await apply(planned);
    expect(objects(provider, 'us-east-1', 'web')).toEqual({ 'a.txt': 'a of web', 'a.txt.bak': 'mine' });
    expect(objects(provider, 'us-east-1', 'api')).toEqual({});
    expect(await code(plan({ path: 'things/nothing' }))).toBe('snapshot.path-not-found');
    expect(await code(plan({ site: 'nowhere' }))).toBe('snapshot.nothing-selected');
  });

  it('restores to another region, under another name', async () => {
    const { provider, plan, apply } = await scene();
    const planned = await plan({
      path: 'things/api',
      to: { live: { region: 'eu-west-1' } },
      rename: [{ from: 'api', to: 'api2' }],
    });
    await apply(planned);
    expect(objects(provider, 'eu-west-1', 'api2')).toEqual({ 'a.txt': 'a of api', 'deep/b.txt': 'b of api' });
  });

  it('goes on with the same plan after it was interrupted', async () => {
    const { provider, plan, apply, made } = await scene();
    provider.regions.get('us-east-1')?.delete('web');
    provider.regions.get('us-east-1')?.delete('api');
    const planned = await plan();
    provider.onApply = ({ operation }) => {
      if (operation === 'put') made.abort.abort(new Error('Ctrl-C'));
      made.abort.signal.throwIfAborted();
    };
    expect(await code(apply(planned))).toBe('run.interrupted');
    provider.onApply = () => undefined;
    const again = await applyRestore(made.again(), made.repository, (await scene()).reader, planned, made.lookup).catch(
      (e: unknown) => e,
    );
    expect((again as HoldfastError).code).toBe('plan.invalid');
    const [info] = (await made.repository.snapshots()).list;
    if (!info) throw new Error('there is no snapshot');
    const report = await applyRestore(
      made.again(),
      made.repository,
      await made.repository.open(info),
      planned,
      made.lookup,
    );
    expect(report.outcome).toBe('complete');
    expect(report.applied + report.unchanged).toBe(4);
    expect(report.unchanged).toBeGreaterThan(0);
    expect(objects(provider, 'us-east-1', 'web')).toEqual({ 'a.txt': 'a of web', 'deep/b.txt': 'b of web' });
  });

  it('refuses a plan when the target needs something else by now', async () => {
    const { provider, plan, apply } = await scene();
    provider.regions.get('us-east-1')?.get('web')?.objects.delete('a.txt');
    const planned = await plan();
    provider.regions.get('us-east-1')?.get('web')?.objects.set('deep/b.txt', 'changed since');
    expect(await code(apply(planned))).toBe('plan.stale');
    expect(objects(provider, 'us-east-1', 'web')).toEqual({ 'deep/b.txt': 'changed since' });
    provider.regions.get('us-east-1')?.get('web')?.objects.set('deep/b.txt', 'b of web');
    expect((await apply(planned)).outcome).toBe('complete');
  });

  it('loses an action that fails, and those that depend on it, and no other', async () => {
    const { provider, plan, apply, made } = await scene();
    provider.regions.get('us-east-1')?.delete('web');
    provider.regions.get('us-east-1')?.delete('api');
    const planned = await plan();
    provider.onApply = ({ id }) => {
      if (id === 'things/web/create') throw new HoldfastError('item.denied', 'create was denied');
    };
    const report = await apply(planned);
    expect(report.outcome).toBe('partial');
    expect(report.applied).toBe(2);
    expect(report.failures.map((failure) => failure.code)).toEqual(['item.denied', 'restore.incomplete']);
    expect(report.ledger.filter((line) => line.class === 'needs-human').map((line) => line.what)).toEqual([
      'create web in us-east-1',
      'put web in us-east-1',
    ]);
    expect(objects(provider, 'us-east-1', 'api')['a.txt']).toBe('a of api');
    expect(made.events.at(-1)).toMatchObject({ verb: 'restore', outcome: 'partial' });
  });

  it('stops at an error that is not about one action', async () => {
    const { provider, plan, apply } = await scene();
    provider.regions.get('us-east-1')?.delete('web');
    const planned = await plan();
    provider.onApply = () => {
      throw new HoldfastError('aws.credentials-expired', 'the token has expired');
    };
    expect(await code(apply(planned))).toBe('aws.credentials-expired');
  });

  it('says why a resource cannot return live', async () => {
    const { made, reader } = await scene();
    const request: RestoreRequest = { path: '', to: { live: {} }, mode: 'create-missing', rename: [] };
    const { live: _live, ...directoryOnly } = thingConnector(createProvider());
    const lookup = async () => await Promise.resolve(directoryOnly as never);
    const skipped = (await planRestore(made.estate, made.repository, reader, request, lookup)).skipped;
    expect(skipped.map(({ reason }) => reason)).toEqual(Array(3).fill('Things restore to a directory only'));
    const elsewhere = made.again({ accounts: [{ name: 'other', id: '999999999999', regions }] });
    const moved = await planRestore(elsewhere, made.repository, reader, request, made.lookup);
    expect(moved.skipped[0]?.reason).toContain('account 123456789012 is not in the configuration');
    expect(moved.actions).toEqual([]);
  });

  it('restores types after those they depend on', async () => {
    const things = createProvider();
    const edges = createProvider();
    addThing(things, 'us-east-1', 'z');
    addThing(edges, 'us-east-1', 'a');
    const made = await createTestEstate([thingConnector(edges, 'edge', ['things']), thingConnector(things)]);
    const settings = { selection: { selectors: [] }, tags: {}, resume: false };
    const { info } = await takeSnapshot(made.estate, made.repository, settings, made.lookup);
    const reader = await made.repository.open(info);
    things.regions.clear();
    edges.regions.clear();
    const order: string[] = [];
    things.onApply = async ({ id }) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      order.push(id);
    };
    edges.onApply = ({ id }) => void order.push(id);
    const request: RestoreRequest = { path: '', to: { live: {} }, mode: 'create-missing', rename: [] };
    const planned = await planRestore(made.estate, made.repository, reader, request, made.lookup);
    expect(planned.actions.map(({ id }) => id)).toEqual([
      'things/z/create',
      'things/z/put',
      'edge/a/create',
      'edge/a/put',
    ]);
    await applyRestore(made.estate, made.repository, reader, planned, made.lookup);
    expect(order).toEqual(['things/z/create', 'things/z/put', 'edge/a/create', 'edge/a/put']);
  });
});
