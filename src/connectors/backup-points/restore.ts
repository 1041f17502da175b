import type { Backup, DescribeRecoveryPointOutput, RestoreJobsListMember } from '@aws-sdk/client-backup';
import { createHash } from 'node:crypto';
import { HoldfastError } from '../../kernel/errors.ts';
import type { RecoveryPoint } from '../../kernel/recovery-point.ts';
import { optional, required } from '../aws/classify.ts';
import { backupClient } from '../backup/calls.ts';
import type { Foreseen, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import type { OptionsWithBackups } from './options.ts';
import { backupKind, pointOf, vaultOf } from './recovery-point.ts';
import { followRestore } from './restore-job.ts';
import { roleOf } from './role.ts';

type RestoreScene = Scene<unknown, OptionsWithBackups>;

/** A point that can be restored from, with what AWS Backup says of it. */
export interface RestorablePoint {
  readonly point: RecoveryPoint;
  readonly described: DescribeRecoveryPointOutput;
}

/** What restores of one kind of resource need to know. */
export interface RestoreWish {
  /** Under which it comes back, and `ebs/volumes/vol-…` for messages. */
  readonly name: string;
  readonly resource: string;
  /** What AWS Backup is told: what it knows of the point, with what the resource is to be. */
  metadata(said: Readonly<Record<string, string>>, point: RecoveryPoint): Record<string, string>;
  /** Whether what an earlier job made is free to be taken: whose answer was lost, and that nobody uses. */
  isFree(arn: string): Promise<boolean>;
}

/**
 * The point that a restore here takes: what was asked for with the snapshot first, then the newest that a plan made, if AWS Backup
 * still has it. Undefined where there is none in this region. Throws item errors.
 */
export async function restorablePoint({ aws, points = [] }: RestoreScene): Promise<RestorablePoint | undefined> {
  const here = points.filter(({ kind, region }) => kind === backupKind && region === aws.region);
  const client = await backupClient(aws);
  for (const known of here.toSorted((a, b) => order(a) - order(b) || (b.at ?? 0) - (a.at ?? 0))) {
    if (!known.id.startsWith('arn:')) continue;
    const asking = client.describeRecoveryPoint({ BackupVaultName: vaultOf(known), RecoveryPointArn: known.id });
    const described = await optional(asking, 'DescribeRecoveryPoint', known.name, 'ResourceNotFoundException');
    if (!described) continue;
    const now = pointOf(described, aws.region, { name: known.name });
    // A copy holds the moment of its original.
    if (now.state === 'available')
      return { point: { ...now, ...(known.at === undefined ? {} : { at: known.at }) }, described };
  }
  return undefined;
}

function order({ run }: RecoveryPoint): number {
  return run === undefined ? 1 : 0;
}

/** Says in the plan what it would be made of, and of which moment. */
export function foreseen({ point: { name, at } }: RestorablePoint): Foreseen {
  return { title: ` from ${name}${at === undefined ? '' : ` (as of ${new Date(at).toISOString()})`}` };
}

/** Throws item.not-found: no point of the resource is in this region any more. */
export function noPoint({ aws, points = [] }: RestoreScene, resource: string): HoldfastError {
  const wereHere = points.some(({ kind, region }) => kind === backupKind && region === aws.region);
  const regions = [...new Set(points.map(({ region }) => region))].join(', ');
  const why = wereHere ? 'what its snapshot names is gone' : `its snapshot names points only in ${regions}`;
  return new HoldfastError('item.not-found', `AWS Backup has no point of ${resource} in ${aws.region}: ${why}`, {
    resource,
    hint: 'Restore another snapshot, or have points copied beforehand: points: { copyTo: REGION }.',
  });
}

/**
 * Has AWS Backup make a resource of the point, and waits until it is there; returns its ARN. A repetition goes on with the job that
 * an attempt began, or takes what that job has made. Throws item errors; item.unavailable where it takes too long.
 */
export async function restoreFrom(
  scene: RestoreScene,
  { point, described }: RestorablePoint,
  wish: RestoreWish,
): Promise<string> {
  const client = await backupClient(scene.aws);
  const { name, resource } = wish;
  const place = { BackupVaultName: vaultOf(point), RecoveryPointArn: point.id };
  const { role, free, ended } = await earlierJobs(scene, client, { point, described }, wish);
  if (free !== undefined) return free;
  const asking = client.getRecoveryPointRestoreMetadata(place);
  const { RestoreMetadata = {} } = await required(asking, 'GetRecoveryPointRestoreMetadata', resource);
  const starting = client.startRestoreJob({
    RecoveryPointArn: point.id,
    Metadata: wish.metadata(RestoreMetadata, point),
    IamRoleArn: role,
    ...(described.ResourceType === undefined ? {} : { ResourceType: described.ResourceType }),
    IdempotencyToken: createHash('sha256').update(`${point.id}\n${name}\n${ended}`).digest('hex').slice(0, 40),
  });
  const { RestoreJobId = '' } = await required(starting, 'StartRestoreJob', resource);
  return await followRestore(scene, client, RestoreJobId, resource);
}

/**
 * What was done with this point before. The token of a job counts the jobs that have ended: an attempt that goes on says the same
 * as the one before, and a restore after what was restored is gone again says another.
 */
async function earlierJobs(
  scene: RestoreScene,
  client: Backup,
  { point, described }: RestorablePoint,
  { resource, isFree }: RestoreWish,
): Promise<{ readonly role: string; readonly ended: number; readonly free?: string }> {
  const role = roleOf(scene) ?? described.IamRoleArn;
  if (role === undefined)
    throw new HoldfastError('item.invalid', `AWS Backup does not say with which role to restore ${point.name}`, {
      resource,
      hint: 'Name one: points: { via: aws-backup, vault: NAME, role: ROLE }.',
    });
  const ask = (NextToken?: string) =>
    required(
      client.listRestoreJobsByProtectedResource({ ResourceArn: described.ResourceArn, NextToken }),
      'ListRestoreJobsByProtectedResource',
      resource,
    );
  const jobs: RestoreJobsListMember[] = [];
  for await (const { RestoreJobs = [] } of pages(ask, (page) => page.NextToken))
    jobs.push(...RestoreJobs.filter(({ RecoveryPointArn }) => RecoveryPointArn === point.id));
  const ended = jobs.filter(({ Status }) => Status !== 'PENDING' && Status !== 'RUNNING');
  for (const { Status, CreatedResourceArn: arn, IamRoleArn } of ended)
    if (Status === 'COMPLETED' && arn !== undefined && IamRoleArn === role && (await isFree(arn)))
      return { role, ended: ended.length, free: arn };
  return { role, ended: ended.length };
}

/**
 * The key of what is made, in the region at hand: that of the document, or, where the original's is in another region, that of
 * the point, which a copy has from its vault.
 */
export function keyAt(
  region: string,
  { kmsKey }: RecoveryPoint,
  said: string | undefined,
  wanted: string | undefined,
): string | undefined {
  const isElsewhere = said?.startsWith('arn:') === true && said.split(':')[3] !== region;
  return isElsewhere ? kmsKey : wanted;
}
