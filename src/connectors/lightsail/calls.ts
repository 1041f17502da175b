import type { Lightsail } from '@aws-sdk/client-lightsail';
import type { AwsAccess } from '../aws/contract.ts';
import { call } from '../contract.ts';

/** The client for the account and region at hand; the SDK package is imported when first needed. */
export async function lightsailClient(aws: AwsAccess): Promise<Lightsail> {
  const sdk = await import('@aws-sdk/client-lightsail');
  return aws.client(sdk.Lightsail);
}

/** Domains and distributions are asked for there, wherever they lead to. */
export const homeRegion = 'us-east-1';

export const captureCalls = [
  'GetInstances',
  'GetInstancePortStates',
  'GetInstanceSnapshots',
  'GetAutoSnapshots',
  'GetStaticIps',
  'GetStaticIp',
  'GetDisks',
  'GetDiskSnapshots',
  'GetRelationalDatabases',
  'GetRelationalDatabaseParameters',
  'GetRelationalDatabaseSnapshots',
  'GetLoadBalancers',
  'GetLoadBalancer',
  'GetLoadBalancerTlsCertificates',
  'GetDomains',
  'GetDomain',
  'GetDistributions',
  'GetCertificates',
  'GetBuckets',
  'GetContainerServices',
  'GetContainerImages',
  'GetKeyPairs',
  'GetAlarms',
  'GetContactMethods',
].map((operation) => call('lightsail', operation));

export const pointCalls = [
  'CreateInstanceSnapshot',
  'GetInstanceSnapshot',
  'DeleteInstanceSnapshot',
  'CreateDiskSnapshot',
  'GetDiskSnapshot',
  'DeleteDiskSnapshot',
  'CreateRelationalDatabaseSnapshot',
  'GetRelationalDatabaseSnapshot',
  'DeleteRelationalDatabaseSnapshot',
  'CopySnapshot',
  'TagResource',
].map((operation) => call('lightsail', operation));

export const restoreCalls = [
  ...captureCalls,
  ...[
    'PutInstancePublicPorts',
    'AllocateStaticIp',
    'AttachStaticIp',
    'DetachStaticIp',
    'CreateDomain',
    'CreateDomainEntry',
    'DeleteDomainEntry',
    'PutAlarm',
    'CreateContactMethod',
    'TagResource',
    'UntagResource',
    'GetInstance',
    'GetDisk',
    'GetInstanceSnapshot',
    'GetDiskSnapshot',
    'CopySnapshot',
    'CreateInstancesFromSnapshot',
    'CreateDiskFromSnapshot',
    'GetBundles',
    'GetRegions',
    'GetKeyPair',
  ].map((operation) => call('lightsail', operation)),
];
