import type { ACM } from '@aws-sdk/client-acm';
import type { AwsAccess } from '../aws/contract.ts';
import { call } from '../contract.ts';

/** The client for the account and region at hand; the SDK package is imported when first needed. */
export async function acmClient(aws: AwsAccess): Promise<ACM> {
  const sdk = await import('@aws-sdk/client-acm');
  return aws.client(sdk.ACM);
}

export const captureCalls = [
  call('acm', 'ListCertificates'),
  call('acm', 'DescribeCertificate'),
  call('acm', 'GetCertificate'),
  call('acm', 'ListTagsForCertificate'),
];

export const restoreCalls = [
  ...captureCalls,
  call('acm', 'RequestCertificate', 'acm:RequestCertificate', 'acm:AddTagsToCertificate'),
  call('acm', 'UpdateCertificateOptions'),
  call('acm', 'AddTagsToCertificate'),
  call('acm', 'RemoveTagsFromCertificate'),
];
