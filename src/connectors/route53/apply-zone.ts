import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { ActionOutcome, PlannedAction, RestoreContext } from '../contract.ts';
import { unitsOf } from './batch.ts';
import { route53 } from './client.ts';
import { createZone } from './create-zone.ts';
import type { RecordChange } from './diff.ts';
import type { Options } from './options.ts';
import { submitChanges, waitInSync } from './submit.ts';
import { findZone, wantedZone, type TargetZone, type WantedZone } from './target.ts';
import { countTags, setTags, tagChanges } from './tags.ts';
import { recordChanges } from './wanted-records.ts';
import { describeSettings, settingChanges } from './zone-settings.ts';

type Context = RestoreContext<Options>;

/** Performs one action of a zone's plan. What is to be done is computed again from the target as it is now. */
export async function applyZone(
  context: Context,
  action: PlannedAction,
  captured: CapturedResource,
): Promise<ActionOutcome> {
  const wanted = await wantedZone(context, captured);
  if (action.operation === 'create-zone') return await createZone(context, wanted);
  const target = await findZone(context, wanted);
  if (target === undefined)
    throw new HoldfastError('item.not-found', `${wanted.key} is not at the target`, { resource: wanted.key });
  switch (action.operation) {
    case 'configure-zone':
      return await configureZone(context, wanted, target);
    case 'set-tags':
      return await setZoneTags(context, wanted, target);
    case 'change-records':
      return await changeRecords(context, captured, wanted, target);
    default:
      throw new HoldfastError('plan.invalid', `route53 knows no operation ${action.operation}`, {
        resource: wanted.key,
      });
  }
}

async function configureZone(context: Context, wanted: WantedZone, target: TargetZone): Promise<ActionOutcome> {
  const { client, sdk } = await route53(context.aws);
  const changes = await settingChanges(context, wanted, target);
  if (describeSettings(changes) === '') return { result: 'unchanged', class: 'exact' };
  const Id = target.id;
  const did = async <T>(operation: string, running: Promise<T>): Promise<T> =>
    await required(running, operation, wanted.key);
  if (changes.comment !== undefined) {
    await did(
      'UpdateHostedZoneComment',
      client.send(new sdk.UpdateHostedZoneCommentCommand({ Id, Comment: changes.comment })),
    );
  }
  for (const VPC of changes.associate) {
    await did(
      'AssociateVPCWithHostedZone',
      client.send(new sdk.AssociateVPCWithHostedZoneCommand({ HostedZoneId: Id, VPC })),
    );
  }
  for (const VPC of changes.disassociate) {
    await did(
      'DisassociateVPCFromHostedZone',
      client.send(new sdk.DisassociateVPCFromHostedZoneCommand({ HostedZoneId: Id, VPC })),
    );
  }
  const { queryLogging } = changes;
  if (queryLogging?.replaces) {
    await did(
      'DeleteQueryLoggingConfig',
      client.send(new sdk.DeleteQueryLoggingConfigCommand({ Id: queryLogging.replaces.Id })),
    );
  }
  if (queryLogging) {
    const command = new sdk.CreateQueryLoggingConfigCommand({
      HostedZoneId: Id,
      CloudWatchLogsLogGroupArn: queryLogging.logGroup,
    });
    await did('CreateQueryLoggingConfig', client.send(command));
  }
  const now = await findZone(context, wanted);
  const left = now && describeSettings(await settingChanges(context, wanted, now));
  if (left !== '') throw notKept(wanted.key, left ?? 'the zone');
  return { result: 'done', class: 'exact' };
}

async function setZoneTags(context: Context, wanted: WantedZone, target: TargetZone): Promise<ActionOutcome> {
  const read = async () => await tagChanges(context, wanted.document.Tags, 'hostedzone', target.id);
  const changes = await read();
  const items = countTags(changes);
  if (items === 0) return { result: 'unchanged', class: 'exact' };
  await setTags(context, 'hostedzone', target.id, changes, wanted.key);
  if (countTags(await read()) > 0) throw notKept(wanted.key, 'tags');
  return { result: 'done', class: 'exact', items };
}

/**
 * Submits what differs and reads it back, again while that leaves less to do: what one record needs may have come with
 * another. A record to be created that is said to exist is compared anew and then written over, or left where it is there.
 */
async function changeRecords(
  context: Context,
  captured: CapturedResource,
  wanted: WantedZone,
  target: TargetZone,
): Promise<ActionOutcome> {
  const { possible, blocked } = await recordChanges(context, captured, wanted, target);
  const failures = blocked.map(({ error }) => error);
  const accepted: string[] = [];
  let refused: ReadonlyMap<string, HoldfastError> = new Map();
  let left = possible;
  let overwrites = false;
  while (left.length > 0) {
    const changes = overwrites ? left.map(asUpsert) : left;
    const submission = await submitChanges(context, target.id, wanted.key, unitsOf(changes));
    const next = (await recordChanges(context, captured, wanted, target)).possible;
    const goesOn = next.length < left.length || (submission.stale && !overwrites);
    accepted.push(...submission.accepted);
    refused = submission.refused;
    overwrites ||= submission.stale;
    left = next;
    if (!goesOn) break;
  }
  for (const { key } of left) failures.push(refused.get(key) ?? notKept(`${wanted.key}/records/${key}`, 'the record'));
  if (!(await waitInSync(context, accepted, wanted.key))) failures.push(notInSync(context, wanted));
  return {
    result: possible.length === 0 ? 'unchanged' : 'done',
    class: 'exact',
    items: possible.length - left.length,
    ...(failures.length > 0 ? { failures } : {}),
  };
}

function asUpsert(change: RecordChange): RecordChange {
  return change.action === 'CREATE' ? { ...change, action: 'UPSERT' } : change;
}

function notInSync(context: Context, { key }: WantedZone): HoldfastError {
  const seconds = context.options.propagationTimeout;
  const message = `changes of ${key} were accepted, and after ${seconds} s not all name servers had them`;
  return new HoldfastError('item.unavailable', message, {
    resource: key,
    hint: 'They arrive by themselves; look again later.',
  });
}

function notKept(resource: string, what: string): HoldfastError {
  return new HoldfastError('item.unreadable', `${what} of ${resource} was accepted and is not there when read back`, {
    resource,
  });
}
