import { ApplicationAutoScaling } from '@aws-sdk/client-application-auto-scaling';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll } from 'vitest';
import { itemsOfOrders, putAll, readTables, seedTables } from '../../../test/dynamodb/seed.ts';
import { startMoto, useEndpoints, type Emulator } from '../../../test/emulators/index.ts';
import { describeConnector } from '../conformance.ts';
import { connector } from './index.ts';
import { options } from './options.ts';

const region = 'us-east-1';
let moto: Emulator;
let restore: () => void;
let client: DynamoDB;
let scaling: ApplicationAutoScaling;

beforeAll(async () => {
  moto = await startMoto();
  restore = useEndpoints({ all: moto.endpoint });
  client = new DynamoDB({ region });
  scaling = new ApplicationAutoScaling({ region });
});
afterAll(async () => {
  client.destroy();
  scaling.destroy();
  restore();
  await moto.stop();
});

/** moto knows neither Kinesis destinations nor Contributor Insights: live.test.ts has those, on MiniStack. */
describeConnector('dynamodb on moto', async () => ({
  connector,
  options: options.parse({ kinesis: false, contributorInsights: false }),
  region,
  leastResources: 3,
  servedBy: 'moto',
  unverified: [
    'the past of a table: moto restores the items of now to whatever moment',
    'restores of a backup in another region',
    'what restores leave out: moto leaves out more',
  ],
  seed: () => seedTables(client, scaling),
  readBack: () => readTables(client, scaling),
  async damage() {
    const { Table } = await client.describeTable({ TableName: 'orders' });
    if (Table?.ItemCount !== itemsOfOrders) throw new Error(`seeded ${Table?.ItemCount} orders`);
    await client.updateTable({ TableName: 'orders', DeletionProtectionEnabled: false });
    await scaling.deregisterScalableTarget({
      ServiceNamespace: 'dynamodb',
      ResourceId: 'table/orders',
      ScalableDimension: 'dynamodb:table:ReadCapacityUnits',
    });
    await client.deleteTable({ TableName: 'orders' });
    const { Items = [] } = await client.scan({ TableName: 'sessions' });
    for (const [i, { id }] of Items.entries()) {
      if (id === undefined) continue;
      if (i % 2 === 0) await client.deleteItem({ TableName: 'sessions', Key: { id } });
      else if (i % 3 === 0) await client.putItem({ TableName: 'sessions', Item: { id, changed: { BOOL: true } } });
    }
    await putAll(client, 'sessions', [{ id: { B: Uint8Array.of(9, 9, 9, 9) } }]);
    await client.updateTimeToLive({
      TableName: 'sessions',
      TimeToLiveSpecification: { Enabled: true, AttributeName: 'expires' },
    });
    await putAll(client, 'counters', [{ n: { N: '1' } }]);
    const arn = (await client.describeTable({ TableName: 'counters' })).Table?.TableArn;
    await client.tagResource({ ResourceArn: arn, Tags: [{ Key: 'new', Value: 'tag' }] });
  },
}));
