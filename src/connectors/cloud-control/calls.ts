import type { CloudControl } from '@aws-sdk/client-cloudcontrol';
import type { CloudFormation } from '@aws-sdk/client-cloudformation';
import type { AwsAccess } from '../aws/contract.ts';
import { call } from '../contract.ts';

export interface Clients {
  readonly control: CloudControl;
  /** Knows the schema of each type. */
  readonly formation: CloudFormation;
}

/** Clients for the account and region at hand; the SDK packages are imported when first needed. */
export async function clients(aws: AwsAccess): Promise<Clients> {
  const [control, formation] = await Promise.all([
    import('@aws-sdk/client-cloudcontrol'),
    import('@aws-sdk/client-cloudformation'),
  ]);
  return { control: aws.client(control.CloudControl), formation: aws.client(formation.CloudFormation) };
}

/** Cloud Control calls the service of each type in the caller's name, which needs the permissions of that service too. */
export const captureCalls = [
  call('cloudformation', 'ListResources'),
  call('cloudformation', 'GetResource'),
  call('cloudformation', 'DescribeType'),
];

export const restoreCalls = [
  ...captureCalls,
  call('cloudformation', 'CreateResource'),
  call('cloudformation', 'UpdateResource'),
  call('cloudformation', 'GetResourceRequestStatus'),
];
