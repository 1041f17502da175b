import { call, type ProviderCall } from '../contract.ts';

export const captureCalls: readonly ProviderCall[] = [
  call('iam', 'GetAccountAuthorizationDetails'),
  call('iam', 'ListRoles'),
  call('iam', 'GetRole'),
  call('iam', 'GetPolicy'),
  call('iam', 'ListAccessKeys'),
  call('iam', 'ListMFADevices'),
  call('iam', 'GetLoginProfile'),
  call('iam', 'ListSSHPublicKeys'),
  call('iam', 'GetSSHPublicKey'),
  call('iam', 'ListInstanceProfiles'),
  call('iam', 'GetInstanceProfile'),
  call('iam', 'ListOpenIDConnectProviders'),
  call('iam', 'GetOpenIDConnectProvider'),
  call('iam', 'ListSAMLProviders'),
  call('iam', 'GetSAMLProvider'),
  call('iam', 'ListServerCertificates'),
  call('iam', 'GetServerCertificate'),
  call('iam', 'ListAccountAliases'),
  call('iam', 'GetAccountPasswordPolicy'),
];
