import type { TableDescription } from '@aws-sdk/client-dynamodb';
import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import type { RecoveryPoint } from '../../kernel/recovery-point.ts';
import { required } from '../aws/classify.ts';
import type { RestoreContext } from '../contract.ts';
import { dynamoClient } from './calls.ts';
import { isCaptured, itemsCollection, tableFile } from './ledger.ts';
import type { DynamoOptions } from './options.ts';
import { describeBackup, tableBackups } from './points.ts';
import { describeTable, tableOf, type Table } from './tables.ts';

type Context = RestoreContext<DynamoOptions>;

/** What a missing table is made of, as the action of a plan says it: the snapshot's items, a backup, or the past of the table. */
export type Origin =
  | { readonly from: 'items' | 'import' }
  | { readonly from: 'backup'; readonly arn: string; readonly name: string; readonly at?: number }
  | { readonly from: 'moment'; readonly arn: string; readonly at: number };

/**
 * Items of the snapshot where it holds them; else the backup that was made with it, and the past of the table where a moment
 * is asked for. Throws item errors: where a backup or a moment is wanted that DynamoDB does not have.
 */
export async function originOf(context: Context, captured: CapturedResource): Promise<Origin> {
  if (context.at !== undefined) return await momentOf(context, captured, context.at);
  const points = (captured.points ?? []).filter(({ kind }) => kind === tableBackups.kind);
  const isAsked = context.options.restoreFrom === 'point';
  // A part of a table is written from items; and a backup never leaves its account.
  const isUsable = context.only === undefined && context.aws.account === captured.ref.account;
  const [point] = points;
  if (isUsable && (await isImported(context, captured))) return { from: 'import' };
  if (!isUsable || (!isAsked && (isCaptured(captured, itemsCollection) || !point))) return { from: 'items' };
  const { resource } = tableOf(captured.ref);
  if (!point)
    throw new HoldfastError('item.not-found', `the snapshot names no backup of ${resource}`, {
      resource,
      hint: 'Restore it from its items (restoreFrom: items), or have backups made with each snapshot: points: true.',
    });
  return await backupOf(context, resource, point);
}

/** Imports make a table with all of its items, and know no local indexes. */
async function isImported({ options }: Context, captured: CapturedResource): Promise<boolean> {
  if (options.restoreFrom !== 'import' || !isCaptured(captured, itemsCollection)) return false;
  const table = (await captured.json('', tableFile)) as { readonly LocalSecondaryIndexes?: Json } | undefined;
  return table?.LocalSecondaryIndexes === undefined && captured.collections.includes(itemsCollection);
}

/** As DynamoDB has it now. A backup is asked for where it lies, and can be restored in other regions too. */
async function backupOf(context: Context, resource: string, point: RecoveryPoint): Promise<Origin> {
  const { aws } = context;
  const home = await dynamoClient(point.region === aws.region ? aws : aws.inRegion(point.region));
  const now = await describeBackup(home, point.id, point.region);
  if (now?.state === 'available') {
    const { id: arn, name, at } = now;
    return { from: 'backup', arn, name, ...(at === undefined ? {} : { at }) };
  }
  const code = now ? 'item.point-pending' : 'item.point-failed';
  throw new HoldfastError(code, `${point.name}, the backup of ${resource}, is ${now?.state ?? 'gone'}`, {
    resource,
    hint: 'Wait until it is available, restore an earlier snapshot, or restore the schema alone from a part of this one.',
  });
}

async function momentOf(context: Context, captured: CapturedResource, at: number): Promise<Origin> {
  const { aws } = context;
  const table = tableOf(captured.ref);
  const { resource } = table;
  if (context.only !== undefined || context.tenant !== undefined)
    throw new HoldfastError('item.invalid', `${resource} returns to a moment as a whole, not in parts`, {
      resource,
      hint: 'Restore the whole table under another name (--rename), and take from it what you need.',
    });
  if (captured.ref.account !== aws.account)
    throw new HoldfastError('item.invalid', `the past of ${resource} is in account ${captured.ref.account} only`, {
      resource,
    });
  await refuseBeyondWindow(context, table, captured.ref.region, at);
  return { from: 'moment', arn: table.arn, at };
}

/** Throws item.invalid for a moment that DynamoDB cannot take the table back to, item.not-found where the table is gone. */
async function refuseBeyondWindow({ aws }: Context, table: Table, region: string, at: number): Promise<void> {
  const client = await dynamoClient(region === aws.region ? aws : aws.inRegion(region));
  const { name, resource } = table;
  if ((await describeTable(client, name, resource)) === undefined)
    throw new HoldfastError('item.not-found', `table ${name} is gone, and its point-in-time recovery with it`, {
      resource,
      hint: `Restore it without --at; DynamoDB keeps a backup ${name}$DeletedTableBackup of the moment of its deletion for 35 days.`,
    });
  const asking = client.describeContinuousBackups({ TableName: name });
  const answer = await required(asking, 'DescribeContinuousBackups', resource);
  const recovery = answer.ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
  if (recovery?.PointInTimeRecoveryStatus !== 'ENABLED')
    throw new HoldfastError(
      'item.invalid',
      `point-in-time recovery of ${resource} is off: DynamoDB has no past of it`,
      {
        resource,
      },
    );
  const { EarliestRestorableDateTime: earliest, LatestRestorableDateTime: latest } = recovery;
  if ((latest && at > latest.getTime()) || (earliest && at < earliest.getTime()))
    throw new HoldfastError(
      'item.invalid',
      `DynamoDB can take ${resource} back from ${earliest?.toISOString()} to ${latest?.toISOString()}, not to ${new Date(at).toISOString()}`,
      { resource, hint: 'Ask for a moment in between; DynamoDB is about five minutes behind.' },
    );
}

/**
 * Whether a table that is there was made of this origin, by an earlier attempt: DynamoDB says of each restored table what it
 * was made of. Moments are told in whole seconds.
 */
export function isMadeOf({ RestoreSummary: made }: TableDescription, origin: Origin): boolean {
  if (origin.from === 'backup') return made?.SourceBackupArn === origin.arn;
  if (origin.from !== 'moment' || !made) return false;
  const time = made.RestoreDateTime?.getTime() ?? Number.NaN;
  const isOfBackup = made.SourceBackupArn !== undefined;
  return !isOfBackup && made.SourceTableArn === origin.arn && Math.abs(time - origin.at) < 1000;
}

/** Throws item.conflict where another table has the name of what is to be made of the past. */
export function refuseOther(description: TableDescription, origin: Origin, name: string, resource: string): void {
  if (isMadeOf(description, origin)) return;
  throw new HoldfastError('item.conflict', `a table ${name} is there that was not made by this restore`, {
    resource,
    hint: `Give the restored one another name: --rename ${name}=${name}-before`,
  });
}
