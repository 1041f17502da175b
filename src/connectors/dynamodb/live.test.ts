import { ApplicationAutoScaling } from '@aws-sdk/client-application-auto-scaling';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe } from 'vitest';
import { putAll, readTables, seedTables } from '../../../test/dynamodb/seed.ts';
import { startMinistack, startMoto, useEndpoints, type Emulator } from '../../../test/emulators/index.ts';
import { describeConnector } from '../conformance.ts';
import { connector } from './index.ts';
import { options } from './options.ts';

const region = 'us-east-1';
let moto: Emulator;
let ministack: Emulator;
let client: DynamoDB;

beforeAll(async () => {
  [moto, ministack] = await Promise.all([startMoto(), startMinistack()]);
});
afterAll(async () => {
  await Promise.all([moto.stop(), ministack.stop()]);
});

describe('on MiniStack, with auto scaling on moto', () => {
  let restore: () => void;
  let scaling: ApplicationAutoScaling;
  beforeAll(() => {
    restore = useEndpoints({ all: ministack.endpoint, services: { 'application auto scaling': moto.endpoint } });
    client = new DynamoDB({ region });
    scaling = new ApplicationAutoScaling({ region });
  });
  afterAll(() => {
    client.destroy();
    scaling.destroy();
    restore();
  });

  describeConnector('dynamodb on MiniStack', async () => ({
    connector,
    options: options.parse({ consistent: true }),
    region,
    leastResources: 3,
    async seed() {
      await seedTables(client, scaling);
      const StreamArn = 'arn:aws:kinesis:us-east-1:000000000000:stream/changes';
      await client.enableKinesisStreamingDestination({ TableName: 'orders', StreamArn });
      await client.updateContributorInsights({ TableName: 'orders', ContributorInsightsAction: 'ENABLE' });
    },
    otherRegion: 'eu-west-1',
    servedBy: 'MiniStack',
    readBack: async (where) => {
      const there = new DynamoDB({ region: where });
      const scalingThere = new ApplicationAutoScaling({ region: where });
      try {
        return await readTables(there, scalingThere);
      } finally {
        there.destroy();
        scalingThere.destroy();
      }
    },
    async damage() {
      // An existing table, changed in everything that can be changed.
      await client.updateTable({ TableName: 'orders', DeletionProtectionEnabled: false });
      await client.updateTable({
        TableName: 'orders',
        GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'by-day' } }],
      });
      await client.updateTable({
        TableName: 'orders',
        ProvisionedThroughput: { ReadCapacityUnits: 9, WriteCapacityUnits: 9 },
      });
      const arn = (await client.describeTable({ TableName: 'orders' })).Table?.TableArn;
      await client.untagResource({ ResourceArn: arn, TagKeys: ['site'] });
      await client.deleteResourcePolicy({ ResourceArn: arn });
      await client.updateContinuousBackups({
        TableName: 'orders',
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
      });
      await client.updateTimeToLive({
        TableName: 'orders',
        TimeToLiveSpecification: { Enabled: false, AttributeName: 'expires' },
      });
      await client.updateContributorInsights({ TableName: 'orders', ContributorInsightsAction: 'DISABLE' });
      await client.deleteTable({ TableName: 'sessions' });
      await putAll(client, 'counters', [{ n: { N: '77' } }]);
    },
  }));
});
