import type { CloudWatch } from '@aws-sdk/client-cloudwatch';
import type { AwsAccess } from '../aws/contract.ts';
import { call } from '../contract.ts';

/** The client for the account and region at hand; the SDK package is imported when first needed. */
export async function cloudwatchClient(aws: AwsAccess): Promise<CloudWatch> {
  const sdk = await import('@aws-sdk/client-cloudwatch');
  return aws.client(sdk.CloudWatch);
}

export const captureCalls = [
  call('cloudwatch', 'DescribeAlarms'),
  call('cloudwatch', 'ListTagsForResource'),
  call('cloudwatch', 'ListDashboards'),
  call('cloudwatch', 'GetDashboard'),
  call('cloudwatch', 'ListMetricStreams'),
  call('cloudwatch', 'GetMetricStream'),
  call('cloudwatch', 'DescribeAnomalyDetectors'),
  call('cloudwatch', 'DescribeInsightRules'),
];

export const restoreCalls = [
  ...captureCalls,
  call('cloudwatch', 'PutMetricAlarm'),
  call('cloudwatch', 'PutCompositeAlarm'),
  call('cloudwatch', 'EnableAlarmActions'),
  call('cloudwatch', 'DisableAlarmActions'),
  call('cloudwatch', 'TagResource'),
  call('cloudwatch', 'UntagResource'),
  call('cloudwatch', 'PutDashboard'),
  // A stream hands its role to CloudWatch.
  call('cloudwatch', 'PutMetricStream', 'cloudwatch:PutMetricStream', 'iam:PassRole'),
  call('cloudwatch', 'StartMetricStreams'),
  call('cloudwatch', 'StopMetricStreams'),
  call('cloudwatch', 'PutAnomalyDetector'),
  call('cloudwatch', 'PutInsightRule'),
  call('cloudwatch', 'EnableInsightRules'),
  call('cloudwatch', 'DisableInsightRules'),
];
