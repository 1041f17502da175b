import type { SQS } from '@aws-sdk/client-sqs';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';
import { addressOf, files } from './queue.ts';

/** What SQS counts and dates itself, and what has a file of its own. */
const apart = /^(Approximate|CreatedTimestamp|LastModifiedTimestamp|QueueArn|Policy|RedrivePolicy|RedriveAllowPolicy)/;

async function readAttributes(scene: Scene<SQS>, address: Address, listed?: Json): Promise<Record<string, string>> {
  return await scene.once('attributes', async () => {
    const QueueUrl = await addressOf(scene, address, listed);
    const reading = scene.client.getQueueAttributes({ QueueUrl, AttributeNames: ['All'] });
    return (await required(reading, 'GetQueueAttributes', address.resource)).Attributes ?? {};
  });
}

async function setAttributes(scene: Scene<SQS>, address: Address, Attributes: Record<string, string>): Promise<void> {
  const QueueUrl = await addressOf(scene, address);
  await required(scene.client.setQueueAttributes({ QueueUrl, Attributes }), 'SetQueueAttributes', address.resource);
}

export const attributes: DocumentPart<SQS> = {
  file: files.attributes,
  async read(scene, address, listed) {
    const all = Object.entries(await readAttributes(scene, address, listed));
    return Object.fromEntries(all.filter(([name]) => !apart.test(name)));
  },
  async write(scene, address, wanted) {
    // Whether a queue is first-in-first-out is said once and for all.
    const { FifoQueue: _, ...changeable } = (wanted ?? {}) as Record<string, string>;
    await setAttributes(scene, address, changeable);
  },
};

/** Who may use it, which may name roles and topics that are restored later. */
export const policy: DocumentPart<SQS> = {
  file: files.policy,
  phase: 'settle',
  async read(scene, address, listed) {
    const { Policy } = await readAttributes(scene, address, listed);
    return Policy ? (JSON.parse(Policy) as Json) : undefined;
  },
  async write(scene, address, wanted) {
    await setAttributes(scene, address, { Policy: wanted === undefined ? '' : JSON.stringify(wanted) });
  },
};

/** Its dead-letter queue, and who may use it as one: other queues. */
export const redrive: DocumentPart<SQS> = {
  file: files.redrive,
  phase: 'settle',
  async read(scene, address, listed) {
    const { RedrivePolicy, RedriveAllowPolicy } = await readAttributes(scene, address, listed);
    if (!RedrivePolicy && !RedriveAllowPolicy) return undefined;
    return {
      ...(RedrivePolicy ? { RedrivePolicy: JSON.parse(RedrivePolicy) as Json } : {}),
      ...(RedriveAllowPolicy ? { RedriveAllowPolicy: JSON.parse(RedriveAllowPolicy) as Json } : {}),
    };
  },
  async write(scene, address, wanted, live) {
    const named = Object.keys({ ...(live as object), ...(wanted as object) });
    const values = (wanted ?? {}) as Record<string, Json | undefined>;
    const text = (value: Json | undefined): string => (value === undefined ? '' : JSON.stringify(value));
    await setAttributes(scene, address, Object.fromEntries(named.map((name) => [name, text(values[name])])));
  },
};

export const tags: DocumentPart<SQS> = {
  file: files.tags,
  async read(scene, address, listed) {
    const known = (listed as { readonly tags?: Record<string, string> } | undefined)?.tags;
    const found = known ?? (await readTags(scene, address));
    return Object.keys(found).length === 0 ? undefined : found;
  },
  async write(scene, address, wanted, live) {
    const QueueUrl = await addressOf(scene, address);
    const Tags = (wanted ?? {}) as Record<string, string>;
    const TagKeys = Object.keys((live ?? {}) as object).filter((key) => !(key in Tags));
    if (TagKeys.length > 0)
      await required(scene.client.untagQueue({ QueueUrl, TagKeys }), 'UntagQueue', address.resource);
    if (Object.keys(Tags).length > 0)
      await required(scene.client.tagQueue({ QueueUrl, Tags }), 'TagQueue', address.resource);
  },
};

async function readTags(scene: Scene<SQS>, address: Address): Promise<Record<string, string>> {
  const QueueUrl = await addressOf(scene, address);
  return (await required(scene.client.listQueueTags({ QueueUrl }), 'ListQueueTags', address.resource)).Tags ?? {};
}
