import { DynamoDB, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { S3 } from '@aws-sdk/client-s3';
import { beforeAll, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../test/cleanups.ts';
import { putAll } from '../../test/dynamodb/seed.ts';
import { startMoto, useEndpoints } from '../../test/emulators/index.ts';
import { createTestEstate, source, type TestEstate } from '../../test/estate/memory-estate.ts';
import { simulatedRuntime } from '../../test/simulated-time.ts';
import { findDrift } from './drift.ts';
import { takeSnapshot } from './snapshot.ts';
import type { Estate } from './contract.ts';
import { createAwsAccess } from '../connectors/aws/access.ts';
import { connector } from '../connectors/dynamodb/index.ts';

const region = 'us-east-1';
const cleanups = cleanedUpAfterAll();
const operations: string[] = [];
let client: DynamoDB;
let made: TestEstate;
let estate: Estate;

beforeAll(async () => {
  const moto = await startMoto();
  cleanups.push(() => moto.stop(), useEndpoints({ all: moto.endpoint }));
  client = new DynamoDB({ region });
  cleanups.push(() => client.destroy());
  await new S3({ region, forcePathStyle: true }).createBucket({ Bucket: 'exports' });
  await client.createTable({
    TableName: 'carts',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    BillingMode: 'PAY_PER_REQUEST',
  });
  await client.updateContinuousBackups({
    TableName: 'carts',
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  });
  const runtime = simulatedRuntime(5);
  const options = { kinesis: false, contributorInsights: false, read: 'export', exportBucket: 'exports' };
  made = await createTestEstate([connector], { sources: [source('dynamodb', { options })] }, { runtime });
  const onCall = ({ operation }: { readonly operation: string }): void => void operations.push(operation);
  const access = createAwsAccess({ account: '123456789012', region, runtime, concurrency: 8, onCall });
  cleanups.push(() => access.close());
  estate = { ...made.again(), aws: async () => await Promise.resolve(access) };
}, 60_000);

type Item = Record<string, AttributeValue>;

async function rows(): Promise<Readonly<Record<string, Item>>> {
  const everything = { selection: { selectors: [] }, tags: {}, resume: false };
  const { info } = await takeSnapshot(estate, await made.reopen(), everything, made.lookup);
  expect(info.outcome).toBe('complete');
  const resource = await (await (await made.reopen()).open(info)).resource('dynamodb/carts');
  const found: Record<string, Item> = {};
  if (!resource) throw new Error('no carts');
  for await (const entry of resource.entries('items'))
    found[Buffer.from(entry.key).toString()] = JSON.parse(Buffer.from(await resource.bytes(entry)).toString()) as Item;
  return found;
}

it('snapshots of changes hold the table, round after round, whatever was put and deleted', async () => {
  const table: Record<string, Item> = {};
  // A fixed sequence that looks random.
  let drawn = 7;
  const draw = (below: number): number => (drawn = (drawn * 1103515245 + 12345) % 2147483648) % below;
  for (let round = 0; round < 6; round++) {
    for (let i = 0; i < 25; i++) {
      const id = `cart-${draw(40)}`;
      if (draw(3) === 0) {
        await client.deleteItem({ TableName: 'carts', Key: { id: { S: id } } });
        delete table[id];
      } else {
        const item = { id: { S: id }, round: { N: String(round) }, tags: { SS: ['b', 'a'] } };
        await putAll(client, 'carts', [item]);
        table[id] = { ...item, tags: { SS: ['a', 'b'] } };
      }
    }
    expect(await rows()).toEqual(table);
  }
  expect(operations).not.toContain('Scan');
  expect(operations.filter((operation) => operation === 'ExportTableToPointInTime')).toHaveLength(6);

  // Drift compares with the table as it is now: it exports nothing, and finds nothing.
  const repository = await made.reopen();
  const newest = (await repository.snapshots()).list.at(-1);
  if (!newest) throw new Error('no snapshot');
  const report = await findDrift(estate, repository, await repository.open(newest), { selectors: [] }, made.lookup);
  expect([report.resources, report.failures]).toEqual([[], []]);
  expect(operations.filter((operation) => operation === 'ExportTableToPointInTime')).toHaveLength(6);
}, 60_000);
