import type { SNS } from '@aws-sdk/client-sns';
import { compactJson, type Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, Scene } from '../documents/contract.ts';
import { parsed } from './parts.ts';

/** One subscription without what SNS generates. */
export interface Subscription {
  readonly Protocol: string;
  readonly Endpoint: string;
  /** Nobody has confirmed it; SNS tells nothing else of it then. */
  readonly Pending?: true;
  readonly Attributes?: Readonly<Record<string, Json>>;
}

export interface LiveSubscription extends Subscription {
  /** Absent while it waits for its confirmation. */
  readonly arn?: string;
}

const settable = new Set([
  'DeliveryPolicy',
  'FilterPolicy',
  'FilterPolicyScope',
  'RawMessageDelivery',
  'RedrivePolicy',
  'ReplayPolicy',
  'SubscriptionRoleArn',
]);

/** What says the same as nothing. */
const unset: ReadonlySet<string> = new Set(['', '{}']);
const defaults: Readonly<Record<string, string>> = {
  RawMessageDelivery: 'false',
  FilterPolicyScope: 'MessageAttributes',
};

/** Subscriptions of the topic in a stable order; asked once for all parts. */
export async function readSubscriptions(
  scene: Scene<SNS>,
  { id, resource }: Address,
): Promise<readonly LiveSubscription[]> {
  const { client } = scene;
  return await scene.once('subscriptions', async () => {
    const found: LiveSubscription[] = [];
    let NextToken: string | undefined;
    do {
      const listing = client.listSubscriptionsByTopic({ TopicArn: id, NextToken });
      const page = await required(listing, 'ListSubscriptionsByTopic', resource);
      for (const { Protocol = '', Endpoint = '', SubscriptionArn = '' } of page.Subscriptions ?? [])
        found.push(
          SubscriptionArn.startsWith('arn:')
            ? { Protocol, Endpoint, arn: SubscriptionArn, ...(await readAttributes(client, SubscriptionArn, resource)) }
            : { Protocol, Endpoint, Pending: true },
        );
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return found.sort((a, b) => (identity(a) < identity(b) ? -1 : 1));
  });
}

/** A topic has one subscription of a protocol and endpoint. */
export function identity({ Protocol, Endpoint }: Subscription): string {
  return `${Protocol} ${Endpoint}`;
}

async function readAttributes(
  client: SNS,
  SubscriptionArn: string,
  resource: string,
): Promise<Pick<Subscription, 'Attributes' | 'Pending'>> {
  const reading = client.getSubscriptionAttributes({ SubscriptionArn });
  const { Attributes: all = {} } = await required(reading, 'GetSubscriptionAttributes', resource);
  const set = Object.entries(all)
    .filter(([name, value]) => settable.has(name) && !unset.has(value) && value !== defaults[name])
    // The scope of a filter that is not there says nothing.
    .filter(([name]) => name !== 'FilterPolicyScope' || !unset.has(all['FilterPolicy'] ?? ''))
    .map(([name, value]) => [name, parsed(value)] as const);
  return {
    ...(set.length > 0 ? { Attributes: Object.fromEntries(set) } : {}),
    ...(all['PendingConfirmation'] === 'true' ? { Pending: true as const } : {}),
  };
}

/** Subscribing what is subscribed succeeds, and says the subscription anew to whoever must confirm it. */
export async function subscribe(
  { client }: Scene<SNS>,
  { id, resource }: Address,
  { Protocol, Endpoint, Attributes = {} }: Subscription,
): Promise<void> {
  const values = Object.entries(Attributes).map(([name, value]) => [name, asText(value)]);
  const subscribing = client.subscribe({
    TopicArn: id,
    Protocol,
    Endpoint,
    Attributes: Object.fromEntries(values) as Record<string, string>,
  });
  await required(subscribing, 'Subscribe', resource);
}

/** The attributes of one that is there. The scope of a filter comes before the filter that it explains. */
export async function setSubscription(
  { client }: Scene<SNS>,
  { resource }: Address,
  wanted: Subscription,
  { arn, Attributes: live = {} }: LiveSubscription,
): Promise<void> {
  if (arn === undefined) return;
  const to = wanted.Attributes ?? {};
  const names = [...new Set([...Object.keys(to), ...Object.keys(live)])].sort(
    (a, b) => Number(b === 'FilterPolicyScope') - Number(a === 'FilterPolicyScope') || (a < b ? -1 : 1),
  );
  for (const name of names) {
    if (compactJson(to[name] ?? null) === compactJson(live[name] ?? null)) continue;
    const AttributeValue = name in to ? asText(to[name] ?? '') : (defaults[name] ?? '{}');
    const setting = client.setSubscriptionAttributes({ SubscriptionArn: arn, AttributeName: name, AttributeValue });
    await required(setting, 'SetSubscriptionAttributes', resource);
  }
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
