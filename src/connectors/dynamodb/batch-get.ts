import type { BatchGetItemCommandOutput, DynamoDB } from '@aws-sdk/client-dynamodb';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { ConnectorContext } from '../contract.ts';
import type { Item } from './item-json.ts';
import { entryKey, primaryKey, type KeyAttribute } from './item-key.ts';
import type { Table } from './tables.ts';
import { pauseAfter, roundsWithoutProgress } from './unprocessed.ts';

/** BatchGetItem takes this many keys. */
export const keysPerGet = 100;

/** The items with these keys as they are now (consistent reads), by entry key; those that are not there are absent. */
export async function getItems(
  context: ConnectorContext,
  client: DynamoDB,
  table: Table,
  key: readonly KeyAttribute[],
  wanted: readonly Item[],
): Promise<Map<string, Item>> {
  const found = new Map<string, Item>();
  let keys: Item[] = wanted.map((item) => primaryKey(key, item));
  for (let round = 0; keys.length > 0;) {
    const answer: BatchGetItemCommandOutput = await required(
      client.batchGetItem({ RequestItems: { [table.name]: { Keys: [...keys], ConsistentRead: true } } }),
      'BatchGetItem',
      table.resource,
    );
    for (const item of answer.Responses?.[table.name] ?? []) found.set(entryKey(key, item), item);
    const left: Item[] = answer.UnprocessedKeys?.[table.name]?.Keys ?? [];
    // Less than all is progress: answers end at 16 MiB.
    round = left.length < keys.length ? 0 : round + 1;
    if (round >= roundsWithoutProgress) {
      throw new HoldfastError('item.throttled', `${left.length} items of ${table.name} could not be read`, {
        resource: table.resource,
      });
    }
    if (round > 0) await pauseAfter(context, round);
    keys = left;
  }
  return found;
}
