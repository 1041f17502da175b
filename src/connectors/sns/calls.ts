import type { SNS } from '@aws-sdk/client-sns';
import type { AwsAccess } from '../aws/contract.ts';
import { call } from '../contract.ts';

/** The client for the account and region at hand; the SDK package is imported when first needed. */
export async function snsClient(aws: AwsAccess): Promise<SNS> {
  const sdk = await import('@aws-sdk/client-sns');
  return aws.client(sdk.SNS);
}

export const captureCalls = [
  call('sns', 'ListTopics'),
  call('sns', 'ListTagsForResource'),
  call('sns', 'GetTopicAttributes'),
  call('sns', 'GetDataProtectionPolicy'),
  call('sns', 'ListSubscriptionsByTopic'),
  call('sns', 'GetSubscriptionAttributes'),
];

export const restoreCalls = [
  ...captureCalls,
  call('sns', 'CreateTopic', 'sns:CreateTopic', 'sns:TagResource'),
  call('sns', 'SetTopicAttributes'),
  call('sns', 'PutDataProtectionPolicy'),
  call('sns', 'TagResource'),
  call('sns', 'UntagResource'),
  // A subscription that delivers with a role of its own (Firehose) passes that role on.
  call('sns', 'Subscribe', 'sns:Subscribe', 'iam:PassRole'),
  call('sns', 'SetSubscriptionAttributes'),
  call('sns', 'Unsubscribe'),
];
