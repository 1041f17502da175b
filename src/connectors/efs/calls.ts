import type { EFS } from '@aws-sdk/client-efs';
import type { AwsAccess } from '../aws/contract.ts';
import { backupRestoreCalls } from '../backup-points/calls.ts';
import { call } from '../contract.ts';

/** The client for the account and region at hand; the SDK package is imported when first needed. */
export async function efsClient(aws: AwsAccess): Promise<EFS> {
  const sdk = await import('@aws-sdk/client-efs');
  return aws.client(sdk.EFS);
}

export const captureCalls = [
  call('elasticfilesystem', 'DescribeFileSystems'),
  call('elasticfilesystem', 'DescribeLifecycleConfiguration'),
  call('elasticfilesystem', 'DescribeBackupPolicy'),
  call('elasticfilesystem', 'DescribeFileSystemPolicy'),
  call('elasticfilesystem', 'DescribeReplicationConfigurations'),
  call('elasticfilesystem', 'DescribeMountTargets'),
  call('elasticfilesystem', 'DescribeMountTargetSecurityGroups'),
  call('elasticfilesystem', 'DescribeAccessPoints'),
];

export const restoreCalls = [
  ...captureCalls,
  ...backupRestoreCalls,
  // The first file system with a backup policy, and the first mount target, make roles that AWS links to the service.
  call('elasticfilesystem', 'CreateFileSystem', 'elasticfilesystem:CreateFileSystem', 'iam:CreateServiceLinkedRole'),
  call('elasticfilesystem', 'UpdateFileSystem'),
  call('elasticfilesystem', 'PutLifecycleConfiguration'),
  call('elasticfilesystem', 'PutBackupPolicy'),
  call('elasticfilesystem', 'PutFileSystemPolicy'),
  call('elasticfilesystem', 'DeleteFileSystemPolicy'),
  call(
    'elasticfilesystem',
    'CreateMountTarget',
    'elasticfilesystem:CreateMountTarget',
    'ec2:CreateNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
  ),
  call('elasticfilesystem', 'DeleteMountTarget', 'elasticfilesystem:DeleteMountTarget', 'ec2:DeleteNetworkInterface'),
  call(
    'elasticfilesystem',
    'ModifyMountTargetSecurityGroups',
    'elasticfilesystem:ModifyMountTargetSecurityGroups',
    'ec2:ModifyNetworkInterfaceAttribute',
  ),
  call('elasticfilesystem', 'CreateAccessPoint'),
  call('elasticfilesystem', 'TagResource'),
  call('elasticfilesystem', 'UntagResource'),
];
