import { ConfigService } from '@aws-sdk/client-config-service';
import { describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { compactJson, type Json } from '../../kernel/json.ts';
import { captureAll, conformanceContext, describeConnector } from '../conformance.ts';
import { connector } from './index.ts';

const cleanups = cleanedUpAfterAll();

const region = 'us-east-1';
const Tags = [{ Key: 'site', Value: 'acme' }];
const recorder = {
  name: 'default',
  roleARN: 'arn:aws:iam::123456789012:role/config',
  recordingGroup: {
    allSupported: false,
    includeGlobalResourceTypes: false,
    resourceTypes: ['AWS::S3::Bucket'] as const,
  },
};
const channel = { name: 'default', s3BucketName: 'config-123456789012', s3KeyPrefix: 'config' };
const rotation = {
  ConfigRuleName: 'rotation',
  Description: 'keys are rotated',
  Source: { Owner: 'AWS', SourceIdentifier: 'ACCESS_KEYS_ROTATED' },
  InputParameters: '{"maxAccessKeyAge":"90"}',
  MaximumExecutionFrequency: 'Six_Hours',
} as const;
const remediation = {
  ConfigRuleName: 'versioned',
  TargetType: 'SSM_DOCUMENT',
  TargetId: 'AWS-ConfigureS3BucketVersioning',
  Automatic: true,
  MaximumAutomaticAttempts: 3,
  RetryAttemptSeconds: 60,
  Parameters: { BucketName: { ResourceValue: { Value: 'RESOURCE_ID' } } },
} as const;

describeConnector('aws-config', async () => {
  const moto = await startMoto();
  cleanups.push(() => moto.stop(), useEndpoints({ all: moto.endpoint }));
  const clients = new Map(['us-east-1', 'eu-west-1'].map((one) => [one, new ConfigService({ region: one })] as const));
  const config = clients.get(region) as ConfigService;
  return {
    connector,
    options: {},
    region,
    otherRegion: 'eu-west-1',
    callsPerResource: 4,
    newIdentities: true,
    servedBy: 'moto, with remediations and conformance packs of ours',
    unverified: ['rules with a policy of their own (GetCustomRulePolicy)', 'permissions of buckets and functions'],
    async seed() {
      await config.putConfigurationRecorder({
        ConfigurationRecorder: {
          ...recorder,
          recordingGroup: { ...recorder.recordingGroup, resourceTypes: ['AWS::S3::Bucket'] },
        },
      });
      await config.putDeliveryChannel({ DeliveryChannel: channel });
      await config.startConfigurationRecorder({ ConfigurationRecorderName: 'default' });
      await config.putRetentionConfiguration({ RetentionPeriodInDays: 365 });
      await config.putConfigRule({ ConfigRule: rotation, Tags });
      await config.putConfigRule({
        ConfigRule: {
          ConfigRuleName: 'versioned',
          Source: { Owner: 'AWS', SourceIdentifier: 'S3_BUCKET_VERSIONING_ENABLED' },
          Scope: { ComplianceResourceTypes: ['AWS::S3::Bucket'] },
        },
      });
      await config.putRemediationConfigurations({ RemediationConfigurations: [remediation] });
      await config.putConfigurationAggregator({
        ConfigurationAggregatorName: 'all',
        AccountAggregationSources: [{ AccountIds: ['111122223333'], AllAwsRegions: true }],
        Tags,
      });
      await config.putAggregationAuthorization({
        AuthorizedAccountId: '444455556666',
        AuthorizedAwsRegion: 'ca-central-1',
      });
      await config.putConformancePack({
        ConformancePackName: 'baseline',
        TemplateBody: 'Resources: {}',
        ConformancePackInputParameters: [{ ParameterName: 'days', ParameterValue: '90' }],
      });
    },
    async readBack(where) {
      const client = clients.get(where) as ConfigService;
      const found: unknown[] = [
        (await client.describeConfigurationRecorders({})).ConfigurationRecorders,
        (await client.describeConfigurationRecorderStatus({})).ConfigurationRecordersStatus?.map(
          (one) => one.recording,
        ),
        (await client.describeDeliveryChannels({})).DeliveryChannels,
        (await client.describeRetentionConfigurations({})).RetentionConfigurations,
      ];
      for (const rule of (await client.describeConfigRules({})).ConfigRules ?? []) {
        const { ConfigRuleName = '', InputParameters = '{}', ...facts } = rule;
        const done = await client.describeRemediationConfigurations({ ConfigRuleNames: [ConfigRuleName] });
        const tags = (await client.listTagsForResource({ ResourceArn: rule.ConfigRuleArn })).Tags;
        found.push([ConfigRuleName, JSON.parse(InputParameters), facts, done.RemediationConfigurations, tags]);
      }
      for (const one of (await client.describeConfigurationAggregators({})).ConfigurationAggregators ?? []) {
        const { CreationTime: _, LastUpdatedTime: _l, ...facts } = one;
        found.push([facts, (await client.listTagsForResource({ ResourceArn: one.ConfigurationAggregatorArn })).Tags]);
      }
      for (const one of (await client.describeAggregationAuthorizations({})).AggregationAuthorizations ?? [])
        found.push([one.AuthorizedAccountId, one.AuthorizedAwsRegion]);
      return found.map((one) => compactJson(JSON.parse(JSON.stringify(one ?? null)) as Json)).sort();
    },
    async damage() {
      await config.stopConfigurationRecorder({ ConfigurationRecorderName: 'default' });
      await config.putDeliveryChannel({ DeliveryChannel: { ...channel, s3KeyPrefix: 'other' } });
      await config.putConfigurationRecorder({
        ConfigurationRecorder: { ...recorder, recordingGroup: { allSupported: true } },
      });
      await config.putRetentionConfiguration({ RetentionPeriodInDays: 30 });
      await config.deleteConfigRule({ ConfigRuleName: 'versioned' });
      await config.deleteRemediationConfiguration({ ConfigRuleName: 'versioned' });
      await config.putConfigRule({ ConfigRule: { ...rotation, Description: 'other' } });
      await config.deleteConfigurationAggregator({ ConfigurationAggregatorName: 'all' });
      await config.deleteAggregationAuthorization({
        AuthorizedAccountId: '444455556666',
        AuthorizedAwsRegion: 'ca-central-1',
      });
    },
  };
});

describe('aws-config', () => {
  it('starts recorder and remediations at the end, and returns conformance packs to a directory', async () => {
    const captured = await captureAll(connector, conformanceContext({}, region, 'regional').context);
    const { context } = conformanceContext({}, 'ap-south-1', 'regional', region);
    const phases = async (name: string) =>
      (await connector.live?.plan(context, captured.get(name)?.captured as never))?.map(({ id, phase }) => [
        id.split('/').at(-1),
        phase,
      ]);
    expect(await phases('recorders/default')).toContainEqual(['recording', 'enable']);
    expect(await phases('rules/versioned')).toContainEqual(['remediation', 'enable']);
    const pack = captured.get('conformance-packs/baseline')?.captured;
    expect(connector.live?.directoryOnly?.(pack?.ref as never)).toContain('template');
    expect(pack?.ledger.map((note) => note.class)).toEqual(['needs-human']);
    expect(await pack?.json('', 'conformance-pack.json')).toEqual({
      ConformancePackInputParameters: [{ ParameterName: 'days', ParameterValue: '90' }],
    });
  });
});
