import type { SNS } from '@aws-sdk/client-sns';
import { HoldfastError } from '../../kernel/errors.ts';
import { compactJson, type Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import { afresh } from '../documents/capture.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';
import { identity, readSubscriptions, setSubscription, subscribe, type Subscription } from './subscription.ts';
import { files } from './topic.ts';

/** Those that a person confirms. */
export function isByMail({ Protocol }: Subscription): boolean {
  return Protocol === 'email' || Protocol === 'email-json';
}

/** `https://user:****@host/`: SNS hides the password, so that nobody can subscribe it again from what is known. */
export function isMasked({ Endpoint }: Subscription): boolean {
  return /^https?:\/\/[^/]*:\*+@/.test(Endpoint);
}

function isWebhook({ Protocol }: Subscription): boolean {
  return Protocol === 'http' || Protocol === 'https';
}

/** Queues, functions, streams, people. They make others act, so they come last. */
export const subscriptions = partOf(files.subscriptions, (one) => !isWebhook(one));

/** Web addresses, which may hold keys of those they are for. */
export const webhooks: DocumentPart<SNS> = { ...partOf(files.webhooks, isWebhook), secret: true };

function partOf(file: string, isOurs: (one: Subscription) => boolean): DocumentPart<SNS> {
  return {
    file,
    phase: 'enable',
    async read(scene, address) {
      const found = (await readSubscriptions(scene, address)).filter(isOurs);
      return found.length === 0 ? undefined : found.map((one) => ({ ...one, arn: undefined }));
    },
    comparable(document) {
      const counts = comparable(document as unknown as readonly Subscription[]);
      return counts.length === 0 ? undefined : (counts as unknown as Json);
    },
    async write(scene, address, wanted) {
      await write(scene, address, comparable(wanted as unknown as readonly Subscription[] | undefined, true), isOurs);
    },
  };
}

/**
 * What a restore can bring about: all but what nobody confirmed (it ends by itself) and what SNS hides. Of one by mail only
 * that it is there: until a person confirms it SNS tells nothing more.
 */
function comparable(all: readonly Subscription[] | undefined, withAttributes = false): Subscription[] {
  return (all ?? [])
    .filter((one) => !isMasked(one) && (isByMail(one) || !one.Pending))
    .map((one) => (isByMail(one) && !withAttributes ? { Protocol: one.Protocol, Endpoint: one.Endpoint } : one));
}

async function write(
  scene: Scene<SNS>,
  address: Address,
  wanted: readonly Subscription[],
  isOurs: (one: Subscription) => boolean,
): Promise<void> {
  const { client } = scene;
  const there = new Map((await readSubscriptions(afresh(scene), address)).map((one) => [identity(one), one]));
  for (const one of wanted) {
    const live = there.get(identity(one));
    if (live?.arn === undefined || live.Pending) await subscribe(scene, address, one);
    else if (compactJson(one.Attributes ?? {}) !== compactJson(live.Attributes ?? {}))
      await setSubscription(scene, address, one, live);
  }
  const named = new Set(wanted.map(identity));
  for (const live of there.values()) {
    if (live.arn === undefined || !isOurs(live) || isMasked(live) || named.has(identity(live))) continue;
    await required(client.unsubscribe({ SubscriptionArn: live.arn }), 'Unsubscribe', address.resource);
  }
  await confirmed(scene, address, named);
}

/** An endpoint or another account answers a subscription by itself, within seconds; people take their time. */
async function confirmed(scene: Scene<SNS>, address: Address, named: ReadonlySet<string>): Promise<void> {
  for (let waits = 0; ; waits++) {
    const all = await readSubscriptions(afresh(scene), address);
    const open = all.filter((one) => one.Pending && !isByMail(one) && named.has(identity(one)));
    if (open.length === 0) return;
    if (waits === 10) throw unconfirmed(address, open);
    await scene.runtime.clock.sleep(1000, scene.signal);
  }
}

function unconfirmed({ resource }: Address, open: readonly Subscription[]): HoldfastError {
  const protocols = [...new Set(open.map(({ Protocol }) => Protocol))].join(', ');
  return new HoldfastError('item.unavailable', `${open.length} subscriptions (${protocols}) were not confirmed`, {
    resource,
    hint: 'Let their endpoints answer the confirmation that SNS sent them, then restore again.',
  });
}
