import { CloudFront } from '@aws-sdk/client-cloudfront';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { startCloudFront, type CloudFrontStandIn } from '../../../test/stand-ins/cloudfront/server.ts';
import { isItemError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { captureAll, conformanceContext, describeConnector, restoreAll } from '../conformance.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import type { RestoreMode } from '../contract.ts';
import { connector } from './index.ts';
import {
  createDistribution,
  deleteDistribution,
  originSecret,
  plainConfiguration,
  readAll,
  seedAll,
} from './seed-for-test.ts';

const region = 'us-east-1';

async function withStandIn() {
  const cloudFront = await startCloudFront();
  const putBack = useEndpoints({ all: 'http://127.0.0.1:9', services: { cloudfront: cloudFront.endpoint } });
  return {
    cloudFront,
    client: new CloudFront({ region }),
    async stop() {
      putBack();
      await cloudFront.stop();
    },
  };
}

describeConnector('cloudfront', async () => {
  const { client, stop } = await withStandIn();
  afterAll(stop);
  let ids = { rich: '', plain: '' };
  return {
    connector,
    options: {},
    region,
    newIdentities: true,
    async seed() {
      ids = await seedAll(client);
    },
    readBack: async () => await readAll(client),
    async damage() {
      await deleteDistribution(client, ids.rich);
      const { DistributionConfig, ETag } = await client.getDistributionConfig({ Id: ids.plain });
      await client.updateDistribution({
        Id: ids.plain,
        IfMatch: ETag,
        DistributionConfig: { ...DistributionConfig, Comment: 'changed', Enabled: false } as never,
      });
      const Resource = `arn:aws:cloudfront::123456789012:distribution/${ids.plain}`;
      await client.tagResource({ Resource, Tags: { Items: [{ Key: 'more', Value: 'yes' }] } });
      await client.untagResource({ Resource, TagKeys: { Items: ['site'] } });
      await damageShared(client);
    },
    servedBy: 'a stand-in of ours',
    unverified: [
      'deployment to the edges, and what CloudFront checks of a configuration',
      'AssociateAlias, and names held by other accounts',
      'what CloudFront fills in by default',
    ],
  };
});

/** Deletes one of each shared kind, and changes those of which there are two. */
async function damageShared(client: CloudFront): Promise<void> {
  for (const { Id = '' } of (await client.listOriginAccessControls({})).OriginAccessControlList?.Items ?? [])
    await client.deleteOriginAccessControl({ Id, IfMatch: (await client.getOriginAccessControl({ Id })).ETag });
  for (const { Id = '' } of (await client.listCloudFrontOriginAccessIdentities({})).CloudFrontOriginAccessIdentityList
    ?.Items ?? [])
    await client.deleteCloudFrontOriginAccessIdentity({
      Id,
      IfMatch: (await client.getCloudFrontOriginAccessIdentity({ Id })).ETag,
    });
  for (const { CachePolicy } of (await client.listCachePolicies({ Type: 'custom' })).CachePolicyList?.Items ?? []) {
    const Id = CachePolicy?.Id ?? '';
    await client.deleteCachePolicy({ Id, IfMatch: (await client.getCachePolicy({ Id })).ETag });
  }
  const request = (await client.listOriginRequestPolicies({ Type: 'custom' })).OriginRequestPolicyList?.Items?.[0];
  const Id = request?.OriginRequestPolicy?.Id ?? '';
  await client.updateOriginRequestPolicy({
    Id,
    IfMatch: (await client.getOriginRequestPolicy({ Id })).ETag,
    OriginRequestPolicyConfig: { ...request?.OriginRequestPolicy?.OriginRequestPolicyConfig, Comment: 'x' } as never,
  });
  const group = (await client.listKeyGroups({})).KeyGroupList?.Items?.[0]?.KeyGroup?.Id ?? '';
  await client.deleteKeyGroup({ Id: group, IfMatch: (await client.getKeyGroup({ Id: group })).ETag });
  const [key] = (await client.listPublicKeys({})).PublicKeyList?.Items ?? [];
  await client.deletePublicKey({ Id: key?.Id, IfMatch: (await client.getPublicKey({ Id: key?.Id })).ETag });
  const store = await client.describeKeyValueStore({ Name: 'redirects' });
  await client.deleteKeyValueStore({ Name: 'redirects', IfMatch: store.ETag });
  const there = await client.describeFunction({ Name: 'rewrite' });
  await client.deleteFunction({ Name: 'rewrite', IfMatch: there.ETag });
  const log = (await client.listRealtimeLogConfigs({})).RealtimeLogConfigs?.Items?.[0];
  await client.updateRealtimeLogConfig({ ...log, SamplingRate: 50 });
}

describe('cloudfront: live restore (a stand-in of ours)', () => {
  let cloudFront: CloudFrontStandIn;
  let client: CloudFront;
  let stop: () => Promise<void>;
  let captured: Map<string, MemoryResource>;
  let ids: { rich: string; plain: string };

  beforeAll(async () => {
    ({ cloudFront, client, stop } = await withStandIn());
    ids = await seedAll(client);
    captured = await captureAll(connector, conformanceContext({}, region, 'global').context);
  });
  afterAll(async () => await stop());

  const only = (...names: string[]): Map<string, MemoryResource> =>
    new Map([...captured].filter(([name]) => names.includes(name)));

  function run(mode: RestoreMode) {
    const made = conformanceContext<Record<string, never>>({}, region, 'global');
    return { ...made, context: { ...made.context, mode } };
  }

  it('finds what an earlier restore made, by a run that knows nothing of it', async () => {
    await deleteDistribution(client, ids.plain);
    const first = run('create-missing');
    expect(await restoreAll(connector, first.context, only(ids.plain), first.identities)).toBe(1);
    const now = first.identities.get(ids.plain);
    expect(first.identities.size).toBe(3);
    const second = run('exact');
    expect(await restoreAll(connector, second.context, only(ids.plain), second.identities)).toBe(0);
    expect(second.identities.get(ids.plain)).toBe(now);
    // Deleted again: its caller reference is gone for good where CloudFront remembers it, so another one is used.
    await deleteDistribution(client, now ?? '');
    const config = { ...plainConfiguration(`holdfast-${ids.plain}-1`), Comment: 'somebody else' };
    const other = await createDistribution(client, config);
    const third = run('create-missing');
    await restoreAll(connector, third.context, only(ids.plain), third.identities);
    expect(third.identities.get(ids.plain)).toBe(other);
  });

  it('creates a distribution without the names another one holds, and says how to move them', async () => {
    await deleteDistribution(client, ids.rich);
    const holder = await createDistribution(client, {
      ...plainConfiguration('holder'),
      Aliases: { Quantity: 1, Items: ['www.example.com'] },
    });
    const { live } = connector;
    const { context, identities } = run('create-missing');
    const rich = (captured.get(ids.rich) as MemoryResource).captured;
    const actions = (await live?.plan(context, rich)) ?? [];
    expect(actions.map(({ id, phase }) => [id.replace(/^.*\//, ''), phase])).toEqual([
      ['create', undefined],
      ['monitoring', undefined],
      ['config', 'settle'],
    ]);
    const [create, , config] = actions as [never, never, never];
    const outcome = await live?.apply(context, create, rich);
    for (const { from, to } of outcome?.identities ?? []) identities.set(from, to);
    const Id = identities.get(ids.rich) ?? '';
    const made = (await client.getDistribution({ Id })).Distribution?.DistributionConfig;
    expect(made?.Aliases?.Quantity).toBe(0);
    expect(made?.Origins?.Items?.[1]?.CustomHeaders?.Items?.[0]?.HeaderValue).toBe(originSecret);
    const error: unknown = await live?.apply(context, config, rich).catch((thrown: unknown) => thrown);
    expect(isItemError(error) && [error.code, error.hint]).toEqual([
      'item.conflict',
      expect.stringContaining(`aws cloudfront associate-alias --target-distribution-id ${Id} --alias`),
    ]);
    // Once the other one is gone, the same step succeeds.
    await deleteDistribution(client, holder);
    expect(await live?.apply(context, config, rich)).toMatchObject({ result: 'done' });
    expect((await client.getDistribution({ Id })).Distribution?.DistributionConfig?.Aliases?.Items).toHaveLength(2);
    expect(JSON.stringify([actions, outcome, String(error)])).not.toContain(originSecret);
  });

  it('puts back a configuration, and monitoring that is missing', async () => {
    const { context, identities } = run('revert-changed');
    for (const distribution of cloudFront.state.distributions.values())
      distribution.config = distribution.config.replace(/<Comment>.*?<\/Comment>/, '<Comment>changed</Comment>');
    expect(await restoreAll(connector, context, only(ids.rich), identities)).toBe(2);
    expect(await restoreAll(connector, context, only(ids.rich), identities)).toBe(0);
  });

  it('keeps certificates in us-east-1, wherever the rest goes', async () => {
    const there = conformanceContext<Record<string, never>>({}, 'eu-west-1', 'global', region);
    const context = {
      ...there.context,
      rewrite: (document: Json) =>
        JSON.parse(JSON.stringify(document).replaceAll(`:${region}:`, ':eu-west-1:')) as Json,
    };
    const rich = (captured.get(ids.rich) as MemoryResource).captured;
    expect(await connector.live?.plan({ ...context, mode: 'revert-changed' }, rich)).toEqual([]);
  });

  it('needs no word about functions that are as they were, and publishes only what was live', async () => {
    const { context, identities } = run('revert-changed');
    const described = await client.describeFunction({ Name: 'rewrite' });
    await client.deleteFunction({ Name: 'rewrite', IfMatch: described.ETag });
    expect(await restoreAll(connector, context, only('account'), identities)).toBe(1);
    const code = async (Stage: 'LIVE' | 'DEVELOPMENT') =>
      Buffer.from((await client.getFunction({ Name: 'rewrite', Stage })).FunctionCode ?? []).toString();
    expect([await code('LIVE'), await code('DEVELOPMENT')]).toEqual(['live code', 'next code']);
  });
});

describe('cloudfront: live restore (moto)', () => {
  it('brings a deleted distribution back under a new id', async () => {
    const moto = await startMoto();
    const putBack = useEndpoints({ all: 'http://127.0.0.1:9', services: { cloudfront: moto.endpoint } });
    try {
      const client = new CloudFront({ region });
      const Id = await createDistribution(client, plainConfiguration('plain'));
      const { context, identities } = conformanceContext<Record<string, never>>({}, region, 'global');
      const captured = await captureAll(connector, context);
      await deleteDistribution(client, Id);
      await restoreAll(connector, context, captured, identities);
      const [again] = (await client.listDistributions({})).DistributionList?.Items ?? [];
      expect(identities.get(Id)).toBe(again?.Id);
      expect(again?.Comment).toBe('site plain');
      expect(await restoreAll(connector, context, captured, identities)).toBe(0);
    } finally {
      putBack();
      await moto.stop();
    }
  });
});
