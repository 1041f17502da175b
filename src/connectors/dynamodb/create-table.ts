import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { optional } from '../aws/classify.ts';
import type { ActionOutcome, RestoreContext } from '../contract.ts';
import { dynamoClient } from './calls.ts';
import type { DynamoOptions } from './options.ts';
import { createTableInput, tableDocument } from './table-document.ts';
import { fixedDifference } from './table-difference.ts';
import { readWanted } from './target.ts';
import { describeTable, tableOf, waitActive } from './tables.ts';
import type { Tag } from './tags.ts';

/** Creates the table with its indexes and tags, empty, and waits until it can be used. */
export async function createTable(
  context: RestoreContext<DynamoOptions>,
  captured: CapturedResource,
): Promise<ActionOutcome> {
  const client = await dynamoClient(context.aws);
  const wanted = await readWanted(context, captured);
  const { name, resource } = wanted;
  const before = await describeTable(client, name, resource);
  if (before === undefined) {
    const tags = (wanted.documents.get('tags.json') ?? []) as unknown as readonly Tag[];
    // Made meanwhile by an earlier attempt whose answer was lost: what is there is compared below.
    await optional(
      client.createTable(createTableInput(name, wanted.table, tags)),
      'CreateTable',
      resource,
      'ResourceInUseException',
    );
  }
  const table = await waitActive(context, client, wanted);
  const fixed = fixedDifference(wanted.table, tableDocument(table));
  if (fixed !== undefined) {
    throw new HoldfastError('item.conflict', `a table ${name} is there, and ${fixed} differs`, { resource });
  }
  const identities = [
    { from: tableOf(captured.ref).arn, to: table.TableArn ?? '' },
    { from: wanted.streamArn ?? '', to: table.LatestStreamArn ?? '' },
  ].filter(({ from, to }) => from !== '' && to !== '' && from !== to);
  const result = before === undefined ? 'done' : 'unchanged';
  if (identities.length === 0) return { result, class: 'exact' };
  const note = identities.map(({ to }) => to).join(', ');
  return { result, class: 'new-identity', note: `now ${note}`, identities };
}
