import type { AttributeValue, DynamoDB } from '@aws-sdk/client-dynamodb';
import { everyType, putAll } from '../../../test/dynamodb/seed.ts';
import { compactJson } from '../../kernel/json.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import type { ActionOutcome, RestoreMode, UndoFile } from '../contract.ts';
import { itemToJson, type Item } from './item-json.ts';
import { applyAll, planOf } from './moto-for-test.ts';
import { contextFor } from './tables-for-test.ts';

export const TableName = 'carts';
/** `T#1`: as an entry's key writes it. */
const tenantPrefix = 'T#1/';

export async function makeCarts(client: DynamoDB): Promise<void> {
  await client.createTable({
    TableName,
    KeySchema: [
      { AttributeName: 'who', KeyType: 'HASH' },
      { AttributeName: 'what', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: 'who', AttributeType: 'S' },
      { AttributeName: 'what', AttributeType: 'S' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  });
}

/** The same again, whatever was there: more of each tenant than a call takes. */
export async function seedCarts(client: DynamoDB): Promise<void> {
  const there = (await client.scan({ TableName })).Items ?? [];
  for (let at = 0; at < there.length; at += 25) {
    const gone = there.slice(at, at + 25).map(({ who, what }) => ({ DeleteRequest: { Key: { who, what } as Item } }));
    await client.batchWriteItem({ RequestItems: { [TableName]: gone } });
  }
  for (const [tenant, count] of [
    ['T#1', 30],
    ['T#10', 3],
  ] as const)
    await putAll(
      client,
      TableName,
      Array.from({ length: count }, (_, n) =>
        cart(tenant, `k-${n}`, { n: { N: String(n) }, text: { S: 'ü "\n\' 🦊' } }),
      ),
    );
}

function cart(who: string, what: string, more: Record<string, AttributeValue>): Record<string, AttributeValue> {
  return { ...more, who: { S: who }, what: { S: what } };
}

/** Every item of the table, as text. */
export async function allCarts(client: DynamoDB): Promise<string[]> {
  return ((await client.scan({ TableName, ConsistentRead: true })).Items ?? [])
    .map((item) => compactJson(itemToJson(item)))
    .sort();
}

interface Harm {
  readonly act: number;
  readonly n: number;
}

export async function harm(client: DynamoDB, list: readonly Harm[], binary: boolean): Promise<void> {
  const { binary: _one, binaries: _two, ...others } = everyType;
  const whole = binary ? everyType : others;
  for (const { act, n } of list) {
    const key = { who: { S: 'T#1' }, what: { S: `k-${n}` } };
    if (act === 0) await client.deleteItem({ TableName, Key: key });
    if (act === 1) await putAll(client, TableName, [cart('T#1', `k-${n}`, { changed: { BOOL: true } })]);
    if (act === 2) await putAll(client, TableName, [cart('T#1', `k-${n}`, whole)]);
    if (act === 3)
      await putAll(client, TableName, [cart('T#1', `new '"$(x)\n${n}`, { ...whole, n: { N: String(n) } })]);
  }
}

export async function restore(resource: MemoryResource, mode: RestoreMode, undo: UndoFile): Promise<ActionOutcome[]> {
  const only = { collection: 'items', prefix: Buffer.from(tenantPrefix) };
  const { context } = contextFor({}, { mode, only, undo });
  const outcomes = await applyAll(resource, context, await planOf(resource, context));
  return outcomes.filter((outcome) => outcome !== undefined);
}
