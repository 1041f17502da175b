import type * as Sdk from '@aws-sdk/client-dynamodb';
import { required } from '../../aws/classify.ts';
import { primaryKey, type KeyAttribute } from '../item-key.ts';
import { takeList } from '../rows/take-list.ts';
import type { Table } from '../tables.ts';
import type { BatchCalls, Change } from './calls.ts';
import type { KeyedItem } from './keyed-item.ts';
import { unprocessedIn } from './unprocessed.ts';

/** Batches by the SDK, which repeats what fails for the moment. */
export function sdkCalls(
  { BatchGetItemCommand, BatchWriteItemCommand }: typeof Sdk,
  client: Sdk.DynamoDB,
  { name, resource }: Table,
  key: readonly KeyAttribute[],
): BatchCalls {
  const requestOf = (change: Change, { item }: KeyedItem): Sdk.WriteRequest =>
    change === 'put' ? { PutRequest: { Item: { ...item() } } } : { DeleteRequest: { Key: primaryKey(key, item()) } };
  return {
    async write(change, items) {
      const requests = items.map((item) => requestOf(change, item));
      const command = new BatchWriteItemCommand({ RequestItems: { [name]: requests } });
      const list = takeList(command, { operation: 'BatchWriteItem', resource, names: ['UnprocessedItems', name] });
      await required(client.send(command), 'BatchWriteItem', resource);
      return unprocessedIn(list());
    },
    async get(items) {
      const Keys = items.map(({ item }) => primaryKey(key, item()));
      const command = new BatchGetItemCommand({ RequestItems: { [name]: { Keys, ConsistentRead: true } } });
      const list = takeList(command, { operation: 'BatchGetItem', resource, names: ['Responses', name] });
      const answer = await required(client.send(command), 'BatchGetItem', resource);
      return { list: list(), left: answer.UnprocessedKeys?.[name]?.Keys ?? [] };
    },
  };
}
