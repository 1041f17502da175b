import type { Backup } from '@aws-sdk/client-backup';
import type { RecoveryPoint } from '../../kernel/recovery-point.ts';
import { required } from '../aws/classify.ts';
import type { PointContext } from '../points/keeping.ts';
import { copyJobOf, pointAt, pointOfJob } from './jobs.ts';
import { vaultOf } from './recovery-point.ts';

/** A copy that is to be made: until it is there, its id is the job of its original, which may end in another process. */
export function waitingCopy(original: RecoveryPoint, region: string, vault: string): RecoveryPoint {
  const { kind, name, id, run } = original;
  return {
    kind,
    id,
    name: `${vault}/${name.slice(vaultOf(original).length + 1)}`,
    region,
    state: 'pending',
    copyOf: name,
    ...(run === undefined ? {} : { run }),
    reason: 'it waits for its original',
  };
}

export interface CopyPlace {
  /** Clients of the region of the copy, and of that of the original. */
  readonly client: Backup;
  readonly home: Backup;
  readonly role: string;
  /** `ebs/volumes/vol-…`, for messages. */
  readonly resource: string;
}

/** The copy as it is now, begun when its original is available. Of an original that failed there is none. */
export async function followCopy(
  { aws }: PointContext,
  { client, home, role, resource }: CopyPlace,
  point: RecoveryPoint,
): Promise<RecoveryPoint> {
  if (point.id.startsWith('arn:')) return await pointAt(client, point);
  const { copyOf = '', name, run } = point;
  const { reason: _, ...bare } = point;
  const kept = { kind: point.kind, id: point.id, name: copyOf, region: aws.region, state: 'pending' } as const;
  const original = await pointOfJob(home, { ...kept, ...(run === undefined ? {} : { run }) });
  if (original.state === 'pending') return point;
  if (original.state !== 'available')
    return { ...point, state: 'failed', reason: `its original ${copyOf} in ${aws.region} is ${original.state}` };
  const vault = `arn:aws:backup:${point.region}:${aws.account}:backup-vault:${vaultOf(point)}`;
  const at = original.at === undefined ? {} : { at: original.at };
  const job = await copyJobOf(home, original.id, vault, resource);
  if (!job) {
    const copying = home.startCopyJob({
      RecoveryPointArn: original.id,
      SourceBackupVaultName: vaultOf(original),
      DestinationBackupVaultArn: vault,
      IamRoleArn: role,
      // The same for each attempt, so that a list that lags behind makes no second copy.
      IdempotencyToken: name.slice(vaultOf(point).length + 1),
    });
    await required(copying, 'StartCopyJob', resource);
    return { ...bare, ...at };
  }
  const { State = '', StatusMessage, DestinationRecoveryPointArn: id } = job;
  if (State === 'COMPLETED' && id !== undefined) return { ...(await pointAt(client, { ...bare, id })), ...at };
  if (State !== 'FAILED' && State !== 'PARTIAL') return { ...bare, ...at };
  const said = StatusMessage === undefined ? '' : `: ${StatusMessage}`;
  return { ...bare, ...at, state: 'failed', reason: `the copy job is ${State}${said}` };
}
