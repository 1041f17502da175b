import {
  AssociateVPCWithHostedZoneCommand,
  ChangeResourceRecordSetsCommand,
  ChangeTagsForResourceCommand,
  CreateHealthCheckCommand,
  CreateHostedZoneCommand,
  CreateQueryLoggingConfigCommand,
  DeleteHealthCheckCommand,
  DeleteHostedZoneCommand,
  GetHostedZoneCommand,
  ListHealthChecksCommand,
  ListHostedZonesCommand,
  ListQueryLoggingConfigsCommand,
  ListResourceRecordSetsCommand,
  ListTagsForResourceCommand,
  Route53Client,
  type Change,
  type HealthCheckConfig,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  startFaultProxy,
  startMoto,
  useEndpoints,
  type Emulator,
  type FaultProxy,
} from '../../../test/emulators/index.ts';
import type { Json } from '../../kernel/json.ts';
import { systemRuntime, type Runtime } from '../../kernel/runtime.ts';
import { createAwsAccess } from '../aws/access.ts';
import { createMemorySnapshot } from '../conformance-memory.ts';
import { captureAll, conformanceContext, describeConnector, restoreAll } from '../conformance.ts';
import type { RestoreContext } from '../contract.ts';
import { connector } from './index.ts';
import { options, type Options } from './options.ts';

let moto: Emulator;
let proxy: FaultProxy;
let restoreEndpoints: () => void;
let sdk: Route53Client;

beforeAll(async () => {
  moto = await startMoto();
  proxy = await startFaultProxy(moto.endpoint);
  restoreEndpoints = useEndpoints({ all: proxy.endpoint });
  sdk = new Route53Client({ region: 'us-east-1', endpoint: moto.endpoint });
});
afterAll(async () => {
  restoreEndpoints();
  await proxy.stop();
  await moto.stop();
});

async function reset(): Promise<void> {
  await fetch(`${moto.endpoint}/moto-api/reset`, { method: 'POST' });
  proxy.clearFaults();
}

/** Time runs 40 times faster, so that five requests a second are 200. */
const fast: Runtime = {
  ...systemRuntime,
  clock: {
    now: () => systemRuntime.clock.now() * 40,
    sleep: async (ms, signal) => await systemRuntime.clock.sleep(ms / 40, signal),
  },
};

interface Run {
  readonly context: RestoreContext<Options>;
  readonly calls: string[];
}

function run(more: Partial<RestoreContext<Options>> = {}): Run {
  const calls: string[] = [];
  const aws = createAwsAccess({
    account: '123456789012',
    region: 'us-east-1',
    runtime: fast,
    concurrency: 16,
    onCall: (call) => calls.push(call.operation),
  });
  const { context } = conformanceContext(options.parse({}), 'us-east-1', 'local');
  return { context: { ...context, aws, runtime: fast, ...more }, calls };
}

async function zone(name: string, more: { readonly vpc?: string; readonly comment?: string } = {}): Promise<string> {
  const { HostedZone } = await sdk.send(
    new CreateHostedZoneCommand({
      Name: name,
      CallerReference: `${name} ${more.vpc ?? ''}`,
      HostedZoneConfig: { Comment: more.comment ?? '', PrivateZone: more.vpc !== undefined },
      ...(more.vpc === undefined ? {} : { VPC: { VPCId: more.vpc, VPCRegion: 'us-east-1' } }),
    }),
  );
  return HostedZone?.Id?.replace('/hostedzone/', '') ?? '';
}

async function check(reference: string, config: HealthCheckConfig): Promise<string> {
  const made = await sdk.send(new CreateHealthCheckCommand({ CallerReference: reference, HealthCheckConfig: config }));
  return made.HealthCheck?.Id ?? '';
}

async function change(id: string, ...changes: readonly [Change['Action'], ResourceRecordSet][]): Promise<void> {
  const Changes = changes.map(([Action, ResourceRecordSet]) => ({ Action, ResourceRecordSet }));
  await sdk.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: id, ChangeBatch: { Changes } }));
}

async function records(id: string): Promise<ResourceRecordSet[]> {
  const all: ResourceRecordSet[] = [];
  let start = {};
  for (;;) {
    const page = await sdk.send(new ListResourceRecordSetsCommand({ HostedZoneId: id, ...start }));
    all.push(...(page.ResourceRecordSets ?? []));
    if (page.IsTruncated !== true) return all;
    start = {
      StartRecordName: page.NextRecordName,
      StartRecordType: page.NextRecordType,
      StartRecordIdentifier: page.NextRecordIdentifier,
    };
  }
}

async function tag(type: 'hostedzone' | 'healthcheck', id: string, tags: Record<string, string>): Promise<void> {
  const AddTags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  await sdk.send(new ChangeTagsForResourceCommand({ ResourceType: type, ResourceId: id, AddTags }));
}

/** Query logging needs a log group; the logs client is no dependency, so it is asked for in its plain protocol. */
async function logQueries(HostedZoneId: string, logGroupName: string): Promise<void> {
  await fetch(moto.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Logs_20140328.CreateLogGroup',
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/logs/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify({ logGroupName }),
  });
  const CloudWatchLogsLogGroupArn = `arn:aws:logs:us-east-1:123456789012:log-group:${logGroupName}:*`;
  await sdk.send(new CreateQueryLoggingConfigCommand({ HostedZoneId, CloudWatchLogsLogGroupArn }));
}

/** Every zone, its records, tags and checks as the SDK sees them, with ids replaced by what they stand for. */
async function estate(): Promise<unknown> {
  const checks = (await sdk.send(new ListHealthChecksCommand({}))).HealthChecks ?? [];
  const named = new Map(
    checks.map((c) => [c.Id ?? '', `${c.HealthCheckConfig?.Type} ${c.HealthCheckConfig?.ResourcePath}`]),
  );
  const zones = (await sdk.send(new ListHostedZonesCommand({}))).HostedZones ?? [];
  const { QueryLoggingConfigs: logs } = await sdk.send(new ListQueryLoggingConfigsCommand({}));
  const tagsOf = async (type: 'hostedzone' | 'healthcheck', id = '') =>
    (
      await sdk.send(new ListTagsForResourceCommand({ ResourceType: type, ResourceId: id.replace('/hostedzone/', '') }))
    ).ResourceTagSet?.Tags?.map((tag) => `${tag.Key}=${tag.Value}`).sort();
  const read = zones.map(async ({ Id = '', Name, Config }) => {
    const zoneId = Id.replace('/hostedzone/', '');
    const sets = (await records(zoneId)).map((set) => ({
      ...set,
      Name: set.Name?.replace(/\.$/, ''),
      ...(set.HealthCheckId === undefined ? {} : { HealthCheckId: named.get(set.HealthCheckId) ?? 'gone' }),
      ...(set.AliasTarget === undefined
        ? {}
        : {
            AliasTarget: {
              ...set.AliasTarget,
              HostedZoneId: set.AliasTarget.HostedZoneId === zoneId ? 'own' : set.AliasTarget.HostedZoneId,
              DNSName: set.AliasTarget.DNSName?.replace(/\.$/, ''),
            },
          }),
    }));
    const { VPCs } = await sdk.send(new GetHostedZoneCommand({ Id }));
    return {
      Name,
      Config,
      VPCs,
      logging: logs?.find((config) => config.HostedZoneId === zoneId)?.CloudWatchLogsLogGroupArn,
      tags: await tagsOf('hostedzone', Id),
      sets: sets.map((s) => JSON.stringify(s)).sort(),
    };
  });
  const facts = checks.map(async ({ Id, HealthCheckConfig: config }) => {
    const children = config?.ChildHealthChecks?.map((id) => named.get(id) ?? 'gone');
    return { config: { ...config, ChildHealthChecks: children }, tags: await tagsOf('healthcheck', Id) };
  });
  const sorted = (values: unknown[]) => values.map((value) => JSON.stringify(value)).sort();
  return [sorted(await Promise.all(read)), sorted(await Promise.all(facts))];
}

const address = (Name: string, Value: string, more: Partial<ResourceRecordSet> = {}): ResourceRecordSet => ({
  Name,
  Type: 'A',
  TTL: 60,
  ResourceRecords: [{ Value }],
  ...more,
});
const longText = Array.from({ length: 4 }, (_, n) => `"${String(n).repeat(250)}"`).join(' ');

interface Shop {
  readonly shop: string;
  readonly inner: string;
  readonly https: string;
}

/** A public zone with every kind of record, a private one of the same name, and health checks that look at each other. */
async function seedShop(): Promise<Shop> {
  const shop = await zone('shop.example', { comment: 'the shop' });
  const inner = await zone('shop.example', { vpc: 'vpc-1', comment: 'inside' });
  const vpc = { VPCId: 'vpc-2', VPCRegion: 'us-west-2' as const };
  await sdk.send(new AssociateVPCWithHostedZoneCommand({ HostedZoneId: inner, VPC: vpc }));
  const fqdn = 'www.shop.example';
  const https = await check('one', {
    Type: 'HTTPS',
    FullyQualifiedDomainName: fqdn,
    Port: 443,
    ResourcePath: '/health',
  });
  const http = await check('two', { Type: 'HTTP', FullyQualifiedDomainName: fqdn, Port: 80, ResourcePath: '/ping' });
  await check('all', { Type: 'CALCULATED', HealthThreshold: 1, ChildHealthChecks: [https, http] });
  await logQueries(shop, '/aws/route53/shop.example');
  await tag('hostedzone', shop, { site: 'shop', environment: 'prod' });
  await tag('healthcheck', https, { Name: 'front' });
  const alias = (to: string, zoneId: string) => ({ HostedZoneId: zoneId, DNSName: to, EvaluateTargetHealth: false });
  await change(
    shop,
    ['CREATE', address('www.shop.example', '192.0.2.1')],
    ['CREATE', address('*.shop.example', '192.0.2.9')],
    ['CREATE', { Name: 'shop.example', Type: 'A', AliasTarget: alias('www.shop.example', shop) }],
    ['CREATE', { Name: 'cdn.shop.example', Type: 'A', AliasTarget: alias('d111.cloudfront.net.', 'Z2FDTNDATAQYW2') }],
    [
      'CREATE',
      {
        Name: 'txt.shop.example',
        Type: 'TXT',
        TTL: 0,
        ResourceRecords: [{ Value: longText }, { Value: '"a \\"b\\" \\\\ c"' }],
      },
    ],
    [
      'CREATE',
      { Name: 'shop.example', Type: 'MX', TTL: 300, ResourceRecords: [{ Value: '20 b.' }, { Value: '10 a.' }] },
    ],
    ['CREATE', address('w.shop.example', '192.0.2.2', { SetIdentifier: 'blue', Weight: 0 })],
    ['CREATE', address('w.shop.example', '192.0.2.3', { SetIdentifier: 'green/2', Weight: 10 })],
    ['CREATE', address('l.shop.example', '192.0.2.4', { SetIdentifier: 'eu', Region: 'eu-west-1' })],
    [
      'CREATE',
      address('f.shop.example', '192.0.2.5', { SetIdentifier: 'a', Failover: 'PRIMARY', HealthCheckId: https }),
    ],
    ['CREATE', address('f.shop.example', '192.0.2.6', { SetIdentifier: 'b', Failover: 'SECONDARY' })],
    ['CREATE', address('g.shop.example', '192.0.2.7', { SetIdentifier: 'eu', GeoLocation: { ContinentCode: 'EU' } })],
    [
      'CREATE',
      address('m.shop.example', '192.0.2.8', { SetIdentifier: '1', MultiValueAnswer: true, HealthCheckId: http }),
    ],
  );
  await change(inner, ['CREATE', address('db.shop.example', '10.0.0.1')]);
  return { shop, inner, https };
}

async function empty(id: string): Promise<void> {
  const sets = (await records(id)).filter((set) => set.Type !== 'NS' && set.Type !== 'SOA');
  if (sets.length > 0) await change(id, ...sets.map((set): [Change['Action'], ResourceRecordSet] => ['DELETE', set]));
}

describeConnector('route53', async () => {
  await reset();
  let ids: Shop;
  return {
    connector,
    options: options.parse({}),
    region: 'us-east-1',
    seed: async () => void (ids = await seedShop()),
    readBack: estate,
    damage: async () => {
      await sdk.send(new DeleteHealthCheckCommand({ HealthCheckId: ids.https }));
      await change(
        ids.shop,
        ['DELETE', address('*.shop.example', '192.0.2.9')],
        ['UPSERT', address('www.shop.example', '203.0.113.1')],
        ['CREATE', address('new.shop.example', '203.0.113.2')],
      );
      await tag('hostedzone', ids.shop, { site: 'other', extra: 'yes' });
      await empty(ids.inner);
      await sdk.send(new DeleteHostedZoneCommand({ Id: ids.inner }));
    },
  };
});

describe('route53', () => {
  it('captures 16 zones in two calls each and nine for the account', async () => {
    await reset();
    for (let n = 0; n < 16; n++) await zone(`site${n}.example`);
    await check('one', { Type: 'TCP', IPAddress: '192.0.2.1', Port: 22 });
    const { context, calls } = run();
    const captured = await captureAll(connector, context);
    expect(captured.size).toBe(17);
    expect(calls.length).toBe(2 * 16 + 9);
  });

  it('lists zones of more than 300 records to the end and restores them in one atomic batch', async () => {
    await reset();
    const id = await zone('big.example');
    const sets = Array.from({ length: 700 }, (_, n) =>
      address(`h${n % 350}.big.example`, `10.0.${n >> 8}.${n & 255}`, { SetIdentifier: `s${n}`, Weight: n % 256 }),
    );
    await change(id, ...sets.map((set): [Change['Action'], ResourceRecordSet] => ['CREATE', set]));
    const { context, calls } = run();
    const captured = await captureAll(connector, context);
    let seen = 0;
    for await (const _ of captured.get('big.example')?.captured.entries('records') ?? []) seen++;
    expect(seen).toBe(702);
    const before = await estate();
    await empty(id);
    calls.splice(0);
    expect(await restoreAll(connector, context, captured)).toBe(1);
    expect(calls.filter((operation) => operation === 'ChangeResourceRecordSets').length).toBe(1);
    expect(await estate()).toEqual(before);
    expect(await restoreAll(connector, context, captured)).toBe(0);
  });

  it('creates a lost zone again, once, and says what its registrar must learn', async () => {
    await reset();
    const { shop, https } = await seedShop();
    const { context } = run();
    const captured = await captureAll(connector, context);
    const before = await estate();
    await empty(shop);
    await sdk.send(new DeleteHostedZoneCommand({ Id: shop }));
    await sdk.send(new DeleteHealthCheckCommand({ HealthCheckId: https }));
    const resource = captured.get('shop.example')?.captured;
    if (!resource || !connector.live) throw new Error('shop.example was not captured');
    const actions = await connector.live.plan(context, resource);
    expect(actions.map((action) => action.operation)).toEqual([
      'create-zone',
      'configure-zone',
      'set-tags',
      'change-records',
    ]);
    expect(actions[3]?.title).toBe('change 13 records of shop.example: 13 created');

    expect(await restoreAll(connector, context, captured)).toBe(6);
    expect(await estate()).toEqual(before);
    // Died after each action and run again: nothing is made twice.
    for (const action of actions) {
      expect((await connector.live.apply(context, action, resource)).result).toBe('unchanged');
    }
    expect(await estate()).toEqual(before);

    // A second disaster, restored from the snapshot of what the first restore made.
    const again = await captureAll(connector, context);
    expect([...again.keys()].sort()).toEqual([...captured.keys()].sort());
    for (const [name, { captured: was }] of captured) {
      for (const collection of was.collections) {
        const keys = async (of = was) => {
          const all: string[] = [];
          for await (const entry of of.entries(collection)) all.push(Buffer.from(entry.key).toString());
          return all;
        };
        expect(await keys(again.get(name)?.captured)).toEqual(await keys());
      }
    }
    const reborn = again.get('shop.example')?.captured.ref.id ?? '';
    expect(reborn).not.toBe(shop);
    await empty(reborn);
    await sdk.send(new DeleteHostedZoneCommand({ Id: reborn }));
    expect(await restoreAll(connector, context, again)).toBe(4);
    expect(await estate()).toEqual(before);
  });

  it('restores one record, one mode at a time, and under another name', async () => {
    await reset();
    const { shop } = await seedShop();
    const captured = await captureAll(connector, run().context);
    const resource = captured.get('shop.example')?.captured;
    if (!resource || !connector.live) throw new Error('shop.example was not captured');
    await change(
      shop,
      ['DELETE', address('*.shop.example', '192.0.2.9')],
      ['UPSERT', address('www.shop.example', '203.0.113.1')],
      ['CREATE', address('new.shop.example', '203.0.113.2')],
    );
    const live = connector.live;
    const title = async (more: Partial<RestoreContext<Options>>) =>
      (await live.plan(run(more).context, resource)).map((a) => a.title);
    expect(await title({ mode: 'create-missing' })).toEqual(['change 1 records of shop.example: 1 created']);
    expect(await title({ mode: 'revert-changed' })).toEqual(['change 2 records of shop.example: 1 created, 1 changed']);
    expect(await title({ mode: 'exact' })).toEqual([
      'change 3 records of shop.example: 1 created, 1 changed, 1 deleted',
    ]);
    const only = { collection: 'records', prefix: Buffer.from('www.shop.example/') };
    expect(await title({ only })).toEqual(['change 1 records of shop.example: 1 changed']);

    const renamed = run({ rename: (name) => (name === 'shop.example' ? 'drill.example' : name) }).context;
    for (const action of await live.plan(renamed, resource)) {
      const outcome = await connector.live.apply(renamed, action, resource);
      expect(outcome.failures).toBeUndefined();
    }
    const zones = (await sdk.send(new ListHostedZonesCommand({}))).HostedZones ?? [];
    const drill = zones.find((z) => z.Name === 'drill.example.');
    const sets = await records(drill?.Id?.replace('/hostedzone/', '') ?? '');
    expect(sets.length).toBe(15);
    expect(sets.every((set) => /(^|\.)drill\.example\.?$/.test(set.Name ?? ''))).toBe(true);
    expect(sets.find((set) => set.AliasTarget && set.Name === 'drill.example.')?.AliasTarget).toMatchObject({
      HostedZoneId: drill?.Id?.replace('/hostedzone/', ''),
      DNSName: 'www.drill.example.',
    });
    expect(await live.plan(renamed, resource)).toEqual([]);
  });

  it('loses one item, not the snapshot, when one zone is denied, and never deletes for what it could not list', async () => {
    await reset();
    const { shop } = await seedShop();
    proxy.addFault({ kind: 'deny', match: ({ path }) => path.includes(`${shop}/rrset`) });
    const { context } = run();
    const captured = await captureAll(connector, context);
    const failures = [...captured].flatMap(([name, { failures }]) =>
      failures.map((failure) => `${name}: ${failure.code}`),
    );
    expect(failures).toEqual(['shop.example: item.denied']);
    expect(captured.size).toBe(3);
    proxy.clearFaults();
    expect(await restoreAll(connector, context, captured)).toBe(0);
  });

  it('asks again for what the listing was refused, and reports that', async () => {
    await reset();
    await seedShop();
    proxy.addFault({ kind: 'deny', match: ({ path }) => path.includes('/queryloggingconfig') });
    const captured = await captureAll(connector, run().context);
    const failures = [...captured].flatMap(([name, { failures }]) =>
      failures.map((failure) => `${name}: ${failure.message}`),
    );
    expect(failures.length).toBe(2);
    expect(failures.every((failure) => failure.includes('ListQueryLoggingConfigs'))).toBe(true);
  });

  it('lets the other records through when one is refused, and names that one', async () => {
    await reset();
    const { shop } = await seedShop();
    const { context, calls } = run();
    const captured = await captureAll(connector, context);
    const resource = captured.get('shop.example')?.captured;
    if (!resource || !connector.live) throw new Error('shop.example was not captured');
    const before = (await records(shop)).length;
    // A record that no zone of this name can hold.
    const snapshot = createMemorySnapshot(resource.ref);
    const alien = address('www.elsewhere.example.', '192.0.2.1');
    await snapshot.sink.root.add({
      key: 'zone.json',
      kind: 'document',
      document: (await resource.json('', 'zone.json')) ?? null,
    });
    const sets = snapshot.sink.collection('records', { order: 'unsorted' });
    for await (const entry of resource.entries('records')) {
      await sets.add({
        key: entry.key,
        kind: 'document',
        attributes: entry.attributes,
        content: await resource.bytes(entry),
      });
    }
    await sets.add({
      key: 'www.elsewhere.example/A',
      kind: 'document',
      document: JSON.parse(JSON.stringify(alien)) as Json,
    });
    const { captured: tampered } = await snapshot.finish();

    await empty(shop);
    const [action] = await connector.live.plan(context, tampered);
    if (!action) throw new Error('nothing was planned');
    calls.splice(0);
    const outcome = await connector.live.apply(context, action, tampered);
    expect(outcome.failures?.map((failure) => `${failure.code} ${failure.resource}`)).toEqual([
      'item.invalid route53/shop.example/records/www.elsewhere.example/A',
    ]);
    expect((await records(shop)).length).toBe(before);
    expect(calls.filter((operation) => operation === 'ChangeResourceRecordSets').length).toBeLessThan(14);
  });

  it('sends again what was throttled', async () => {
    await reset();
    const { shop } = await seedShop();
    const { context } = run();
    const captured = await captureAll(connector, context);
    const before = await estate();
    await empty(shop);
    proxy.addFault({ kind: 'throttle', service: 'route53', match: ({ method }) => method === 'POST', times: 2 });
    expect(await restoreAll(connector, context, captured)).toBe(1);
    expect(await estate()).toEqual(before);
  });

  it('restores no record without its health check, and says which to restore first', async () => {
    await reset();
    const { shop, https } = await seedShop();
    const { context } = run();
    const captured = await captureAll(connector, context);
    await empty(shop);
    await sdk.send(new DeleteHealthCheckCommand({ HealthCheckId: https }));
    const resource = captured.get('shop.example')?.captured;
    if (!resource || !connector.live) throw new Error('shop.example was not captured');
    const [action] = await connector.live.plan(context, resource);
    if (!action) throw new Error('nothing was planned');
    const outcome = await connector.live.apply(context, action, resource);
    expect(outcome.failures?.map((failure) => failure.resource)).toEqual([
      'route53/shop.example/records/f.shop.example/A/a',
    ]);
    expect(outcome.failures?.[0]?.hint).toContain('route53/+account');
    // With everything restored in order, it comes back.
    expect(await restoreAll(connector, context, captured)).toBe(3);
    expect(await restoreAll(connector, context, captured)).toBe(0);
  });
});
