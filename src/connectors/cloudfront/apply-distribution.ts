import type { CloudFront, DistributionConfig, MonitoringSubscription } from '@aws-sdk/client-cloudfront';
import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { canonicalJson } from '../../kernel/json.ts';
import { fromAws, isAwsError, required } from '../aws/classify.ts';
import type { ActionOutcome, PlannedAction } from '../contract.ts';
import {
  callerReference,
  comparableConfig,
  distributionTarget,
  identitiesOf,
  readDistribution,
  readMonitoring,
  readTags,
  type DistributionTarget,
  type LiveDistribution,
} from './distribution-target.ts';
import { aliasesOf, text, type Document } from './documents.ts';
import { sameTags } from './plan-distribution.ts';
import type { Context } from './shared-target.ts';

/** Creates a distribution or writes one part of it, and reads it back. Does not wait for the deployment. */
export async function applyDistribution(
  context: Context,
  action: PlannedAction,
  captured: CapturedResource,
): Promise<ActionOutcome> {
  const target = await distributionTarget(context, captured);
  const { part } = action.input as { readonly part?: string };
  if (part === 'create') return await create(target);
  const { live, resource } = target;
  if (!live) throw new HoldfastError('item.not-found', `${resource} is not at the target`, { resource });
  if (part === 'config') return await writeConfig(target, live);
  if (part === 'tags') return await writeTags(context, target, live);
  if (part === 'monitoring') return await writeMonitoring(target, live);
  throw new HoldfastError('plan.invalid', `${resource} has no ${part ?? 'such part'}`, { resource });
}

/** A reference that was used belongs to a distribution that is there, or to one that was deleted. */
const maxAttempts = 8;

async function create(target: DistributionTarget): Promise<ActionOutcome> {
  const { client, live, oldId, resource } = target;
  if (live) return { result: 'unchanged', ...identity(target, live) };
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const reference = callerReference(oldId, attempt);
    const id = (await createUnder(target, reference, true)) ?? (await createUnder(target, reference, false));
    if (id === 'used') continue;
    const made = id === undefined ? undefined : await readDistribution(client, id.replace(/^found /, ''), resource);
    if (!made) throw new HoldfastError('item.changed', `${resource} was created, and is not there`, { resource });
    // What an earlier attempt made, or somebody changed since.
    if (id?.startsWith('found ') && comparableConfig(target.wanted) !== comparableConfig(made.config))
      await update(client, target.wanted, made, resource);
    return { result: 'done', ...identity(target, made), items: 1 };
  }
  throw new HoldfastError('item.conflict', `${resource} could not be created: its caller references are used`, {
    resource,
  });
}

/** Its id, `found` before it where it was there; `used` for a reference that is not free; undefined where one of its names belongs to another distribution. */
async function createUnder(
  { client, wanted, tags, resource }: DistributionTarget,
  CallerReference: string,
  withNames: boolean,
): Promise<string | undefined> {
  const config = { ...wanted, CallerReference, ...stagingPolicy(wanted, undefined) };
  const DistributionConfig = (withNames
    ? config
    : { ...config, Aliases: { Quantity: 0 } }) as unknown as DistributionConfig;
  const Items = Object.entries(tags)
    .filter(([Key]) => !Key.startsWith('aws:'))
    .map(([Key, Value]) => ({ Key, Value }));
  const DistributionConfigWithTags = { DistributionConfig, Tags: { Items } };
  try {
    return (await client.createDistributionWithTags({ DistributionConfigWithTags })).Distribution?.Id;
  } catch (error) {
    if (withNames && isAwsError(error, 'CNAMEAlreadyExists')) return undefined;
    if (!isAwsError(error, 'DistributionAlreadyExists')) throw fromAws(error, 'CreateDistributionWithTags', resource);
    // Made by an attempt whose answer was lost: the message ends with its id.
    const id = /\b(E[A-Z0-9]{8,})\b/.exec((error as Error).message)?.[1];
    const there = id === undefined ? undefined : await readDistribution(client, id, resource);
    return there && text(there.config['CallerReference']) === CallerReference ? `found ${there.id}` : 'used';
  }
}

function identity(
  target: DistributionTarget,
  live: LiveDistribution,
): Pick<ActionOutcome, 'class' | 'identities' | 'note'> {
  const identities = identitiesOf(target, live);
  if (identities.length === 0) return { class: 'exact' };
  const note = `${target.oldId} is ${live.id} now, at ${live.domainName}; it is deployed within some minutes`;
  return { class: 'new-identity', note, identities };
}

async function writeConfig(target: DistributionTarget, live: LiveDistribution): Promise<ActionOutcome> {
  const { client, wanted, resource } = target;
  if (comparableConfig(wanted) === comparableConfig(live.config)) return { result: 'unchanged', class: 'exact' };
  await update(client, wanted, live, resource);
  const again = await readDistribution(client, live.id, resource);
  if (!again || comparableConfig(wanted) !== comparableConfig(again.config)) {
    throw new HoldfastError('item.changed', `the configuration of ${resource} was written but reads back otherwise`, {
      resource,
    });
  }
  return { result: 'done', class: 'exact', items: 1 };
}

/** It is not restored: the one that is there stays, or none. */
function stagingPolicy(wanted: Document, live: LiveDistribution | undefined): Document {
  const field = 'ContinuousDeploymentPolicyId';
  if (wanted[field] === undefined && live?.config[field] === undefined) return {};
  return { [field]: live?.config[field] ?? '' };
}

/** The full configuration under the ETag that was read; one that is stale by now is read again, once. */
async function update(
  client: CloudFront,
  wanted: Document,
  live: LiveDistribution,
  resource: string,
  again = true,
): Promise<void> {
  const { CallerReference } = live.config;
  const config = { ...wanted, CallerReference, ...stagingPolicy(wanted, live) } as unknown as DistributionConfig;
  try {
    await client.updateDistribution({ Id: live.id, IfMatch: live.etag, DistributionConfig: config });
  } catch (error) {
    if (again && isAwsError(error, 'PreconditionFailed', 'InvalidIfMatchVersion', 412)) {
      const now = await readDistribution(client, live.id, resource);
      if (now) return await update(client, wanted, now, resource, false);
    }
    if (!isAwsError(error, 'CNAMEAlreadyExists')) throw fromAws(error, 'UpdateDistribution', resource);
    const names = aliasesOf(wanted);
    throw new HoldfastError('item.conflict', `a name of ${names.join(', ')} belongs to another distribution`, {
      resource,
      cause: error,
      hint: `Move each once that one may lose it: aws cloudfront associate-alias --target-distribution-id ${live.id} --alias ${names[0] ?? 'NAME'}; then restore again.`,
    });
  }
}

async function writeTags(context: Context, target: DistributionTarget, live: LiveDistribution): Promise<ActionOutcome> {
  const { client, tags, resource } = target;
  const there = await readTags(client, live.arn, resource);
  if (sameTags(context, tags, there)) return { result: 'unchanged', class: 'exact' };
  const isMine = (key: string): boolean => !key.startsWith('aws:');
  const gone = context.mode === 'exact' ? Object.keys(there).filter((key) => isMine(key) && !(key in tags)) : [];
  const Resource = live.arn;
  if (gone.length > 0)
    await required(client.untagResource({ Resource, TagKeys: { Items: gone } }), 'UntagResource', resource);
  const Items = Object.entries(tags)
    .filter(([Key, Value]) => isMine(Key) && there[Key] !== Value)
    .map(([Key, Value]) => ({ Key, Value }));
  if (Items.length > 0) await required(client.tagResource({ Resource, Tags: { Items } }), 'TagResource', resource);
  if (!sameTags(context, tags, await readTags(client, live.arn, resource)))
    throw new HoldfastError('item.changed', `tags of ${resource} were written but read back otherwise`, { resource });
  return { result: 'done', class: 'exact', items: 1 };
}

async function writeMonitoring(
  { client, monitoring, resource }: DistributionTarget,
  { id: DistributionId }: LiveDistribution,
): Promise<ActionOutcome> {
  const textOf = (value: Document | undefined): string => canonicalJson(value ?? null);
  if (textOf(monitoring) === textOf(await readMonitoring(client, DistributionId, resource)))
    return { result: 'unchanged', class: 'exact' };
  if (monitoring) {
    const subscription = monitoring as unknown as MonitoringSubscription;
    const creating = client.createMonitoringSubscription({ DistributionId, MonitoringSubscription: subscription });
    await required(creating, 'CreateMonitoringSubscription', resource);
  } else {
    await required(client.deleteMonitoringSubscription({ DistributionId }), 'DeleteMonitoringSubscription', resource);
  }
  if (textOf(monitoring) !== textOf(await readMonitoring(client, DistributionId, resource)))
    throw new HoldfastError('item.changed', `monitoring of ${resource} was written but reads back otherwise`, {
      resource,
    });
  return { result: 'done', class: 'exact', items: 1 };
}
