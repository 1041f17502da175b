import type { CloudTrail } from '@aws-sdk/client-cloudtrail';
import type { AwsAccess } from '../aws/contract.ts';
import { call } from '../contract.ts';

/** The client for the account and region at hand; the SDK package is imported when first needed. */
export async function cloudtrailClient(aws: AwsAccess): Promise<CloudTrail> {
  const sdk = await import('@aws-sdk/client-cloudtrail');
  return aws.client(sdk.CloudTrail);
}

export const captureCalls = [
  call('cloudtrail', 'DescribeTrails'),
  call('cloudtrail', 'GetTrailStatus'),
  call('cloudtrail', 'GetEventSelectors'),
  call('cloudtrail', 'GetInsightSelectors'),
  call('cloudtrail', 'ListTags'),
  call('cloudtrail', 'ListEventDataStores'),
  call('cloudtrail', 'GetEventDataStore'),
];

export const restoreCalls = [
  ...captureCalls,
  // A trail that writes to CloudWatch Logs hands its role to CloudTrail; one of an organisation makes a linked role.
  call('cloudtrail', 'CreateTrail', 'cloudtrail:CreateTrail', 'iam:PassRole', 'iam:CreateServiceLinkedRole'),
  call('cloudtrail', 'UpdateTrail', 'cloudtrail:UpdateTrail', 'iam:PassRole'),
  call('cloudtrail', 'PutEventSelectors'),
  call('cloudtrail', 'PutInsightSelectors'),
  call('cloudtrail', 'StartLogging'),
  call('cloudtrail', 'StopLogging'),
  call('cloudtrail', 'AddTags'),
  call('cloudtrail', 'RemoveTags'),
  call('cloudtrail', 'CreateEventDataStore'),
  call('cloudtrail', 'UpdateEventDataStore'),
  call('cloudtrail', 'RestoreEventDataStore'),
  call('cloudtrail', 'StartEventDataStoreIngestion'),
  call('cloudtrail', 'StopEventDataStoreIngestion'),
];
