import type { RDS } from '@aws-sdk/client-rds';
import type { AwsAccess } from '../aws/contract.ts';
import { call } from '../contract.ts';

/** The client for the account and region at hand; the SDK package is imported when first needed. */
export async function rdsClient(aws: AwsAccess): Promise<RDS> {
  const sdk = await import('@aws-sdk/client-rds');
  return aws.client(sdk.RDS);
}

export const captureCalls = [
  call('rds', 'DescribeDBParameterGroups'),
  call('rds', 'DescribeDBParameters'),
  call('rds', 'DescribeDBClusterParameterGroups'),
  call('rds', 'DescribeDBClusterParameters'),
  call('rds', 'DescribeOptionGroups'),
  call('rds', 'DescribeDBSubnetGroups'),
  call('rds', 'DescribeEventSubscriptions'),
  call('rds', 'DescribeDBProxies'),
  call('rds', 'DescribeDBProxyTargetGroups'),
  call('rds', 'DescribeDBProxyTargets'),
  call('rds', 'DescribeDBInstances'),
  call('rds', 'DescribeDBInstanceAutomatedBackups'),
  call('rds', 'DescribeDBClusters'),
  call('rds', 'ListTagsForResource'),
];

/** A copy is made in the name of the region that it comes from, where it is read. */
export const pointCalls = [
  call('rds', 'DescribeDBSnapshots'),
  call('rds', 'CreateDBSnapshot', 'rds:CreateDBSnapshot', 'rds:AddTagsToResource'),
  call('rds', 'CopyDBSnapshot', 'rds:CopyDBSnapshot', 'rds:AddTagsToResource', 'kms:DescribeKey', 'kms:CreateGrant'),
  call('rds', 'DeleteDBSnapshot'),
  call('rds', 'DescribeDBClusterSnapshots'),
  call('rds', 'CreateDBClusterSnapshot', 'rds:CreateDBClusterSnapshot', 'rds:AddTagsToResource'),
  call(
    'rds',
    'CopyDBClusterSnapshot',
    'rds:CopyDBClusterSnapshot',
    'rds:AddTagsToResource',
    'kms:DescribeKey',
    'kms:CreateGrant',
  ),
  call('rds', 'DeleteDBClusterSnapshot'),
];

export const restoreCalls = [
  ...captureCalls,
  call('rds', 'CreateDBParameterGroup'),
  call('rds', 'ModifyDBParameterGroup'),
  call('rds', 'ResetDBParameterGroup'),
  call('rds', 'CreateDBClusterParameterGroup'),
  call('rds', 'ModifyDBClusterParameterGroup'),
  call('rds', 'ResetDBClusterParameterGroup'),
  call('rds', 'CreateOptionGroup'),
  // Options may hand a role to RDS.
  call('rds', 'ModifyOptionGroup', 'rds:ModifyOptionGroup', 'iam:PassRole'),
  call('rds', 'CreateDBSubnetGroup'),
  call('rds', 'ModifyDBSubnetGroup'),
  call('rds', 'CreateEventSubscription'),
  call('rds', 'ModifyEventSubscription'),
  call('rds', 'AddSourceIdentifierToSubscription'),
  call('rds', 'RemoveSourceIdentifierFromSubscription'),
  call('rds', 'CreateDBProxy', 'rds:CreateDBProxy', 'iam:PassRole'),
  call('rds', 'ModifyDBProxy', 'rds:ModifyDBProxy', 'iam:PassRole'),
  call('rds', 'ModifyDBProxyTargetGroup'),
  call('rds', 'RegisterDBProxyTargets'),
  call('rds', 'DeregisterDBProxyTargets'),
  call('rds', 'AddTagsToResource'),
  call('rds', 'RemoveTagsFromResource'),
  call('rds', 'DescribeDBSnapshots'),
  call('rds', 'DescribeDBClusterSnapshots'),
  call('rds', 'RestoreDBInstanceFromDBSnapshot', 'rds:RestoreDBInstanceFromDBSnapshot', 'iam:PassRole'),
  call('rds', 'RestoreDBClusterFromSnapshot', 'rds:RestoreDBClusterFromSnapshot', 'iam:PassRole'),
  call('rds', 'RestoreDBInstanceToPointInTime', 'rds:RestoreDBInstanceToPointInTime', 'iam:PassRole'),
  call('rds', 'RestoreDBClusterToPointInTime', 'rds:RestoreDBClusterToPointInTime', 'iam:PassRole'),
  call('rds', 'CreateDBInstance', 'rds:CreateDBInstance', 'iam:PassRole'),
  call('rds', 'ModifyDBInstance', 'rds:ModifyDBInstance', 'iam:PassRole'),
  call('rds', 'ModifyDBCluster'),
  call(
    'rds',
    'StartDBInstanceAutomatedBackupsReplication',
    'rds:StartDBInstanceAutomatedBackupsReplication',
    'kms:DescribeKey',
    'kms:CreateGrant',
  ),
  call('rds', 'StopDBInstanceAutomatedBackupsReplication'),
];
