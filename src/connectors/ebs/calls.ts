import type { EC2 } from '@aws-sdk/client-ec2';
import type { AwsAccess } from '../aws/contract.ts';
import { backupRestoreCalls } from '../backup-points/calls.ts';
import { call } from '../contract.ts';

/** The client for the account and region at hand; the SDK package is imported when first needed. */
export async function ec2Client(aws: AwsAccess): Promise<EC2> {
  const sdk = await import('@aws-sdk/client-ec2');
  return aws.client(sdk.EC2);
}

export const captureCalls = [
  call('ec2', 'GetEbsEncryptionByDefault'),
  call('ec2', 'GetEbsDefaultKmsKeyId'),
  call('ec2', 'GetSnapshotBlockPublicAccessState'),
  call('ec2', 'DescribeVolumes'),
  call('ec2', 'DescribeSnapshots'),
];

export const restoreCalls = [
  ...captureCalls,
  ...backupRestoreCalls,
  call('ec2', 'CreateTags'),
  call('ec2', 'DeleteTags'),
  call('ec2', 'EnableEbsEncryptionByDefault'),
  call('ec2', 'DisableEbsEncryptionByDefault'),
  call('ec2', 'ModifyEbsDefaultKmsKeyId'),
  call('ec2', 'ResetEbsDefaultKmsKeyId'),
  call('ec2', 'EnableSnapshotBlockPublicAccess'),
  call('ec2', 'DisableSnapshotBlockPublicAccess'),
];
