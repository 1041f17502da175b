import { expect, it } from 'vitest';
import { addThing, createProvider, thingConnector } from '../../test/estate/things.ts';
import { createTestEstate } from '../../test/estate/memory-estate.ts';
import type { QuotaUse } from '../connectors/quotas.ts';
import { HoldfastError } from '../kernel/errors.ts';
import type { RestoreRequest } from './restore-contract.ts';
import { parseRestorePlan } from './plan-file.ts';
import { quotaText } from './quotas.ts';
import { applyRestore } from './restore-apply.ts';
import { planRestore } from './restore-plan.ts';
import { takeSnapshot } from './snapshot.ts';

const request: RestoreRequest = { path: '', to: { live: {} }, mode: 'create-missing', rename: [] };

/** Two things, both lost, in an account that may have so many. */
async function scene(limit: number | HoldfastError) {
  const provider = createProvider();
  for (const name of ['api', 'web']) addThing(provider, 'us-east-1', name);
  const base = thingConnector(provider);
  const { live } = base;
  if (!live) throw new Error('things restore live');
  const connector: typeof base = {
    ...base,
    live: {
      ...live,
      async quotas(_, creations): Promise<QuotaUse[]> {
        if (limit instanceof HoldfastError) throw limit;
        const created = creations.filter(({ action }) => action.operation === 'create').length;
        const ask = { service: 'things', code: 'L-1', region: 'us-east-1', adjustable: true };
        return await Promise.resolve([{ what: 'things', needed: created, used: 1, limit, ask }]);
      },
    },
  };
  const made = await createTestEstate([connector]);
  const settings = { selection: { selectors: [] }, tags: {}, resume: false };
  const { info } = await takeSnapshot(made.estate, made.repository, settings, made.lookup);
  provider.regions.get('us-east-1')?.clear();
  const reader = await made.repository.open(info);
  const plan = async () => await planRestore(made.estate, made.repository, reader, request, made.lookup);
  const apply = async (planned: Awaited<ReturnType<typeof plan>>) =>
    await applyRestore(made.estate, made.repository, reader, planned, made.lookup);
  return { provider, plan, apply };
}

it('a plan says what it takes of the limits, and is done where it fits', async () => {
  const { plan, apply } = await scene(3);
  const planned = await plan();
  expect(planned.quotas).toEqual([
    {
      type: 'things',
      account: '123456789012',
      region: 'us-east-1',
      what: 'things',
      needed: 2,
      used: 1,
      limit: 3,
      ask: { service: 'things', code: 'L-1', region: 'us-east-1', adjustable: true },
    },
  ]);
  expect(parseRestorePlan(JSON.stringify(planned)).plan.quotas).toEqual(planned.quotas);
  expect(await apply(planned)).toMatchObject({ outcome: 'complete' });
});

it('a plan that does not fit writes nothing, unless enough of it is removed', async () => {
  const { provider, plan, apply } = await scene(2);
  const planned = await plan();
  await expect(apply(planned)).rejects.toMatchObject({
    code: 'restore.over-quota',
    message: expect.stringContaining('things: would need 2 more, 1 exist, the quota is 2') as unknown,
  });
  expect(provider.regions.get('us-east-1')?.size).toBe(0);
  const actions = planned.actions.filter(({ id }) => id.startsWith('things/web/'));
  const { plan: less } = parseRestorePlan(JSON.stringify({ ...planned, actions }));
  expect(await apply(less)).toMatchObject({ outcome: 'complete' });
});

it('a limit that cannot be looked at is a note', async () => {
  const { plan, apply } = await scene(new HoldfastError('item.denied', 'GetAccountLimit failed: AccessDenied'));
  const planned = await plan();
  expect(planned.quotas).toMatchObject([{ type: 'things', unknown: 'GetAccountLimit failed: AccessDenied' }]);
  expect(await apply(planned)).toMatchObject({ outcome: 'complete' });
});

it('reads as people say it', () => {
  expect(quotaText({ what: 'zones', needed: 66, used: 12, limit: 50 })).toBe(
    'zones: would need 66 more, 12 exist, the quota is 50',
  );
  const ask = { service: 'sns', code: 'L-61103206', region: 'eu-west-1', adjustable: true };
  const over = { what: 'SNS topics', needed: 2, used: 99_999, limit: 100_000 };
  expect(quotaText({ ...over, ask })).toBe(
    'SNS topics: would need 2 more, 99,999 exist, the quota is 100,000; ask for 100,001 (Service Quotas: sns L-61103206 in eu-west-1)',
  );
  expect(quotaText({ ...over, ask: { ...ask, adjustable: false } })).toContain(
    '; AWS does not raise it (Service Quotas:',
  );
  expect(quotaText({ ...over, used: 1, ask })).toBe('SNS topics: would need 2 more, 1 exist, the quota is 100,000');
});
