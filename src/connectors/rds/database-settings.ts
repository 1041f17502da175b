import type { DBCluster, DBInstance } from '@aws-sdk/client-rds';
import type { Json } from '../../kernel/json.ts';
import { pick } from '../documents/facts.ts';

/** Settings by the names that calls have for them. */
export type Settings = Readonly<Record<string, Json>>;

/** What is called alike in the description and in the calls: when it is restored, and when it is modified. */
const ofInstance = {
  restore: [
    'DBInstanceClass',
    'MultiAZ',
    'PubliclyAccessible',
    'AutoMinorVersionUpgrade',
    'LicenseModel',
    'StorageType',
    'DeletionProtection',
    'CopyTagsToSnapshot',
    'NetworkType',
    'DedicatedLogVolume',
  ],
  modify: [
    'DBInstanceClass',
    'MultiAZ',
    'PubliclyAccessible',
    'AutoMinorVersionUpgrade',
    'DeletionProtection',
    'CopyTagsToSnapshot',
    'BackupRetentionPeriod',
    'PreferredBackupWindow',
    'PreferredMaintenanceWindow',
    'MaxAllocatedStorage',
    'MonitoringInterval',
    'MonitoringRoleArn',
    'CACertificateIdentifier',
  ],
} as const;

const ofCluster = {
  restore: [
    'Engine',
    'EngineVersion',
    'EngineMode',
    'Port',
    'DeletionProtection',
    'CopyTagsToSnapshot',
    'NetworkType',
    'StorageType',
    'Iops',
    'DBClusterInstanceClass',
    'ServerlessV2ScalingConfiguration',
  ],
  modify: [
    'DeletionProtection',
    'CopyTagsToSnapshot',
    'BackupRetentionPeriod',
    'PreferredBackupWindow',
    'PreferredMaintenanceWindow',
    'ServerlessV2ScalingConfiguration',
  ],
} as const;

/** What a restore of an instance is told, so that it is not given RDS's own defaults: class, network, groups, zones. */
export function restoreInstance(document: Json): Settings {
  const said = document as DBInstance;
  return {
    ...pick(said, ...ofInstance.restore),
    ...speed(said),
    ...some('Port', said.Endpoint?.Port),
    ...some('DBSubnetGroupName', said.DBSubnetGroup?.DBSubnetGroupName),
    ...some('OptionGroupName', ownGroup(said.OptionGroupMemberships?.[0]?.OptionGroupName)),
    ...some('DBParameterGroupName', ownGroup(said.DBParameterGroups?.[0]?.DBParameterGroupName)),
    ...some('EnableIAMDatabaseAuthentication', said.IAMDatabaseAuthenticationEnabled),
    ...some('EnableCloudwatchLogsExports', said.EnabledCloudwatchLogsExports),
    ...securityGroups(said),
  };
}

/** What can be changed of an instance that is there. */
export function modifyInstance(document: Json): Settings {
  const said = document as DBInstance;
  return {
    ...pick(said, ...ofInstance.modify),
    ...some('OptionGroupName', ownGroup(said.OptionGroupMemberships?.[0]?.OptionGroupName)),
    ...some('DBParameterGroupName', said.DBParameterGroups?.[0]?.DBParameterGroupName),
    ...some('EnableIAMDatabaseAuthentication', said.IAMDatabaseAuthenticationEnabled),
    ...securityGroups(said),
  };
}

export function restoreCluster(document: Json): Settings {
  const said = document as DBCluster;
  return {
    ...pick(said, ...ofCluster.restore),
    // Off where it is 0, and not to be mentioned to engines that do not have it.
    ...some('BacktrackWindow', said.BacktrackWindow || undefined),
    ...some('DBSubnetGroupName', said.DBSubnetGroup),
    ...some('DBClusterParameterGroupName', ownGroup(said.DBClusterParameterGroup)),
    ...some('EnableIAMDatabaseAuthentication', said.IAMDatabaseAuthenticationEnabled),
    ...some('EnableCloudwatchLogsExports', said.EnabledCloudwatchLogsExports),
    ...securityGroups(said),
  };
}

export function modifyCluster(document: Json): Settings {
  const said = document as DBCluster;
  return {
    ...pick(said, ...ofCluster.modify),
    ...some('DBClusterParameterGroupName', said.DBClusterParameterGroup),
    ...some('EnableIAMDatabaseAuthentication', said.IAMDatabaseAuthenticationEnabled),
    ...securityGroups(said),
  };
}

/** RDS tells the baseline of gp3 (3000, 125) like a setting, and refuses it as one where the storage is small. */
function speed({ StorageType, Iops, StorageThroughput }: DBInstance): Settings {
  const isBaseline = StorageType === 'gp3' && (Iops ?? 0) <= 3000 && (StorageThroughput ?? 0) <= 125;
  return isBaseline ? {} : { ...some('Iops', Iops), ...some('StorageThroughput', StorageThroughput) };
}

function securityGroups({ VpcSecurityGroups = [] }: Pick<DBInstance, 'VpcSecurityGroups'>): Settings {
  const ids = VpcSecurityGroups.map((one) => one.VpcSecurityGroupId ?? '').sort();
  return ids.length > 0 ? { VpcSecurityGroupIds: ids } : {};
}

/** Groups that AWS makes (`default.mysql8.0`, `default:mysql-8-0`) come by themselves. */
function ownGroup(name: string | undefined): string | undefined {
  return name?.startsWith('default') ? undefined : name;
}

function some(name: string, value: Json | undefined): Settings {
  return value === undefined ? {} : { [name]: value };
}
