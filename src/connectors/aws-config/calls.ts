import type { ConfigService } from '@aws-sdk/client-config-service';
import type { AwsAccess } from '../aws/contract.ts';
import { call } from '../contract.ts';

/** The client for the account and region at hand; the SDK package is imported when first needed. */
export async function configClient(aws: AwsAccess): Promise<ConfigService> {
  const sdk = await import('@aws-sdk/client-config-service');
  return aws.client(sdk.ConfigService);
}

export const captureCalls = [
  call('config', 'DescribeConfigurationRecorders'),
  call('config', 'DescribeConfigurationRecorderStatus'),
  call('config', 'DescribeDeliveryChannels'),
  call('config', 'DescribeConfigRules'),
  call('config', 'GetCustomRulePolicy'),
  call('config', 'DescribeRemediationConfigurations'),
  call('config', 'DescribeConfigurationAggregators'),
  call('config', 'DescribeAggregationAuthorizations'),
  call('config', 'DescribeConformancePacks'),
  call('config', 'DescribeRetentionConfigurations'),
  call('config', 'ListTagsForResource'),
];

export const restoreCalls = [
  ...captureCalls,
  call('config', 'PutConfigurationRecorder', 'config:PutConfigurationRecorder', 'iam:PassRole'),
  call('config', 'StartConfigurationRecorder'),
  call('config', 'StopConfigurationRecorder'),
  call('config', 'PutDeliveryChannel'),
  call('config', 'PutConfigRule'),
  call('config', 'PutRemediationConfigurations', 'config:PutRemediationConfigurations', 'iam:PassRole'),
  call('config', 'DeleteRemediationConfiguration'),
  call('config', 'PutConfigurationAggregator', 'config:PutConfigurationAggregator', 'iam:PassRole'),
  call('config', 'PutAggregationAuthorization'),
  call('config', 'PutRetentionConfiguration'),
  call('config', 'TagResource'),
  call('config', 'UntagResource'),
];
