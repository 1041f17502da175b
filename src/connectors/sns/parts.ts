import type { SNS } from '@aws-sdk/client-sns';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';
import { tagsPart } from '../documents/tags.ts';
import { files, readTags } from './topic.ts';

/** What SNS counts or derives itself, and what has a file of its own. */
const apart =
  /^(Subscriptions(Pending|Confirmed|Deleted)|EffectiveDeliveryPolicy|BeginningArchiveTime|Owner|TopicArn|Policy)$/;

async function readAttributes(scene: Scene<SNS>, { id, resource }: Address): Promise<Record<string, string>> {
  return await scene.once('attributes', async () => {
    const reading = scene.client.getTopicAttributes({ TopicArn: id });
    return (await required(reading, 'GetTopicAttributes', resource)).Attributes ?? {};
  });
}

async function setAttribute(
  { client }: Scene<SNS>,
  { id, resource }: Address,
  name: string,
  value: Json,
): Promise<void> {
  const AttributeValue = typeof value === 'string' ? value : JSON.stringify(value);
  const setting = client.setTopicAttributes({ TopicArn: id, AttributeName: name, AttributeValue });
  await required(setting, 'SetTopicAttributes', resource);
}

/** `{"a":1}` of an attribute as what it says. */
export function parsed(text: string): Json {
  return text.startsWith('{') ? (JSON.parse(text) as Json) : text;
}

export const attributes: DocumentPart<SNS> = {
  file: files.attributes,
  async read(scene, address) {
    const all = Object.entries(await readAttributes(scene, address));
    return Object.fromEntries(
      all.filter(([name, value]) => !apart.test(name) && value !== '').map(([name, value]) => [name, parsed(value)]),
    );
  },
  async write(scene, address, wanted, live) {
    // Whether a topic is first-in-first-out is said once and for all.
    const { FifoTopic: _, ...to } = (wanted ?? {}) as Record<string, Json>;
    const { FifoTopic: __, ...from } = (live ?? {}) as Record<string, Json>;
    for (const name of new Set([...Object.keys(to), ...Object.keys(from)].sort()))
      if (JSON.stringify(to[name]) !== JSON.stringify(from[name]))
        await setAttribute(scene, address, name, to[name] ?? '');
  },
};

/** Who may publish and subscribe, which may name roles and buckets that are restored later. */
export const policy: DocumentPart<SNS> = {
  file: files.policy,
  phase: 'settle',
  async read(scene, address) {
    const { Policy } = await readAttributes(scene, address);
    return Policy ? (JSON.parse(Policy) as Json) : undefined;
  },
  async write(scene, address, wanted) {
    if (wanted !== undefined) await setAttribute(scene, address, 'Policy', wanted);
  },
};

/** What may not pass through the topic, and where its findings go. First-in-first-out topics cannot have it. */
export const dataProtection: DocumentPart<SNS> = {
  file: files.dataProtection,
  phase: 'settle',
  async read({ client }, { name, id, resource }) {
    if (name.endsWith('.fifo')) return undefined;
    const reading = client.getDataProtectionPolicy({ ResourceArn: id });
    // A region without data protection does not know the question.
    const found = await optional(reading, 'GetDataProtectionPolicy', resource, 'InvalidAction');
    return found?.DataProtectionPolicy ? (JSON.parse(found.DataProtectionPolicy) as Json) : undefined;
  },
  async write({ client }, { id, resource }, wanted) {
    const DataProtectionPolicy = wanted === undefined ? '' : JSON.stringify(wanted);
    const writing = client.putDataProtectionPolicy({ ResourceArn: id, DataProtectionPolicy });
    await required(writing, 'PutDataProtectionPolicy', resource);
  },
};

export const tags = tagsPart<SNS, unknown>({
  read: async ({ client }, { id, resource }) => await readTags(client, id, resource),
  add: async ({ client }, { id, resource }, Tags) =>
    await required(client.tagResource({ ResourceArn: id, Tags }), 'TagResource', resource),
  remove: async ({ client }, { id, resource }, TagKeys) =>
    await required(client.untagResource({ ResourceArn: id, TagKeys }), 'UntagResource', resource),
});
