import type { BackupDetails, DynamoDB } from '@aws-sdk/client-dynamodb';
import { HoldfastError } from '../../kernel/errors.ts';
import type { PointState, RecoveryPoint } from '../../kernel/recovery-point.ts';
import { optional, required } from '../aws/classify.ts';
import type { KnownPoint, PointKind, PointService, PointSource } from '../points/contract.ts';
import { pointName } from '../points/tags.ts';
import { dynamoClient } from './calls.ts';
import { nameInArn, type } from './tables.ts';

const states: Readonly<Record<string, PointState>> = { AVAILABLE: 'available', DELETED: 'gone' };

/**
 * The run of a backup's name that is ours: the name begins with our word, and ends in the digest of the table that it is
 * of. DynamoDB's own backups carry no tags (its API tags tables only), so that the name alone says whose one is.
 */
export function runOfName(name: string, tableArn: string): string | undefined {
  const run = /^holdfast-(.+)-[0-9a-f]{10}$/.exec(name)?.[1];
  return run !== undefined && pointName(run, tableArn) === name ? run : undefined;
}

/** `arn:…:table/orders/backup/0176…` → `arn:…:table/orders`. */
function tableArnOf(backupArn: string): string {
  return backupArn.replace(/\/backup\/[^/]*$/, '');
}

/** The data of a backup is that of the moment at which it was asked for. */
function pointOf(region: string, one: Partial<BackupDetails>): RecoveryPoint {
  const { BackupArn: id = '', BackupName: name = '', BackupStatus = '', BackupSizeBytes: bytes } = one;
  const run = runOfName(name, tableArnOf(id));
  const at = one.BackupCreationDateTime?.getTime();
  return {
    kind: tableBackups.kind,
    id,
    name,
    region,
    state: states[BackupStatus] ?? 'pending',
    ...(run === undefined ? {} : { run }),
    ...(at === undefined ? {} : { at, startedAt: at }),
    ...(one.BackupExpiryDateTime === undefined ? {} : { expiresAt: one.BackupExpiryDateTime.getTime() }),
    ...(bytes === undefined ? {} : { bytes }),
  };
}

/** As DynamoDB describes it now; undefined for one that is deleted or was never there. Throws item errors. */
export async function describeBackup(
  client: DynamoDB,
  BackupArn: string,
  region: string,
): Promise<RecoveryPoint | undefined> {
  const asking = client.describeBackup({ BackupArn });
  const answer = await optional(asking, 'DescribeBackup', BackupArn, 'BackupNotFoundException');
  const details = answer?.BackupDescription?.BackupDetails;
  const point = details && pointOf(region, details);
  return point?.state === 'gone' ? undefined : point;
}

async function* backupsOf(client: DynamoDB, TableName: string, resource: string): AsyncGenerator<BackupDetails> {
  let from: string | undefined;
  do {
    const asking = client.listBackups({
      TableName,
      BackupType: 'ALL',
      ...(from === undefined ? {} : { ExclusiveStartBackupArn: from }),
    });
    const page = await required(asking, 'ListBackups', resource);
    yield* (page.BackupSummaries ?? []) as BackupDetails[];
    // Filters apply to a page after it was cut: an empty one may have more behind it.
    from = page.LastEvaluatedBackupArn === from ? undefined : page.LastEvaluatedBackupArn;
  } while (from !== undefined);
}

/** A table of the same name in another region is another table. */
function isOf({ BackupArn = '', BackupStatus }: BackupDetails, source: PointSource): boolean {
  return BackupStatus !== 'DELETED' && tableArnOf(BackupArn) === source.id;
}

/** On-demand backups of tables. Their names need not be unique: of two of one name the older is meant. */
export const tableBackups: PointKind<DynamoDB> = {
  kind: 'dynamodb-backup',
  of: '',
  async find(client, name, region, known) {
    if (known?.id !== undefined) return await describeBackup(client, known.id, region);
    const source = known?.source;
    if (!source) throw new HoldfastError('item.invalid', `${name}: which table it is of is not known`);
    const found: RecoveryPoint[] = [];
    for await (const one of backupsOf(client, nameInArn(source.id), source.resource))
      if (one.BackupName === name && isOf(one, source)) found.push(pointOf(region, one));
    // A creation whose answer was lost may have been sent twice.
    return found.sort((a, b) => (a.at ?? 0) - (b.at ?? 0) || (a.id < b.id ? -1 : 1))[0];
  },
  create: (client, source, { name }) =>
    required(
      client.createBackup({ TableName: nameInArn(source.id), BackupName: name }),
      'CreateBackup',
      source.resource,
    ),
  async *list(client, source, region) {
    for await (const one of backupsOf(client, nameInArn(source.id), source.resource))
      if (isOf(one, source)) yield pointOf(region, one);
  },
  async remove(client, name, { id }: KnownPoint) {
    if (id === undefined) throw new HoldfastError('item.invalid', `${name}: its ARN is not known`);
    await optional(client.deleteBackup({ BackupArn: id }), 'DeleteBackup', name, 'BackupNotFoundException');
  },
};

export const dynamoPoints: PointService<DynamoDB> = { type, client: dynamoClient, kinds: [tableBackups] };
