import { CloudWatch, type PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { compactJson, type Json } from '../../kernel/json.ts';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { captureAll, conformanceContext, describeConnector, restoreAll } from '../conformance.ts';
import { connector } from './index.ts';

const cleanups = cleanedUpAfterAll();

const region = 'us-east-1';
const arn = (service: string, what: string): string => `arn:aws:${service}:${region}:123456789012:${what}`;
const errors: PutMetricAlarmCommandInput = {
  AlarmName: 'errors',
  Namespace: 'AWS/Lambda',
  MetricName: 'Errors',
  Dimensions: [{ Name: 'FunctionName', Value: 'api' }],
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 3,
  DatapointsToAlarm: 2,
  Threshold: 5,
  ComparisonOperator: 'GreaterThanThreshold',
  TreatMissingData: 'notBreaching',
  AlarmActions: [arn('sns', 'pager')],
  OKActions: [arn('sns', 'pager')],
  Tags: [{ Key: 'site', Value: 'acme' }],
};
const dashboard = (title: string): string =>
  JSON.stringify({ widgets: [{ type: 'alarm', properties: { title, alarms: [arn('cloudwatch', 'alarm:errors')] } }] });
const detector = {
  SingleMetricAnomalyDetector: {
    Namespace: 'AWS/Lambda',
    MetricName: 'Errors',
    Stat: 'Sum',
    Dimensions: [{ Name: 'FunctionName', Value: 'api' }],
  },
};
const insight = { Schema: { Name: 'CloudWatchLogRule', Version: 1 }, LogGroupNames: ['shop'], LogFormat: 'JSON' };
const stream = {
  Name: 'all',
  FirehoseArn: arn('firehose', 'deliverystream/metrics'),
  RoleArn: 'arn:aws:iam::123456789012:role/metrics',
  OutputFormat: 'json',
} as const;

describeConnector('cloudwatch', async () => {
  const moto = await startMoto();
  cleanups.push(() => moto.stop(), useEndpoints({ all: moto.endpoint }));
  const clients = new Map(['us-east-1', 'eu-west-1'].map((one) => [one, new CloudWatch({ region: one })] as const));
  const cloudwatch = clients.get(region) as CloudWatch;
  return {
    connector,
    options: {},
    region,
    otherRegion: 'eu-west-1',
    callsPerResource: 3,
    servedBy: 'moto, with composite alarms, metric streams and anomaly detectors of ours',
    unverified: ['that dashboards belong to no region: moto keeps them by region', 'alarms that act'],
    async seed() {
      await cloudwatch.putMetricAlarm(errors);
      await cloudwatch.putMetricAlarm({
        AlarmName: 'rate',
        EvaluationPeriods: 1,
        Threshold: 0.5,
        ComparisonOperator: 'GreaterThanThreshold',
        ActionsEnabled: false,
        Metrics: [
          {
            Id: 'm1',
            MetricStat: { Metric: { Namespace: 'Shop', MetricName: 'Failed' }, Period: 60, Stat: 'Sum' },
            ReturnData: false,
          },
          { Id: 'e1', Expression: 'm1 / 60', Label: 'rate', ReturnData: true },
        ],
      });
      // Made by a scaling policy, and none of ours.
      const tracking = {
        AlarmName: 'TargetTracking-table/orders-AlarmHigh-1',
        AlarmDescription: 'DO NOT EDIT OR DELETE. For policy x',
      };
      await cloudwatch.putMetricAlarm({ ...errors, ...tracking });
      await cloudwatch.putCompositeAlarm({
        AlarmName: 'site',
        AlarmRule: 'ALARM("errors") OR ALARM("upstream")',
        AlarmActions: [arn('sns', 'pager')],
        ActionsSuppressor: 'rate',
        ActionsSuppressorWaitPeriod: 60,
        ActionsSuppressorExtensionPeriod: 30,
      });
      await cloudwatch.putCompositeAlarm({ AlarmName: 'upstream', AlarmRule: 'ALARM("site")' });
      await cloudwatch.putDashboard({ DashboardName: 'shop', DashboardBody: dashboard('errors') });
      await cloudwatch.putMetricStream({ ...stream, IncludeFilters: [{ Namespace: 'AWS/Lambda' }] });
      await cloudwatch.putMetricStream({ ...stream, Name: 'off' });
      await cloudwatch.stopMetricStreams({ Names: ['off'] });
      await cloudwatch.putAnomalyDetector({
        ...detector,
        Configuration: {
          MetricTimezone: 'Europe/Zurich',
          ExcludedTimeRanges: [
            { StartTime: new Date('2026-01-01T00:00:00Z'), EndTime: new Date('2026-01-02T00:00:00Z') },
          ],
        },
      });
      const RuleDefinition = JSON.stringify(insight);
      await cloudwatch.putInsightRule({ RuleName: 'visitors', RuleState: 'ENABLED', RuleDefinition });
    },
    async readBack(where) {
      const client = clients.get(where) as CloudWatch;
      const { MetricAlarms = [], CompositeAlarms = [] } = await client.describeAlarms({});
      const found: unknown[] = [];
      for (const alarm of [...MetricAlarms, ...CompositeAlarms]) {
        if (alarm.AlarmName?.startsWith('TargetTracking')) continue;
        const facts = Object.entries(alarm).filter(([name]) => !/^State|Timestamp$/.test(name));
        const { Tags } = await client.listTagsForResource({ ResourceARN: alarm.AlarmArn });
        found.push([Object.fromEntries(facts), Tags]);
      }
      const { DashboardBody = '' } = await client.getDashboard({ DashboardName: 'shop' });
      found.push(JSON.parse(DashboardBody));
      for (const { Name } of (await client.listMetricStreams({})).Entries ?? []) {
        const { $metadata: _, ...facts } = await client.getMetricStream({ Name });
        found.push(facts);
      }
      found.push((await client.describeAnomalyDetectors({})).AnomalyDetectors);
      for (const { Name, State, Definition = '' } of (await client.describeInsightRules({})).InsightRules ?? [])
        found.push([Name, State, JSON.parse(Definition)]);
      return found.map((one) => compactJson(one as Json)).sort();
    },
    async damage() {
      await cloudwatch.putMetricAlarm({ ...errors, Threshold: 9, AlarmActions: [], ActionsEnabled: false });
      await cloudwatch.untagResource({ ResourceARN: arn('cloudwatch', 'alarm:errors'), TagKeys: ['site'] });
      await cloudwatch.deleteAlarms({ AlarmNames: ['rate', 'site'] });
      await cloudwatch.putCompositeAlarm({ AlarmName: 'upstream', AlarmRule: 'FALSE' });
      await cloudwatch.putDashboard({ DashboardName: 'shop', DashboardBody: dashboard('other') });
      await cloudwatch.deleteMetricStream({ Name: 'all' });
      await cloudwatch.startMetricStreams({ Names: ['off'] });
      await cloudwatch.putAnomalyDetector({ ...detector, Configuration: { ExcludedTimeRanges: [] } });
      await cloudwatch.disableInsightRules({ RuleNames: ['visitors'] });
    },
  };
});

describe('cloudwatch', () => {
  it('lets alarms call nobody until the end, and names no alarm in a rule before it is there', async () => {
    const { context } = conformanceContext({}, region, 'regional');
    const captured = await captureAll(connector, context);
    const there = conformanceContext({}, 'ap-south-1', 'regional', region);
    const client = new CloudWatch({ region: 'ap-south-1' });
    for (const [name, resource] of captured) {
      const [create] = (await connector.live?.plan(there.context, resource.captured)) ?? [];
      await connector.live?.apply(there.context, create as never, resource.captured);
      expect([name, create?.operation]).toEqual([name, 'create']);
    }
    const { MetricAlarms = [], CompositeAlarms = [] } = await client.describeAlarms({});
    for (const alarm of [...MetricAlarms, ...CompositeAlarms])
      expect([alarm.ActionsEnabled, alarm.AlarmActions ?? []]).toEqual([false, []]);
    expect(CompositeAlarms.map((alarm) => alarm.AlarmRule)).toEqual(['FALSE', 'FALSE']);
    for (const { State } of (await client.listMetricStreams({})).Entries ?? []) expect(State).toBe('stopped');
    await restoreAll(connector, there.context, captured, there.identities);
    const { CompositeAlarms: settled = [] } = await client.describeAlarms({});
    expect(settled.map((alarm) => alarm.AlarmRule ?? '').sort()).toEqual([
      'ALARM("errors") OR ALARM("upstream")',
      'ALARM("site")',
    ]);
  });

  it('leaves alarms of scaling policies out and says what is lost', async () => {
    const { context } = conformanceContext({}, region, 'regional');
    const captured = await captureAll(connector, context);
    expect([...captured.keys()].filter((name) => name.includes('TargetTracking'))).toEqual([]);
    expect(captured.get('alarms/errors')?.captured.ledger.map((note) => note.class)).toEqual(['lost']);
    const name = 'anomaly-detectors/AWS/Lambda/Errors/Sum/FunctionName=api';
    expect(captured.get(name)?.captured.ledger.map((note) => note.class)).toEqual(['lost']);
  });
});
