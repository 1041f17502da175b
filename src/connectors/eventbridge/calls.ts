import type { EventBridge } from '@aws-sdk/client-eventbridge';
import type { AwsAccess } from '../aws/contract.ts';
import { call } from '../contract.ts';

/** The client for the account and region at hand; the SDK package is imported when first needed. */
export async function eventbridgeClient(aws: AwsAccess): Promise<EventBridge> {
  const sdk = await import('@aws-sdk/client-eventbridge');
  return aws.client(sdk.EventBridge);
}

export const captureCalls = [
  call('events', 'ListEventBuses'),
  call('events', 'DescribeEventBus'),
  call('events', 'ListTagsForResource'),
  call('events', 'ListRules'),
  call('events', 'DescribeRule'),
  call('events', 'ListTargetsByRule'),
  call('events', 'ListArchives'),
  call('events', 'DescribeArchive'),
  call('events', 'ListConnections'),
  call('events', 'DescribeConnection'),
  call('events', 'ListApiDestinations'),
  call('events', 'DescribeApiDestination'),
];

export const restoreCalls = [
  ...captureCalls,
  call('events', 'CreateEventBus'),
  call('events', 'UpdateEventBus'),
  call('events', 'PutPermission'),
  call('events', 'RemovePermission'),
  // A rule or target with a role hands that role to EventBridge.
  call('events', 'PutRule', 'events:PutRule', 'iam:PassRole'),
  call('events', 'EnableRule'),
  call('events', 'DisableRule'),
  call('events', 'PutTargets', 'events:PutTargets', 'iam:PassRole'),
  call('events', 'RemoveTargets'),
  call('events', 'TagResource'),
  call('events', 'UntagResource'),
  call('events', 'CreateArchive'),
  call('events', 'UpdateArchive'),
  // The values of a connection lie in a secret that EventBridge makes in the caller's name.
  call(
    'events',
    'CreateConnection',
    'events:CreateConnection',
    'iam:CreateServiceLinkedRole',
    'secretsmanager:CreateSecret',
    'secretsmanager:GetSecretValue',
    'secretsmanager:PutSecretValue',
  ),
  call(
    'events',
    'UpdateConnection',
    'events:UpdateConnection',
    'secretsmanager:GetSecretValue',
    'secretsmanager:PutSecretValue',
    'secretsmanager:UpdateSecret',
  ),
  call('events', 'CreateApiDestination'),
  call('events', 'UpdateApiDestination'),
];
