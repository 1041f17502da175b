import type { DynamoDB, SSESpecification } from '@aws-sdk/client-dynamodb';
import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { optional } from '../aws/classify.ts';
import type { ActionOutcome, PlannedAction, RestoreContext } from '../contract.ts';
import { dynamoClient } from './calls.ts';
import { tableNames } from './discover.ts';
import type { DynamoOptions } from './options.ts';
import { refuseOther, type Origin } from './origin.ts';
import { readWanted, type Wanted } from './target.ts';
import { describeTable, tableOf, waitActive } from './tables.ts';

type Context = RestoreContext<DynamoOptions>;

/**
 * Has DynamoDB make the table of a backup or of its own past, under the encryption that was captured, and waits until it can
 * be used. Everything that DynamoDB leaves out then (tags, stream, time to live, …) is written by the actions after it.
 */
export async function restoreTable(
  context: Context,
  captured: CapturedResource,
  action: PlannedAction,
): Promise<ActionOutcome> {
  const client = await dynamoClient(context.aws);
  const wanted = await readWanted(context, captured);
  const { name, resource } = wanted;
  const { origin } = action.input as unknown as { readonly origin: Origin };
  const before = await describeTable(client, name, resource);
  if (before) refuseOther(before, origin, name, resource);
  else await ask(client, wanted, origin);
  const table = await waitActive(context, client, wanted);
  refuseOther(table, origin, name, resource);
  await findListed(context, name, resource);
  const from = tableOf(captured.ref).arn;
  const to = table.TableArn ?? '';
  const result = before === undefined ? 'done' : 'unchanged';
  if (from === to) return { result, class: 'exact' };
  return { result, class: 'new-identity', note: `now ${to}`, identities: [{ from, to }] };
}

/** A table of the name that came up meanwhile, made by an attempt whose answer was lost, is looked at afterwards. */
async function ask(client: DynamoDB, { name, resource, table }: Wanted, origin: Origin): Promise<void> {
  const encryption = table.SSESpecification as SSESpecification | undefined;
  const said = {
    TargetTableName: name,
    ...(encryption === undefined ? {} : { SSESpecificationOverride: encryption }),
  };
  const taken = ['TableAlreadyExistsException', 'TableInUseException'] as const;
  if (origin.from === 'backup') {
    const asking = client.restoreTableFromBackup({ ...said, BackupArn: origin.arn });
    await optional(asking, 'RestoreTableFromBackup', resource, ...taken);
  } else if (origin.from === 'moment') {
    const RestoreDateTime = new Date(origin.at);
    const asking = client.restoreTableToPointInTime({ ...said, SourceTableArn: origin.arn, RestoreDateTime });
    await optional(asking, 'RestoreTableToPointInTime', resource, ...taken);
  } else throw new HoldfastError('plan.invalid', `${resource} is to be restored out of nothing`, { resource });
}

async function findListed(context: Context, name: string, resource: string): Promise<void> {
  for await (const listed of tableNames(context)) if (listed === name) return;
  throw new HoldfastError('item.changed', `table ${name} was restored, and ListTables does not name it`, { resource });
}
