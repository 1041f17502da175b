import type { Backup, CopyJob, DescribeBackupJobOutput } from '@aws-sdk/client-backup';
import type { RecoveryPoint } from '../../kernel/recovery-point.ts';
import { optional, required } from '../aws/classify.ts';
import { pages } from '../documents/pages.ts';
import { pointOf, vaultOf } from './recovery-point.ts';

const notThere = 'ResourceNotFoundException';
const ended = /^(ABORTED|EXPIRED|FAILED|PARTIAL)$/;

/** The point a backup job makes, or what became of the job. Its id is that of the job until there is a point. */
export async function pointOfJob(client: Backup, point: RecoveryPoint): Promise<RecoveryPoint> {
  const asking = client.describeBackupJob({ BackupJobId: point.id });
  const job = await optional(asking, 'DescribeBackupJob', point.name, notThere);
  if (!job) return { ...point, state: 'gone', reason: `AWS Backup knows no job ${point.id}` };
  if (job.State !== 'COMPLETED') return { ...point, ...progressOf(job) };
  return await pointAt(client, { ...point, id: job.RecoveryPointArn ?? '' });
}

function progressOf({ State, StatusMessage, PercentDone = '', CreationDate }: DescribeBackupJobOutput) {
  const times = CreationDate ? { startedAt: CreationDate.getTime() } : {};
  if (State !== undefined && ended.test(State)) {
    const said = StatusMessage === undefined ? '' : `: ${StatusMessage}`;
    return { ...times, state: 'failed' as const, reason: `the backup job is ${State}${said}` };
  }
  const percent = Math.floor(Number.parseFloat(PercentDone));
  return { ...times, state: 'pending' as const, ...(percent >= 0 && percent <= 100 ? { percent } : {}) };
}

/** A point as it is now, by its ARN and the vault that its name says. */
export async function pointAt(client: Backup, point: RecoveryPoint): Promise<RecoveryPoint> {
  const { name, id, region, run, copyOf } = point;
  const asking = client.describeRecoveryPoint({ BackupVaultName: vaultOf(point), RecoveryPointArn: id });
  const found = await optional(asking, 'DescribeRecoveryPoint', name, notThere);
  if (!found) return { ...point, state: 'gone', reason: 'it is not there' };
  const now = pointOf(found, region, { name, ...(run === undefined ? {} : { run }) });
  return copyOf === undefined ? now : { ...now, copyOf };
}

/** The newest copy of a point in a vault elsewhere. */
export async function copyJobOf(
  home: Backup,
  BySourceRecoveryPointArn: string,
  ByDestinationVaultArn: string,
  resource: string,
): Promise<CopyJob | undefined> {
  const ask = (NextToken?: string) =>
    required(
      home.listCopyJobs({ BySourceRecoveryPointArn, ByDestinationVaultArn, NextToken }),
      'ListCopyJobs',
      resource,
    );
  let newest: CopyJob | undefined;
  for await (const { CopyJobs = [] } of pages(ask, (page) => page.NextToken))
    for (const job of CopyJobs) if (!newest || timeOf(job) > timeOf(newest)) newest = job;
  return newest;
}

function timeOf({ CreationDate }: CopyJob): number {
  return CreationDate?.getTime() ?? 0;
}
