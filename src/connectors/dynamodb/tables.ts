import type { DynamoDB, TableDescription } from '@aws-sdk/client-dynamodb';
import { resourceKey, type ResourceRef } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { optional } from '../aws/classify.ts';
import type { ConnectorContext } from '../contract.ts';

export const type = 'dynamodb';

/** A table as calls and messages name it. */
export interface Table {
  readonly name: string;
  readonly arn: string;
  /** `dynamodb/orders`. */
  readonly resource: string;
}

/** The table of a reference: its name is in the ARN, since `ref.name` may carry a region. */
export function tableOf(ref: ResourceRef): Table {
  return { name: nameInArn(ref.id), arn: ref.id, resource: resourceKey(ref) };
}

/** `arn:aws:dynamodb:us-east-1:123456789012:table/orders` → `orders`. */
export function nameInArn(arn: string): string {
  return arn.slice(arn.indexOf('/') + 1);
}

/** Undefined when there is no such table. A table on its way out counts as gone once DynamoDB says so. */
export async function describeTable(
  client: DynamoDB,
  name: string,
  resource: string,
): Promise<TableDescription | undefined> {
  const answer = await optional(
    client.describeTable({ TableName: name }),
    'DescribeTable',
    resource,
    'ResourceNotFoundException',
  );
  return answer?.Table;
}

const longestPauseMs = 5000;

/** Asks until the answer is yes; item.unavailable, naming what was waited for, when it is not within the limit. */
export async function waitUntil(
  context: ConnectorContext,
  what: string,
  resource: string,
  limitMs: number,
  isSo: () => Promise<boolean>,
): Promise<void> {
  const { clock } = context.runtime;
  const startedAt = clock.now();
  for (let pause = 25; !(await isSo()); pause = Math.min(pause * 2, longestPauseMs)) {
    if (clock.now() - startedAt > limitMs) {
      const minutes = Math.round(limitMs / 60_000);
      throw new HoldfastError('item.unavailable', `${what} did not happen within ${minutes} minutes`, {
        resource,
        hint: 'DynamoDB may still be working on it; run the same restore again to complete it.',
      });
    }
    await clock.sleep(pause, context.signal);
  }
}

/** Building an index over existing items is the longest step. */
const activeLimitMs = 6 * 3_600_000;

/** Waits until the table and all its indexes are ACTIVE; returns the description that says so. */
export async function waitActive(
  context: ConnectorContext,
  client: DynamoDB,
  table: { readonly name: string; readonly resource: string },
): Promise<TableDescription> {
  let last: TableDescription | undefined;
  await waitUntil(context, `table ${table.name} becoming active`, table.resource, activeLimitMs, async () => {
    last = await describeTable(client, table.name, table.resource);
    const indexes = last?.GlobalSecondaryIndexes ?? [];
    return last?.TableStatus === 'ACTIVE' && indexes.every((index) => index.IndexStatus === 'ACTIVE');
  });
  if (last === undefined) {
    throw new HoldfastError('item.not-found', `table ${table.name} is not there`, { resource: table.resource });
  }
  return last;
}
