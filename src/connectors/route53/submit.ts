import type { Change } from '@aws-sdk/client-route-53';
import { HoldfastError } from '../../kernel/errors.ts';
import { fromAws, isAwsError, required } from '../aws/classify.ts';
import type { RestoreContext } from '../contract.ts';
import { batchesOf, type Unit } from './batch.ts';
import { route53 } from './client.ts';
import type { Options } from './options.ts';

export interface Submission {
  /** Change ids, in the order in which they were accepted. */
  readonly accepted: string[];
  /** Why a key was refused. */
  readonly refused: Map<string, HoldfastError>;
  /** A record to be created was said to exist: the target is no longer what the changes were computed from. */
  stale: boolean;
}

/**
 * Sends the units in batches. Route 53 takes a batch as a whole or not at all: a refused one is halved until the offending
 * units are alone, and the others go through. Requests that come while an earlier one is not done (PriorRequestNotComplete)
 * are throttled ones, which the client sends again.
 */
export async function submitChanges(
  context: RestoreContext<Options>,
  zoneId: string,
  resource: string,
  units: readonly Unit[],
): Promise<Submission> {
  const submission: Submission = { accepted: [], refused: new Map(), stale: false };
  for (const batch of batchesOf(units)) await submit(context, zoneId, resource, batch, submission);
  return submission;
}

async function submit(
  context: RestoreContext<Options>,
  zoneId: string,
  resource: string,
  batch: readonly Unit[],
  submission: Submission,
): Promise<void> {
  const { client, sdk } = await route53(context.aws);
  const Changes = batch.flat().map((change): Change => ({ Action: change.action, ResourceRecordSet: change.set }));
  try {
    const command = new sdk.ChangeResourceRecordSetsCommand({ HostedZoneId: zoneId, ChangeBatch: { Changes } });
    const { ChangeInfo } = await client.send(command);
    submission.accepted.push(ChangeInfo?.Id ?? '');
  } catch (error) {
    if (!isAboutTheBatch(error)) throw fromAws(error, 'ChangeResourceRecordSets', resource);
    const said = whatWasSaid(error);
    const stale = said.includes('already exists') && Changes.some((change) => change.Action === 'CREATE');
    submission.stale ||= stale;
    if (stale || batch.length === 1) {
      for (const { key } of batch.flat())
        submission.refused.set(key, refusal(`${resource}/records/${key}`, said, error));
      return;
    }
    const middle = Math.ceil(batch.length / 2);
    await submit(context, zoneId, resource, batch.slice(0, middle), submission);
    await submit(context, zoneId, resource, batch.slice(middle), submission);
  }
}

// A denied, throttled or failed request says nothing of its records, and a zone that is gone nothing either.
function isAboutTheBatch(error: unknown): boolean {
  return isAwsError(error, 'InvalidChangeBatch', 'InvalidInput', 'NoSuchHealthCheck', 'ValidationError');
}

// InvalidChangeBatch lists its reasons, and may have no message of its own.
function whatWasSaid(error: unknown): string {
  const { name, message, messages } = error as Error & { readonly messages?: readonly string[] };
  return [name, message, ...(messages ?? [])].filter((part) => part !== '').join(': ');
}

function refusal(resource: string, said: string, cause: unknown): HoldfastError {
  return new HoldfastError('item.invalid', `ChangeResourceRecordSets of ${resource} failed: ${said}`, {
    resource,
    cause,
  });
}

const pollMs = 4000;

/** Waits until the changes are on all name servers; false when that took longer than the time given. */
export async function waitInSync(
  context: RestoreContext<Options>,
  changes: readonly string[],
  resource: string,
): Promise<boolean> {
  const { client, sdk } = await route53(context.aws);
  const { clock } = context.runtime;
  const giveUpAt = clock.now() + context.options.propagationTimeout * 1000;
  for (const Id of changes) {
    for (;;) {
      const { ChangeInfo } = await required(client.send(new sdk.GetChangeCommand({ Id })), 'GetChange', resource);
      if (ChangeInfo?.Status === 'INSYNC') break;
      if (clock.now() + pollMs > giveUpAt) return false;
      await clock.sleep(pollMs, context.signal);
    }
  }
  return true;
}
