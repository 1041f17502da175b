import { EventBridge } from '@aws-sdk/client-eventbridge';
import { describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { captureAll, conformanceContext, describeConnector } from '../conformance.ts';
import { forCreation } from './authorization.ts';
import { connector } from './index.ts';

const cleanups = cleanedUpAfterAll();

const region = 'us-east-1';
const password = 'xyzzy-connection-password';
const arn = (service: string, what: string): string => `arn:aws:${service}:${region}:123456789012:${what}`;
const pattern = { source: ['shop'], detail: { total: [{ numeric: ['>', 100] }] } };
const policy = (account: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'friends',
        Effect: 'Allow',
        Principal: { AWS: account },
        Action: 'events:PutEvents',
        Resource: arn('events', 'event-bus/orders'),
      },
    ],
  });

describeConnector('eventbridge', async () => {
  const moto = await startMoto();
  cleanups.push(() => moto.stop(), useEndpoints({ all: moto.endpoint }));
  const clients = new Map(['us-east-1', 'eu-west-1'].map((one) => [one, new EventBridge({ region: one })] as const));
  const events = clients.get(region) as EventBridge;
  const onOrders = { EventBusName: 'orders' };
  return {
    connector,
    options: {},
    region,
    otherRegion: 'eu-west-1',
    callsPerResource: 4,
    newIdentities: true,
    servedBy: 'moto',
    unverified: [
      'changes of a bus itself (UpdateEventBus): no emulator has it',
      'buses of partners: no emulator has their event sources',
    ],
    async seed() {
      await events.createEventBus({
        Name: 'orders',
        Description: 'all orders',
        Tags: [{ Key: 'site', Value: 'acme' }],
      });
      await events.putPermission({ ...onOrders, Policy: policy('111122223333') });
      await events.putRule({
        ...onOrders,
        Name: 'large',
        EventPattern: JSON.stringify(pattern),
        Description: 'large ones',
      });
      await events.putRule({
        Name: 'nightly',
        ScheduleExpression: 'rate(1 day)',
        Tags: [{ Key: 'site', Value: 'acme' }],
      });
      await events.putRule({ Name: 'off', ScheduleExpression: 'rate(2 days)', State: 'DISABLED' });
      await events.createArchive({
        ArchiveName: 'all',
        EventSourceArn: arn('events', 'event-bus/orders'),
        EventPattern: JSON.stringify(pattern),
        RetentionDays: 30,
      });
      const { ConnectionArn } = await events.createConnection({
        Name: 'partner',
        AuthorizationType: 'BASIC',
        AuthParameters: { BasicAuthParameters: { Username: 'shop', Password: password } },
      });
      const { ApiDestinationArn } = await events.createApiDestination({
        Name: 'hook',
        ConnectionArn,
        InvocationEndpoint: 'https://partner.example/hook',
        HttpMethod: 'POST',
        InvocationRateLimitPerSecond: 5,
      });
      await events.putTargets({
        ...onOrders,
        Rule: 'large',
        Targets: [
          { Id: 'hook', Arn: ApiDestinationArn, RoleArn: 'arn:aws:iam::123456789012:role/hook' },
          { Id: 'queue', Arn: arn('sqs', 'large'), Input: '{ "queue" : true }' },
        ],
      });
      await events.putTargets({ Rule: 'nightly', Targets: [{ Id: 'job', Arn: arn('lambda', 'function:job') }] });
    },
    async readBack(where) {
      const client = clients.get(where) as EventBridge;
      const found: unknown[] = [];
      for (const { Name, Arn, Policy } of (await client.listEventBuses({})).EventBuses ?? []) {
        const { Description = '' } = await client.describeEventBus({ Name });
        const { Tags } = await client.listTagsForResource({ ResourceARN: Arn });
        found.push([Name, Description, Policy === undefined ? '' : (JSON.parse(Policy) as unknown), Tags]);
        const { Rules = [] } = await client.listRules({ EventBusName: Name });
        for (const { EventPattern = '{}', ...rule } of Rules.sort((a, b) =>
          (a.Name ?? '').localeCompare(b.Name ?? ''),
        )) {
          // The archive's own rule names its id.
          if (rule.ManagedBy) continue;
          const { Targets } = await client.listTargetsByRule({ EventBusName: Name, Rule: rule.Name });
          const tags = (await client.listTagsForResource({ ResourceARN: rule.Arn })).Tags;
          found.push([rule, JSON.parse(EventPattern), Targets ?? [], tags ?? []]);
        }
      }
      for (const { ArchiveName } of (await client.listArchives({})).Archives ?? []) {
        const { EventSourceArn, EventPattern = '', RetentionDays } = await client.describeArchive({ ArchiveName });
        found.push([EventSourceArn, JSON.parse(EventPattern), RetentionDays]);
      }
      for (const { Name } of (await client.listConnections({})).Connections ?? []) {
        const { AuthorizationType, AuthParameters } = await client.describeConnection({ Name });
        found.push([Name, AuthorizationType, AuthParameters]);
      }
      for (const { Name } of (await client.listApiDestinations({})).ApiDestinations ?? []) {
        const { ConnectionArn, InvocationEndpoint, HttpMethod } = await client.describeApiDestination({ Name });
        found.push([Name, ConnectionArn, InvocationEndpoint, HttpMethod]);
      }
      return found;
    },
    async damage() {
      await events.putPermission({ ...onOrders, Policy: policy('444455556666') });
      await events.untagResource({ ResourceARN: arn('events', 'event-bus/orders'), TagKeys: ['site'] });
      await events.putRule({ ...onOrders, Name: 'large', EventPattern: '{"source":["other"]}' });
      await events.removeTargets({ ...onOrders, Rule: 'large', Ids: ['queue'] });
      await events.removeTargets({ Rule: 'nightly', Ids: ['job'] });
      await events.deleteRule({ Name: 'nightly' });
      await events.enableRule({ Name: 'off' });
      await events.updateArchive({ ArchiveName: 'all', RetentionDays: 3 });
      await events.deleteApiDestination({ Name: 'hook' });
      await events.deleteConnection({ Name: 'partner' });
    },
  };
});

describe('eventbridge', () => {
  const captured = async () => {
    const { context } = conformanceContext({}, region, 'regional');
    return await captureAll(connector, context);
  };

  it('keeps what authorises a connection in a secret document, and says who must set it', async () => {
    for (const { captured: resource } of (await captured()).values())
      for await (const entry of resource.entries('')) {
        if (entry.secret) continue;
        expect(Buffer.from(await resource.bytes(entry)).toString()).not.toContain(password);
      }
    const { captured: partner } = (await captured()).get('connections/partner') ?? {};
    expect(partner?.ledger.map((note) => note.class)).toEqual(['needs-human', 'new-identity']);
    expect((await partner?.entry('', 'authorization.json'))?.secret).toBe(true);
  });

  it('creates rules disabled, writes targets when all is there and enables at the end', async () => {
    const { context } = conformanceContext({}, 'ap-south-1', 'regional', region);
    const { captured: large } = (await captured()).get('rules/orders/large') ?? {};
    if (!large) throw new Error('no rule');
    const actions = (await connector.live?.plan(context, large)) ?? [];
    expect(actions.map(({ id, phase }) => [id.split('/').at(-1), phase])).toEqual([
      ['create', undefined],
      ['rule', undefined],
      ['targets', 'settle'],
      ['state', 'enable'],
    ]);
    const there = new EventBridge({ region: 'ap-south-1' });
    await there.createEventBus({ Name: 'orders' });
    await connector.live?.apply(context, actions[0] as never, large);
    expect((await there.describeRule({ EventBusName: 'orders', Name: 'large' })).State).toBe('DISABLED');
  });

  it('puts placeholders where a connection cannot be created without a secret', () => {
    const AuthParameters = {
      OAuthParameters: { ClientParameters: { ClientID: 'shop' }, HttpMethod: 'POST' },
      InvocationHttpParameters: { HeaderParameters: [{ Key: 'X-Key', IsValueSecret: true }] },
    };
    const value = 'not-restored-set-this-value';
    expect(forCreation({ AuthorizationType: 'OAUTH_CLIENT_CREDENTIALS', AuthParameters }).AuthParameters).toEqual({
      OAuthParameters: { ClientParameters: { ClientID: 'shop', ClientSecret: value }, HttpMethod: 'POST' },
      InvocationHttpParameters: { HeaderParameters: [{ Key: 'X-Key', IsValueSecret: true, Value: value }] },
    });
  });
});
