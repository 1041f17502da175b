import type { S3Control } from '@aws-sdk/client-s3-control';
import type { AwsAccess } from '../aws/contract.ts';
import { s3ControlClient } from '../aws/s3-control.ts';
import { call } from '../contract.ts';

/** Where all is asked: multi-region access points are answered for there only (S3 user guide), the account anywhere. */
export async function homeClient(aws: AwsAccess): Promise<S3Control> {
  return await s3ControlClient(aws.inRegion('us-west-2'));
}

export const captureCalls = [
  call('s3', 'GetPublicAccessBlock', 's3:GetAccountPublicAccessBlock'),
  call('s3', 'ListMultiRegionAccessPoints'),
  call('s3', 'GetMultiRegionAccessPointPolicy'),
  call('s3', 'GetMultiRegionAccessPointRoutes'),
];

export const restoreCalls = [
  ...captureCalls,
  call('s3', 'PutPublicAccessBlock', 's3:PutAccountPublicAccessBlock'),
  call('s3', 'DeletePublicAccessBlock', 's3:PutAccountPublicAccessBlock'),
  call('s3', 'CreateMultiRegionAccessPoint'),
  call('s3', 'DescribeMultiRegionAccessPointOperation'),
  call('s3', 'GetMultiRegionAccessPoint'),
  call('s3', 'PutMultiRegionAccessPointPolicy'),
  call('s3', 'SubmitMultiRegionAccessPointRoutes'),
];
