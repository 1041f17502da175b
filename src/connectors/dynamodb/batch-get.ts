import type { BatchGetItemCommandOutput, DynamoDB } from '@aws-sdk/client-dynamodb';
import { asBuffer } from '../../kernel/bytes.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { ConnectorContext } from '../contract.ts';
import type { Item } from './item-json.ts';
import { primaryKey, type KeyAttribute } from './item-key.ts';
import { createRowReader } from './rows/read-rows.ts';
import { takeList } from './rows/take-list.ts';
import type { Table } from './tables.ts';
import { pauseAfter, roundsWithoutProgress } from './unprocessed.ts';

/** BatchGetItem takes this many keys. */
export const keysPerGet = 100;

/** Rows of the items with these keys as they are now (consistent reads), by entry key; those that are not there are absent. */
export async function getRows(
  context: ConnectorContext,
  client: DynamoDB,
  table: Table,
  key: readonly KeyAttribute[],
  wanted: readonly Item[],
): Promise<Map<string, Uint8Array>> {
  const { BatchGetItemCommand } = await import('@aws-sdk/client-dynamodb');
  const { name, resource } = table;
  const found = new Map<string, Uint8Array>();
  const rowsOf = createRowReader(key);
  let keys: Item[] = wanted.map((item) => primaryKey(key, item));
  for (let round = 0; keys.length > 0;) {
    const command = new BatchGetItemCommand({ RequestItems: { [name]: { Keys: [...keys], ConsistentRead: true } } });
    const list = takeList(command, { operation: 'BatchGetItem', resource, names: ['Responses', name] });
    const answer: BatchGetItemCommandOutput = await required(client.send(command), 'BatchGetItem', resource);
    for (const item of rowsOf(list())) found.set(asBuffer(item.key).toString('utf8'), item.row);
    const left: Item[] = answer.UnprocessedKeys?.[name]?.Keys ?? [];
    // Less than all is progress: answers end at 16 MiB.
    round = left.length < keys.length ? 0 : round + 1;
    if (round >= roundsWithoutProgress) {
      throw new HoldfastError('item.throttled', `${left.length} items of ${name} could not be read`, { resource });
    }
    if (round > 0) await pauseAfter(context, round);
    keys = left;
  }
  return found;
}
