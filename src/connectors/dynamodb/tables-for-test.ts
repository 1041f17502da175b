import type { AttributeValue, DynamoDB } from '@aws-sdk/client-dynamodb';
import { beforeEach } from 'vitest';
import { putAll } from '../../../test/dynamodb/seed.ts';
import { startFaultProxy, useEndpoints, type Emulator, type FaultProxy } from '../../../test/emulators/index.ts';
import { captureAll, conformanceContext } from '../conformance.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import type { RestoreContext } from '../contract.ts';
import { connector } from './index.ts';
import { region, useMoto } from './moto-for-test.ts';
import { options, type DynamoOptions } from './options.ts';

export interface UsedTables {
  readonly client: DynamoDB;
  readonly moto: Emulator;
  readonly proxy: FaultProxy;
}

/** DynamoDB on moto, behind a proxy with faults: each test begins without tables. */
export function useTables(take: (used: UsedTables) => void): void {
  let used: UsedTables;
  useMoto(async ({ client, moto, later }) => {
    const proxy = await startFaultProxy(moto.endpoint);
    later(() => proxy.stop());
    later(useEndpoints({ all: proxy.endpoint }));
    used = { client, moto, proxy };
    take(used);
  });
  beforeEach(async () => {
    const { client, proxy } = used;
    proxy.clearFaults();
    for (const TableName of (await client.listTables({})).TableNames ?? []) await client.deleteTable({ TableName });
  });
}

/** A table with items whose keys are texts, `k-0`, or numbers. */
export async function makeTable(
  client: DynamoDB,
  TableName: string,
  items: number,
  type: 'S' | 'N' = 'S',
): Promise<void> {
  await client.createTable({
    TableName,
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: type }],
    BillingMode: 'PAY_PER_REQUEST',
  });
  await putAll(
    client,
    TableName,
    Array.from({ length: items }, (_, i) => item(i, type)),
  );
}

export function item(i: number, type: 'S' | 'N' = 'S'): Record<string, AttributeValue> {
  return { id: type === 'S' ? { S: `k-${i}` } : { N: String(i) }, i: { N: String(i) } };
}

/** moto knows no streaming to Kinesis and no Contributor Insights. */
export function contextFor(given: object = {}, more: Partial<RestoreContext<DynamoOptions>> = {}) {
  const parsed = options.parse({ kinesis: false, contributorInsights: false, ...given });
  const run = conformanceContext(parsed, region, connector.scope);
  return { ...run, context: { ...run.context, ...more } };
}

export async function captured(name: string, given: object = {}): Promise<MemoryResource> {
  const found = (await captureAll(connector, contextFor(given).context)).get(name);
  if (found === undefined) throw new Error(`${name} was not captured`);
  return found;
}
