import { CloudTrail } from '@aws-sdk/client-cloudtrail';
import { S3 } from '@aws-sdk/client-s3';
import { SNS } from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { compactJson, type Json } from '../../kernel/json.ts';
import { captureAll, conformanceContext, describeConnector } from '../conformance.ts';
import { connector } from './index.ts';

const cleanups = cleanedUpAfterAll();

const region = 'us-east-1';
const TagsList = [{ Key: 'site', Value: 'acme' }];
const topic = `arn:aws:sns:${region}:123456789012:trail`;
const EventSelectors = [
  {
    ReadWriteType: 'WriteOnly' as const,
    IncludeManagementEvents: true,
    DataResources: [{ Type: 'AWS::S3::Object', Values: ['arn:aws:s3:::uploads/'] }],
    ExcludeManagementEventSources: [],
  },
];
const advanced = (category: string) => ({
  AdvancedEventSelectors: [{ Name: 'all', FieldSelectors: [{ Field: 'eventCategory', Equals: [category] }] }],
});

describeConnector('cloudtrail', async () => {
  const moto = await startMoto();
  cleanups.push(() => moto.stop(), useEndpoints({ all: moto.endpoint }));
  const clients = new Map(['us-east-1', 'eu-west-1'].map((one) => [one, new CloudTrail({ region: one })] as const));
  const cloudtrail = clients.get(region) as CloudTrail;
  const storeArn = async (name: string): Promise<string> =>
    (await cloudtrail.listEventDataStores({})).EventDataStores?.find((one) => one.Name === name)?.EventDataStoreArn ??
    '';
  return {
    connector,
    options: {},
    region,
    otherRegion: 'eu-west-1',
    callsPerResource: 5,
    newIdentities: true,
    servedBy: 'moto, with event data stores of ours',
    unverified: ['policies of bucket, topic and key', 'shadows of trails of all regions when one is created'],
    async seed() {
      await new S3({ region, forcePathStyle: true }).createBucket({ Bucket: 'trails' });
      for (const one of clients.keys()) await new SNS({ region: one }).createTopic({ Name: 'trail' });
      await cloudtrail.createTrail({
        Name: 'account',
        S3BucketName: 'trails',
        S3KeyPrefix: 'all',
        SnsTopicName: topic,
        IsMultiRegionTrail: true,
        EnableLogFileValidation: true,
        TagsList,
      });
      await cloudtrail.putEventSelectors({ TrailName: 'account', EventSelectors });
      await cloudtrail.putInsightSelectors({
        TrailName: 'account',
        InsightSelectors: [{ InsightType: 'ApiCallRateInsight' }],
      });
      await cloudtrail.startLogging({ Name: 'account' });
      await cloudtrail.createTrail({ Name: 'quiet', S3BucketName: 'trails' });
      await cloudtrail.putEventSelectors({ TrailName: 'quiet', ...advanced('Data') });
      // Of another region: it throws a shadow here, and is none of ours.
      const elsewhere = new CloudTrail({ region: 'us-west-2' });
      await elsewhere.createTrail({ Name: 'elsewhere', S3BucketName: 'trails', IsMultiRegionTrail: true });
      await cloudtrail.createEventDataStore({ Name: 'lake', RetentionPeriod: 90, ...advanced('Management'), TagsList });
      await cloudtrail.createEventDataStore({ Name: 'idle', ...advanced('Management'), StartIngestion: false });
    },
    async readBack(where) {
      const client = clients.get(where) as CloudTrail;
      const found: unknown[] = [];
      for (const trail of (await client.describeTrails({ includeShadowTrails: false })).trailList ?? []) {
        const { TrailARN = '', SnsTopicName: _, ...facts } = trail;
        const selectors = await client.getEventSelectors({ TrailName: TrailARN });
        found.push([
          TrailARN,
          facts,
          (await client.getTrailStatus({ Name: TrailARN })).IsLogging,
          selectors.EventSelectors,
          selectors.AdvancedEventSelectors,
          (await client.getInsightSelectors({ TrailName: TrailARN })).InsightSelectors,
          (await client.listTags({ ResourceIdList: [TrailARN] })).ResourceTagList,
        ]);
      }
      for (const { EventDataStoreArn } of (await client.listEventDataStores({})).EventDataStores ?? []) {
        const store = await client.getEventDataStore({ EventDataStore: EventDataStoreArn });
        const { $metadata: _, CreatedTimestamp: _c, UpdatedTimestamp: _u, ...facts } = store;
        // By name: ids are new, and would come in another order.
        const { ResourceTagList } = await client.listTags({ ResourceIdList: [EventDataStoreArn ?? ''] });
        found.push([store.Name, facts, ResourceTagList]);
      }
      return found.map((one) => compactJson(JSON.parse(JSON.stringify(one)) as Json)).sort();
    },
    async damage() {
      await cloudtrail.stopLogging({ Name: 'account' });
      await cloudtrail.updateTrail({ Name: 'account', S3KeyPrefix: 'other', EnableLogFileValidation: false });
      await cloudtrail.putEventSelectors({ TrailName: 'account', EventSelectors: [{ ReadWriteType: 'ReadOnly' }] });
      await cloudtrail.putInsightSelectors({ TrailName: 'account', InsightSelectors: [] });
      await cloudtrail.removeTags({ ResourceId: `arn:aws:cloudtrail:${region}:123456789012:trail/account`, TagsList });
      await cloudtrail.deleteTrail({ Name: 'quiet' });
      await cloudtrail.deleteEventDataStore({ EventDataStore: await storeArn('lake') });
      await cloudtrail.startEventDataStoreIngestion({ EventDataStore: await storeArn('idle') });
    },
  };
});

describe('cloudtrail', () => {
  it('captures a trail in its home region only', async () => {
    const captured = await captureAll(connector, conformanceContext({}, region, 'regional').context);
    expect([...captured.keys()].filter((name) => name.startsWith('trails/')).sort()).toEqual([
      'trails/account',
      'trails/quiet',
    ]);
    expect(captured.get('trails/account')?.captured.ledger.map((note) => note.class)).toEqual(['lost', 'new-identity']);
  });

  it('calls back a store that waits to be deleted, and lets nothing write before the end', async () => {
    const client = new CloudTrail({ region });
    const { context } = conformanceContext({}, region, 'regional');
    const captured = await captureAll(connector, context);
    const lake = captured.get('event-data-stores/lake')?.captured;
    await client.deleteEventDataStore({ EventDataStore: lake?.ref.id });
    const actions = (await connector.live?.plan(context, lake as never)) ?? [];
    expect(actions.map(({ id, phase }) => [id.split('/').at(-1), phase])).toEqual([
      ['create', undefined],
      ['event-data-store', undefined],
      ['tags', undefined],
      ['ingestion', 'enable'],
    ]);
    for (const action of actions) await connector.live?.apply(context, action, lake as never);
    expect((await client.getEventDataStore({ EventDataStore: lake?.ref.id })).Status).toBe('ENABLED');
    const there = conformanceContext({}, 'ap-south-1', 'regional', region);
    const quiet = captured.get('trails/account')?.captured;
    const planned = (await connector.live?.plan(there.context, quiet as never)) ?? [];
    expect(planned.at(-1)?.phase).toBe('enable');
  });
});
