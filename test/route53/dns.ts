import {
  AssociateVPCWithHostedZoneCommand,
  ChangeResourceRecordSetsCommand,
  ChangeTagsForResourceCommand,
  CreateHealthCheckCommand,
  CreateHostedZoneCommand,
  CreateQueryLoggingConfigCommand,
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
import { createAwsAccess } from '../../src/connectors/aws/access.ts';
import { conformanceContext } from '../../src/connectors/conformance.ts';
import type { RestoreContext } from '../../src/connectors/contract.ts';
import { options, type Options } from '../../src/connectors/route53/options.ts';
import { systemRuntime, type Runtime } from '../../src/kernel/runtime.ts';
import { startFaultProxy, startMoto, useEndpoints, type Emulator, type FaultProxy } from '../emulators/index.ts';

let moto: Emulator;
let restoreEndpoints: () => void;
/** In front of the emulator, for the product alone. */
export let proxy: FaultProxy;
/** Past the proxy. */
export let sdk: Route53Client;

export async function startDns(): Promise<void> {
  moto = await startMoto();
  proxy = await startFaultProxy(moto.endpoint);
  restoreEndpoints = useEndpoints({ all: proxy.endpoint });
  sdk = new Route53Client({ region: 'us-east-1', endpoint: moto.endpoint });
}

export async function stopDns(): Promise<void> {
  restoreEndpoints();
  await proxy.stop();
  await moto.stop();
}

export async function reset(): Promise<void> {
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

export interface Run {
  readonly context: RestoreContext<Options>;
  readonly calls: string[];
}

export function run(more: Partial<RestoreContext<Options>> = {}): Run {
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

export async function zone(
  name: string,
  more: { readonly vpc?: string; readonly comment?: string } = {},
): Promise<string> {
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

export async function check(reference: string, config: HealthCheckConfig): Promise<string> {
  const made = await sdk.send(new CreateHealthCheckCommand({ CallerReference: reference, HealthCheckConfig: config }));
  return made.HealthCheck?.Id ?? '';
}

export async function change(id: string, ...changes: readonly [Change['Action'], ResourceRecordSet][]): Promise<void> {
  const Changes = changes.map(([Action, ResourceRecordSet]) => ({ Action, ResourceRecordSet }));
  await sdk.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: id, ChangeBatch: { Changes } }));
}

export async function records(id: string): Promise<ResourceRecordSet[]> {
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

export async function tag(type: 'hostedzone' | 'healthcheck', id: string, tags: Record<string, string>): Promise<void> {
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
export async function estate(): Promise<unknown> {
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

export const address = (Name: string, Value: string, more: Partial<ResourceRecordSet> = {}): ResourceRecordSet => ({
  Name,
  Type: 'A',
  TTL: 60,
  ResourceRecords: [{ Value }],
  ...more,
});
const longText = Array.from({ length: 4 }, (_, n) => `"${String(n).repeat(250)}"`).join(' ');

export interface Shop {
  readonly shop: string;
  readonly inner: string;
  readonly https: string;
}

/** A public zone with every kind of record, a private one of the same name, and health checks that look at each other. */
export async function seedShop(): Promise<Shop> {
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

export async function empty(id: string): Promise<void> {
  const sets = (await records(id)).filter((set) => set.Type !== 'NS' && set.Type !== 'SOA');
  if (sets.length > 0) await change(id, ...sets.map((set): [Change['Action'], ResourceRecordSet] => ['DELETE', set]));
}
