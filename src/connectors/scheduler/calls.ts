import type { Scheduler } from '@aws-sdk/client-scheduler';
import type { AwsAccess } from '../aws/contract.ts';
import { call } from '../contract.ts';

/** The client for the account and region at hand; the SDK package is imported when first needed. */
export async function schedulerClient(aws: AwsAccess): Promise<Scheduler> {
  const sdk = await import('@aws-sdk/client-scheduler');
  return aws.client(sdk.Scheduler);
}

export const captureCalls = [
  call('scheduler', 'ListScheduleGroups'),
  call('scheduler', 'GetScheduleGroup'),
  call('scheduler', 'ListTagsForResource'),
  call('scheduler', 'ListSchedules'),
  call('scheduler', 'GetSchedule'),
];

export const restoreCalls = [
  ...captureCalls,
  call('scheduler', 'CreateScheduleGroup'),
  call('scheduler', 'TagResource'),
  call('scheduler', 'UntagResource'),
  // A schedule hands its role to the scheduler.
  call('scheduler', 'CreateSchedule', 'scheduler:CreateSchedule', 'iam:PassRole'),
  call('scheduler', 'UpdateSchedule', 'scheduler:UpdateSchedule', 'iam:PassRole'),
];
