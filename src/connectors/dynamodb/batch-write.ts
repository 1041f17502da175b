import type { DynamoDB, WriteRequest } from '@aws-sdk/client-dynamodb';
import { HoldfastError, isCode, isItemError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { ConnectorContext } from '../contract.ts';
import type { Table } from './tables.ts';
import { pauseAfter, roundsWithoutProgress } from './unprocessed.ts';

/** BatchWriteItem takes this many requests. */
const requestsPerWrite = 25;

/** One of the requests given, and why DynamoDB would not have it. */
export interface Refused {
  readonly request: WriteRequest;
  readonly error: HoldfastError;
}

/**
 * Performs the requests, all at the same time in batches of 25. What DynamoDB leaves unprocessed is sent again. A batch
 * that it refuses because of one of its items is sent item by item, so that one bad item costs one item: returns those.
 */
export async function writeRequests(
  context: ConnectorContext,
  client: DynamoDB,
  table: Table,
  requests: readonly WriteRequest[],
): Promise<Refused[]> {
  const batches: WriteRequest[][] = [];
  for (let at = 0; at < requests.length; at += requestsPerWrite)
    batches.push(requests.slice(at, at + requestsPerWrite));
  const refused = await Promise.all(
    batches.map(async (batch) => {
      try {
        await writeBatch(context, client, table, batch);
        return [];
      } catch (error) {
        if (!isCode(error, 'item.invalid')) throw error;
        return await writeSingly(context, client, table, batch);
      }
    }),
  );
  return refused.flat();
}

async function writeSingly(
  context: ConnectorContext,
  client: DynamoDB,
  table: Table,
  batch: readonly WriteRequest[],
): Promise<Refused[]> {
  const refused: Refused[] = [];
  for (const request of batch) {
    try {
      await writeBatch(context, client, table, [request]);
    } catch (error) {
      if (!isItemError(error)) throw error;
      refused.push({ request, error });
    }
  }
  return refused;
}

async function writeBatch(
  context: ConnectorContext,
  client: DynamoDB,
  table: Table,
  batch: readonly WriteRequest[],
): Promise<void> {
  let requests = [...batch];
  for (let round = 0; requests.length > 0;) {
    const answer = await required(
      client.batchWriteItem({ RequestItems: { [table.name]: requests } }),
      'BatchWriteItem',
      table.resource,
    );
    const left = answer.UnprocessedItems?.[table.name] ?? [];
    round = left.length < requests.length ? 0 : round + 1;
    if (round >= roundsWithoutProgress) {
      throw new HoldfastError('item.throttled', `${left.length} items of ${table.name} could not be written`, {
        resource: table.resource,
      });
    }
    if (left.length > 0) await pauseAfter(context, round + 1);
    requests = left;
  }
}
