import type { BucketLocationConstraint } from '@aws-sdk/client-s3';
import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { isAwsError } from '../aws/classify.ts';
import type { ActionOutcome, PlannedAction, RestoreContext } from '../contract.ts';
import { ask, bucketArn, openBucket, sendByName, type Bucket } from './bucket.ts';
import { wantedConfig } from './config-change.ts';
import { rowNamed } from './config-rows.ts';
import { asText, type JsonRecord } from './json-record.ts';
import { clearConfig, putConfig } from './config-write.ts';
import { keepsVersions } from './plan-objects.ts';
import { writeAll } from './restore-objects.ts';
import { readScope } from './scope.ts';
import { findTarget, liveRegion, takenBySomebody } from './target.ts';

/** Performs one action: looks at what is there, does what is missing, reads it back. Throws item errors. */
export async function apply(
  context: RestoreContext,
  action: PlannedAction,
  captured: CapturedResource,
): Promise<ActionOutcome> {
  const input = action.input as JsonRecord;
  const bucket = await findTarget(context, captured);
  if (action.operation === 'create-bucket') return await createBucket(context, captured, input, bucket);
  if (!bucket) {
    const name = context.rename(captured.ref.name);
    throw new HoldfastError('item.not-found', `bucket ${name} is not there: ${action.title} cannot be done`, {
      resource: `s3-buckets/${name}`,
      hint: 'Make a new plan: it creates the bucket first.',
    });
  }
  switch (action.operation) {
    case 'put-config':
      return await changeConfig(context, captured, bucket, asText(input['config']));
    case 'clear-config':
      return { result: await clearConfig(bucket, rowNamed(asText(input['config']))), class: 'exact' };
    case 'put-objects':
    case 'delete-objects':
      return await changeObjects(context, captured, bucket, action.operation);
    default:
      throw new HoldfastError('plan.invalid', `s3-buckets has no operation ${action.operation}`);
  }
}

async function createBucket(
  context: RestoreContext,
  captured: CapturedResource,
  input: JsonRecord,
  existing: Bucket | undefined,
): Promise<ActionOutcome> {
  const { region } = captured.ref;
  const name = context.rename(captured.ref.name);
  const bucket = existing ?? (await openBucket(context, name, region));
  if (!existing) {
    const command = new bucket.sdk.CreateBucketCommand({
      Bucket: name,
      // us-east-1 is the one region that must not be named.
      ...(region === 'us-east-1'
        ? {}
        : { CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint } }),
      ...(input['objectLock'] === true ? { ObjectLockEnabledForBucket: true } : {}),
    });
    const running = bucket.s3.send(command, { abortSignal: bucket.signal }).catch((error: unknown) => {
      if (isAwsError(error, 'BucketAlreadyExists')) throw takenBySomebody(bucket, error);
      if (!isAwsError(error, 'BucketAlreadyOwnedByYou')) throw error;
    });
    await ask(bucket, 'CreateBucket', running);
  }
  const actual = await liveRegion(bucket);
  if (actual !== region) {
    throw new HoldfastError('item.conflict', `bucket ${name} is in ${actual}, not in ${region}`, {
      resource: bucket.label,
      hint: 'A bucket cannot be moved: restore under another name with --rename, or delete the other one.',
    });
  }
  if (input['versioned'] === true && !(await keepsVersions(bucket)))
    await sendByName(bucket, 'PutBucketVersioning', { VersioningConfiguration: { Status: 'Enabled' } });
  const renamed = name !== captured.ref.name;
  return {
    result: existing ? 'unchanged' : 'done',
    class: renamed ? 'new-identity' : 'exact',
    ...(renamed
      ? {
          note: `the bucket is called ${name} now`,
          identities: [
            { from: captured.ref.id, to: bucketArn(name, region) },
            { from: captured.ref.name, to: name },
          ],
        }
      : {}),
  };
}

async function changeConfig(
  context: RestoreContext,
  captured: CapturedResource,
  bucket: Bucket,
  name: string,
): Promise<ActionOutcome> {
  const row = rowNamed(name);
  const wanted = await wantedConfig(context, captured, row);
  if (wanted === undefined) throw new HoldfastError('plan.invalid', `${bucket.label} was captured without ${name}`);
  return { result: await putConfig(context, bucket, row, wanted), class: 'exact' };
}

async function changeObjects(
  context: RestoreContext,
  captured: CapturedResource,
  bucket: Bucket,
  operation: 'put-objects' | 'delete-objects',
): Promise<ActionOutcome> {
  const scope = await readScope(captured);
  const versioned = await keepsVersions(bucket);
  const deletes = operation === 'delete-objects';
  const totals = await writeAll({ context, captured, scope, bucket, versioned }, `.${operation}`, ({ action }) =>
    deletes ? action === 'delete' : action === 'write' || action === 'undelete' || action === 'unknown',
  );
  const renewed = versioned && totals.renewed > 0;
  return {
    result: totals.written > 0 ? 'done' : 'unchanged',
    class: renewed ? 'new-identity' : 'exact',
    ...(renewed ? { note: 'LastModified and version ids are new' } : {}),
    items: totals.written,
    bytes: totals.bytes,
    failures: totals.failures,
  };
}
