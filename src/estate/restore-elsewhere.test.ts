import { describe, expect, it } from 'vitest';
import { createTestEstate, source } from '../../test/estate/memory-estate.ts';
import { addThing, createProvider, thingConnector } from '../../test/estate/things.ts';
import type { PlannedAction } from '../connectors/contract.ts';
import type { RestoreRequest } from './restore-contract.ts';
import { applyRestore } from './restore-apply.ts';
import { planAgain, planRestore } from './restore-plan.ts';
import { takeSnapshot } from './snapshot.ts';

const account = '123456789012';
const arn = (region: string, name: string): string => `arn:aws:things:${region}:${account}:${name}`;

/** Things that have ARNs, and whose plan is what `changed` makes of it. */
async function scene(
  changed: (action: PlannedAction) => PlannedAction = (action) => action,
  looked: (rewrite: (text: string) => unknown) => void = () => undefined,
) {
  const provider = createProvider();
  const base = thingConnector(provider);
  const { live } = base;
  if (!live) throw new Error('things restore live');
  const connector: typeof base = {
    ...base,
    async *discover(context) {
      for await (const found of base.discover(context))
        yield { ...found, ref: { ...found.ref, id: arn(found.ref.region, found.ref.name) } };
    },
    live: {
      ...live,
      async plan(context, captured) {
        looked((text) => context.rewrite(text));
        return (await live.plan(context, captured)).map(changed);
      },
      async apply(context, action, captured) {
        const outcome = await live.apply(context, action, captured);
        if (!outcome.identities) return outcome;
        return { ...outcome, identities: [{ from: captured.ref.id, to: arn(context.aws.region, 'learned') }] };
      },
    },
  };
  addThing(provider, 'us-east-1', 'web');
  addThing(provider, 'us-east-1', 'api');
  addThing(provider, 'eu-west-1', 'web');
  addThing(provider, 'eu-west-1', 'mail');
  const made = await createTestEstate([connector], {
    accounts: [{ name: 'prod', id: account, regions: ['us-east-1', 'eu-west-1'] }],
    sources: [source('things')],
  });
  const settings = { selection: { selectors: [] }, tags: {}, resume: false };
  const { info } = await takeSnapshot(made.estate, made.repository, settings, made.lookup);
  const reader = await made.repository.open(info);
  const request: RestoreRequest = { path: '', to: { live: {} }, mode: 'revert-changed', rename: [] };
  const plan = (more: Partial<RestoreRequest> = {}) =>
    planRestore(made.estate, made.repository, reader, { ...request, ...more }, made.lookup);
  return { provider, made, reader, plan };
}

describe('a restore elsewhere', () => {
  const away = { to: { live: { region: 'ap-south-1' } } };

  it('gives one name at the target to one resource only, and lets nothing follow the other', async () => {
    const seen = new Set<unknown>();
    const { plan } = await scene(undefined, (rewrite) => {
      for (const region of ['us-east-1', 'eu-west-1']) seen.add(rewrite(`see ${arn(region, 'web')} now`));
    });
    const planned = await plan(away);
    expect(planned.skipped).toEqual([
      { resource: 'things/web@eu-west-1', reason: expect.stringContaining('things/web takes the same name') as string },
    ]);
    expect(planned.actions.filter(({ effect }) => effect === 'create').map(({ id }) => id)).not.toContain(
      'things/web@eu-west-1/create',
    );
    expect([...seen]).toEqual([`see ${arn('ap-south-1', 'web')} now`, `see ${arn('eu-west-1', 'web')} now`]);
    const mistyped = plan({ path: 'things/web', ...away, rename: [{ from: 'things/wbe', to: 'web-dr' }] });
    await expect(mistyped).rejects.toMatchObject({
      code: 'usage.invalid',
      hint: expect.stringContaining('things/web'),
    });
    const renamed = await plan({ path: 'things/web', ...away, rename: [{ from: 'things/*', to: '*-dr' }] });
    expect(renamed.skipped).toEqual([]);
    expect(renamed.actions[0]?.title).toBe('create web-dr in ap-south-1');
  });

  it('is done in three phases, whatever the order of types and resources', async () => {
    const phases = { api: 'enable', web: 'settle' } as const;
    const { made, reader, provider, plan } = await scene((action) => {
      const phase = phases[action.resource.name as keyof typeof phases];
      return action.operation === 'put' && phase ? { ...action, phase } : action;
    });
    provider.regions.get('us-east-1')?.clear();
    const planned = await plan();
    const order = ['things/api/create', 'things/web/create', 'things/web/put', 'things/api/put'];
    expect(planned.actions.map(({ id }) => id)).toEqual(order);
    const done: string[] = [];
    provider.onApply = async ({ id }) => {
      // What is made takes its time; nothing of a later phase begins meanwhile.
      if (id.endsWith('/create')) await new Promise((resolve) => setTimeout(resolve, 20));
      done.push(id);
    };
    const report = await applyRestore(made.estate, made.repository, reader, planned, made.lookup);
    expect(report.failures).toEqual([]);
    expect(done.slice(0, 2).sort()).toEqual(order.slice(0, 2));
    expect(done.slice(2)).toEqual(order.slice(2));
  });

  it('is planned again with what it learned: nothing is left to do, and what differs is found', async () => {
    const { made, reader, provider, plan } = await scene();
    const planned = await plan({ path: 'things/api', ...away });
    const report = await applyRestore(made.estate, made.repository, reader, planned, made.lookup);
    expect(report.identities).toEqual([{ from: arn('us-east-1', 'api'), to: arn('ap-south-1', 'learned') }]);
    const again = () => planAgain(made.estate, made.repository, reader, planned, report.identities, made.lookup);
    expect((await again()).actions).toEqual([]);
    provider.regions.get('ap-south-1')?.get('api')?.objects.set('a.txt', 'vandalised');
    expect((await again()).actions.map(({ id }) => id)).toEqual(['things/api/put']);
  });
});
