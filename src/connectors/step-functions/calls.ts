import type { SFN } from '@aws-sdk/client-sfn';
import type { AwsAccess } from '../aws/contract.ts';
import { call } from '../contract.ts';

/** The client for the account and region at hand; the SDK package is imported when first needed. */
export async function statesClient(aws: AwsAccess): Promise<SFN> {
  const sdk = await import('@aws-sdk/client-sfn');
  return aws.client(sdk.SFN);
}

const calls = (...names: string[]) => names.map((name) => call('states', name));

export const captureCalls = [
  ...calls('ListStateMachines', 'DescribeStateMachine', 'ListStateMachineVersions', 'ListStateMachineAliases'),
  ...calls('DescribeStateMachineAlias', 'ListActivities', 'DescribeActivity', 'ListTagsForResource'),
];

export const restoreCalls = [
  ...captureCalls,
  call('states', 'CreateStateMachine', 'states:CreateStateMachine', 'states:TagResource', 'iam:PassRole'),
  call('states', 'UpdateStateMachine', 'states:UpdateStateMachine', 'iam:PassRole'),
  ...calls(
    'PublishStateMachineVersion',
    'DeleteStateMachineVersion',
    'CreateStateMachineAlias',
    'UpdateStateMachineAlias',
  ),
  ...calls('DeleteStateMachineAlias', 'CreateActivity', 'TagResource', 'UntagResource'),
];
