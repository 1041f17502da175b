import type { SQS } from '@aws-sdk/client-sqs';
import type { AwsAccess } from '../aws/contract.ts';
import { call } from '../contract.ts';

/** The client for the account and region at hand; the SDK package is imported when first needed. */
export async function sqsClient(aws: AwsAccess): Promise<SQS> {
  const sdk = await import('@aws-sdk/client-sqs');
  return aws.client(sdk.SQS);
}

export const captureCalls = [
  call('sqs', 'ListQueues'),
  call('sqs', 'GetQueueUrl'),
  call('sqs', 'GetQueueAttributes'),
  call('sqs', 'ListQueueTags'),
];

export const restoreCalls = [
  ...captureCalls,
  call('sqs', 'CreateQueue'),
  call('sqs', 'SetQueueAttributes'),
  call('sqs', 'TagQueue'),
  call('sqs', 'UntagQueue'),
];
