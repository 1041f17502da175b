import { Route53 } from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMoto, useEndpoints, type Emulator } from '../../../test/emulators/index.ts';
import { run } from '../../../test/route53/dns.ts';
import { startRoute53, type Route53StandIn } from '../../../test/stand-ins/route53/server.ts';
import type { Json } from '../../kernel/json.ts';
import { captureAll, restoreAll } from '../conformance.ts';
import { rewriteJson } from '../rewrite.ts';
import { connector } from './index.ts';

let moto: Emulator;
let dns: Route53StandIn;
let putBack: () => void;
let sdk: Route53;

beforeAll(async () => {
  moto = await startMoto();
  dns = await startRoute53(moto.endpoint);
  putBack = useEndpoints({ all: dns.endpoint });
  sdk = new Route53({ region: 'us-east-1' });
});
afterAll(async () => {
  putBack();
  await dns.stop();
  await moto.stop();
});

const policy = (value: string): string =>
  JSON.stringify({
    AWSPolicyFormatVersion: '2015-10-01',
    RecordType: 'A',
    StartEndpoint: 'one',
    Endpoints: { one: { Type: 'value', Value: value } },
  });

/** A run that learns, as an estate does. */
function learning() {
  const identities = new Map<string, string>();
  const made = run({
    mode: 'exact',
    identity: (old) => identities.get(old) ?? old,
    learn: (from, to) => void identities.set(from, to),
    rewrite: (document: Json) =>
      rewriteJson(document, { get: (old) => identities.get(old), move: (arn) => arn, region: (name) => name }),
  });
  return { ...made, identities };
}

async function blocks(): Promise<unknown> {
  const [collection] = (await sdk.listCidrCollections({})).CidrCollections ?? [];
  const { CidrBlocks = [] } = await sdk.listCidrBlocks({ CollectionId: collection?.Id });
  return [collection?.Name, CidrBlocks.map(({ LocationName, CidrBlock }) => `${LocationName} ${CidrBlock}`).sort()];
}

describe('route53: what stands beside zones (a stand-in of ours before moto)', () => {
  it('brings back CIDR collections, traffic policies in all versions, and what they answer', async () => {
    const { HostedZone } = await sdk.createHostedZone({ Name: 'shop.example', CallerReference: 'shop' });
    const zone = HostedZone?.Id?.replace('/hostedzone/', '') ?? '';
    const { Collection } = await sdk.createCidrCollection({ Name: 'offices', CallerReference: 'offices' });
    await sdk.changeCidrCollection({
      Id: Collection?.Id,
      Changes: [
        { LocationName: 'here', Action: 'PUT', CidrList: ['192.0.2.0/24', '198.51.100.0/24'] },
        { LocationName: 'there', Action: 'PUT', CidrList: ['2001:db8::/48'] },
      ],
    });
    const { TrafficPolicy } = await sdk.createTrafficPolicy({ Name: 'spread', Document: policy('192.0.2.1') });
    const Id = TrafficPolicy?.Id ?? '';
    await sdk.createTrafficPolicyVersion({ Id, Document: policy('192.0.2.2'), Comment: 'moved' });
    await sdk.createTrafficPolicyInstance({
      HostedZoneId: zone,
      Name: 'www.shop.example',
      TTL: 60,
      TrafficPolicyId: Id,
      TrafficPolicyVersion: 2,
    });
    const before = await blocks();
    const { context, identities } = learning();
    const captured = await captureAll(connector, context);
    const account = captured.get('+account');
    expect(account?.captured.ledger.map((note) => [note.class, note.what])).toEqual([
      ['new-identity', 'traffic policies'],
      ['new-identity', 'CIDR collections'],
    ]);
    expect(await restoreAll(connector, context, captured, identities)).toBe(0);

    dns.policies.clear();
    dns.instances.clear();
    dns.collections.clear();
    expect(await restoreAll(connector, context, captured, identities)).toBe(3);
    expect(await blocks()).toEqual(before);
    const [again] = (await sdk.listTrafficPolicies({})).TrafficPolicySummaries ?? [];
    expect([again?.Name, again?.LatestVersion]).toEqual(['spread', 2]);
    expect(again?.Id).toBe(identities.get(Id));
    const [instance] = (await sdk.listTrafficPolicyInstances({})).TrafficPolicyInstances ?? [];
    expect(instance).toMatchObject({
      HostedZoneId: zone,
      TTL: 60,
      TrafficPolicyId: again?.Id,
      TrafficPolicyVersion: 2,
    });
    expect(await restoreAll(connector, context, captured, identities)).toBe(0);

    // A run that knows nothing of the first finds what it made.
    const second = learning();
    expect(await restoreAll(connector, second.context, captured, second.identities)).toBe(0);
    expect(second.identities.get(Id)).toBe(again?.Id);
    expect(second.identities.get(Collection?.Id ?? '')).toBe([...dns.collections.keys()][0]);
  });

  it('takes away blocks that were added in mode exact only, and puts back what was changed', async () => {
    const { context, identities } = learning();
    const captured = await captureAll(connector, context);
    const before = await blocks();
    const [collection] = [...dns.collections.values()];
    collection?.locations.set('here', new Set(['192.0.2.0/24', '203.0.113.0/24']));
    for (const instance of dns.instances.values()) instance.ttl = '5';
    await restoreAll(connector, { ...context, mode: 'revert-changed' }, captured, identities);
    expect(collection?.locations.get('here')?.size).toBe(3);
    expect([...dns.instances.values()].map(({ ttl }) => ttl)).toEqual(['60']);
    await restoreAll(connector, context, captured, identities);
    expect(await blocks()).toEqual(before);
  });

  it('looks at records again that lead to what comes back after their zone', async () => {
    const { HostedZone } = await sdk.createHostedZone({ Name: 'led.example', CallerReference: 'led' });
    const led = HostedZone?.Id?.replace('/hostedzone/', '') ?? '';
    const ResourceRecordSet = {
      Name: 'api.led.example',
      Type: 'CNAME' as const,
      TTL: 60,
      ResourceRecords: [{ Value: 'a1b2c3d4e5.execute-api.us-east-1.amazonaws.com' }],
    };
    const change = async (Action: 'CREATE' | 'DELETE', set = ResourceRecordSet): Promise<void> => {
      const Changes = [{ Action, ResourceRecordSet: set }];
      await sdk.changeResourceRecordSets({ HostedZoneId: led, ChangeBatch: { Changes } });
    };
    await change('CREATE');
    const { context, identities } = learning();
    const captured = (await captureAll(connector, context)).get('led.example')?.captured;
    await change('DELETE');
    const { live } = connector;
    if (!captured || !live) throw new Error('led.example was not captured');
    const actions = await live.plan(context, captured);
    expect(actions.map(({ id, phase }) => [id, phase])).toEqual([
      ['route53/led.example/change-records', undefined],
      ['route53/led.example/settle-records', 'settle'],
    ]);
    const [first, again] = actions as [never, never];
    await live.apply(context, first, captured);
    identities.set('a1b2c3d4e5', 'z9y8x7w6v5');
    expect(await live.apply(context, again, captured)).toMatchObject({ result: 'done' });
    const { ResourceRecordSets = [] } = await sdk.listResourceRecordSets({ HostedZoneId: led });
    const record = ResourceRecordSets.find(({ Type }) => Type === 'CNAME');
    expect(record?.ResourceRecords).toEqual([{ Value: 'z9y8x7w6v5.execute-api.us-east-1.amazonaws.com' }]);
    expect(await live.plan(context, captured)).toEqual([]);
  });
});
