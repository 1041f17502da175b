import { SNS } from '@aws-sdk/client-sns';
import { SQS } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { captureAll, conformanceContext, describeConnector } from '../conformance.ts';
import { connector } from './index.ts';

const cleanups = cleanedUpAfterAll();

const region = 'us-east-1';
const arn = (name: string, where = region): string => `arn:aws:sns:${where}:123456789012:${name}`;
const queue = (name: string): string => `arn:aws:sqs:${region}:123456789012:${name}`;
const hook = 'https://alarms.example.com/in/PLANTED-KEY';
const policy = {
  Version: '2012-10-17',
  Statement: [{ Sid: 'buckets', Effect: 'Allow', Principal: '*', Action: 'sns:Publish', Resource: arn('orders') }],
};
const protection = {
  Name: 'no-cards',
  Version: '2021-06-01',
  Statement: [{ DataDirection: 'Inbound', Operation: { Deny: {} }, Principal: ['*'], DataIdentifier: [] }],
};

let started: Promise<void> | undefined;
async function moto(): Promise<void> {
  started ??= startMoto().then((one) => void cleanups.push(() => one.stop(), useEndpoints({ all: one.endpoint })));
  await started;
}

const json = (text: string | undefined): unknown => (text?.startsWith('{') ? JSON.parse(text) : text);

async function readBack(where: string): Promise<unknown> {
  const client = new SNS({ region: where });
  const found: unknown[] = [];
  for (const { TopicArn = '' } of (await client.listTopics({})).Topics ?? []) {
    const { Attributes = {} } = await client.getTopicAttributes({ TopicArn });
    const facts = Object.entries(Attributes).map(([name, value]) => [name, json(value)] as const);
    const { Subscriptions = [] } = await client.listSubscriptionsByTopic({ TopicArn });
    const subscriptions: [string, unknown][] = [];
    for (const { Protocol, Endpoint, SubscriptionArn = '' } of Subscriptions) {
      const said = SubscriptionArn.startsWith('arn:')
        ? (await client.getSubscriptionAttributes({ SubscriptionArn })).Attributes
        : {};
      const { FilterPolicy, FilterPolicyScope, RawMessageDelivery, RedrivePolicy } = said ?? {};
      const set = { FilterPolicy: json(FilterPolicy), FilterPolicyScope, RawMessageDelivery, RedrivePolicy };
      subscriptions.push([`${Protocol} ${Endpoint}`, set]);
    }
    const { DataProtectionPolicy } = await client.getDataProtectionPolicy({ ResourceArn: TopicArn });
    const { Tags = [] } = await client.listTagsForResource({ ResourceArn: TopicArn });
    subscriptions.sort(([a], [b]) => (a < b ? -1 : 1));
    Tags.sort((a, b) => ((a.Key ?? '') < (b.Key ?? '') ? -1 : 1));
    found.push([TopicArn, Object.fromEntries(facts), subscriptions, json(DataProtectionPolicy), Tags]);
  }
  return found.sort((a, b) => (String((a as unknown[])[0]) < String((b as unknown[])[0]) ? -1 : 1));
}

describeConnector('sns', async () => {
  await moto();
  const client = new SNS({ region });
  return {
    connector,
    options: {},
    region,
    otherRegion: 'eu-west-1',
    callsPerResource: 6,
    servedBy: 'moto',
    unverified: ['confirmation by web endpoints and other accounts', 'passwords that SNS hides in addresses'],
    readBack,
    async seed() {
      await new SQS({ region }).createQueue({ QueueName: 'work' });
      await client.createTopic({ Name: 'alarms', Attributes: { DisplayName: 'Alarms' } });
      await client.subscribe({ TopicArn: arn('alarms'), Protocol: 'email', Endpoint: 'ops@example.com' });
      await client.createTopic({
        Name: 'ledger.fifo',
        Attributes: { FifoTopic: 'true', ContentBasedDeduplication: 'true' },
      });
      await client.createTopic({ Name: 'orders', Tags: [{ Key: 'site', Value: 'acme' }] });
      const TopicArn = arn('orders');
      const set = async (AttributeName: string, AttributeValue: string): Promise<unknown> =>
        await client.setTopicAttributes({ TopicArn, AttributeName, AttributeValue });
      await set('Policy', JSON.stringify(policy));
      await set('TracingConfig', 'Active');
      await set('SQSFailureFeedbackRoleArn', 'arn:aws:iam::123456789012:role/feedback');
      await client.putDataProtectionPolicy({ ResourceArn: TopicArn, DataProtectionPolicy: JSON.stringify(protection) });
      await client.subscribe({ TopicArn, Protocol: 'https', Endpoint: hook });
      await client.subscribe({
        TopicArn,
        Protocol: 'sqs',
        Endpoint: queue('work'),
        Attributes: {
          FilterPolicyScope: 'MessageBody',
          FilterPolicy: JSON.stringify({ kind: ['paid'] }),
          RawMessageDelivery: 'true',
        },
      });
      await client.subscribe({ TopicArn, Protocol: 'sqs', Endpoint: queue('audit') });
    },
    async damage() {
      await client.deleteTopic({ TopicArn: arn('alarms') });
      const plain = { AttributeName: 'ContentBasedDeduplication', AttributeValue: 'false' };
      await client.setTopicAttributes({ TopicArn: arn('ledger.fifo'), ...plain });
      const TopicArn = arn('orders');
      await client.setTopicAttributes({ TopicArn, AttributeName: 'DisplayName', AttributeValue: 'intruder' });
      const open = JSON.stringify({ ...policy, Statement: [] });
      await client.setTopicAttributes({ TopicArn, AttributeName: 'Policy', AttributeValue: open });
      await client.putDataProtectionPolicy({ ResourceArn: TopicArn, DataProtectionPolicy: '' });
      const { Subscriptions = [] } = await client.listSubscriptionsByTopic({ TopicArn });
      for (const { SubscriptionArn, Endpoint } of Subscriptions)
        if (Endpoint === queue('work')) {
          const other = { AttributeName: 'FilterPolicy', AttributeValue: '{"kind":["lost"]}' };
          await client.setSubscriptionAttributes({ SubscriptionArn, ...other });
          await client.setSubscriptionAttributes({
            SubscriptionArn,
            AttributeName: 'RawMessageDelivery',
            AttributeValue: 'false',
          });
        } else await client.unsubscribe({ SubscriptionArn });
      await client.subscribe({ TopicArn, Protocol: 'sqs', Endpoint: queue('intruder') });
      await client.tagResource({ ResourceArn: TopicArn, Tags: [{ Key: 'more', Value: 'yes' }] });
    },
  };
});

describe('sns: subscriptions', () => {
  it('keeps web addresses in the secret part only, and tells what people must confirm', async () => {
    await moto();
    const captured = await captureAll(connector, conformanceContext({}, region, 'regional').context);
    for (const { captured: resource } of captured.values())
      for await (const entry of resource.entries('')) {
        const text = Buffer.from(await resource.bytes(entry)).toString();
        if (!entry.secret) expect(text).not.toContain('PLANTED-KEY');
      }
    const orders = captured.get('orders')?.captured;
    expect(JSON.stringify(await orders?.json('', 'webhooks.json'))).toContain(hook);
    expect(JSON.stringify(orders?.ledger)).not.toContain('PLANTED-KEY');
    expect(captured.get('alarms')?.captured.ledger.map(({ what }) => what)).toEqual(['subscriptions by e-mail']);
  });

  it('subscribes at the very end', async () => {
    await moto();
    const orders = (await captureAll(connector, conformanceContext({}, region, 'regional').context)).get('orders');
    const there = conformanceContext({}, 'ap-south-1', 'regional', region);
    const plan = (await connector.live?.plan(there.context, orders?.captured ?? expect.fail())) ?? [];
    expect(plan.filter(({ phase }) => phase === 'enable').map(({ id }) => id)).toEqual([
      'sns/orders/subscriptions',
      'sns/orders/webhooks',
    ]);
    expect(JSON.stringify(plan)).not.toContain('PLANTED-KEY');
  });

  it('does not subscribe an address whose password SNS hides', async () => {
    await moto();
    const client = new SNS({ region: 'eu-north-1' });
    const { TopicArn } = await client.createTopic({ Name: 'masked' });
    await client.subscribe({ TopicArn, Protocol: 'https', Endpoint: 'https://me:****@example.com/' });
    const { context } = conformanceContext({}, 'eu-north-1', 'regional');
    const captured = (await captureAll(connector, context)).get('masked')?.captured ?? expect.fail();
    expect(captured.ledger.map(({ what }) => what)).toEqual(['web subscriptions with a password']);
    await client.deleteTopic({ TopicArn });
    for (const action of (await connector.live?.plan(context, captured)) ?? [])
      await connector.live?.apply(context, action, captured).catch((error: Error) => expect(error.message).toBe(''));
    expect((await client.listSubscriptionsByTopic({ TopicArn })).Subscriptions).toEqual([]);
  });
});
