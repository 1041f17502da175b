import type { ECR } from '@aws-sdk/client-ecr';
import type { AwsAccess } from '../aws/contract.ts';
import { call } from '../contract.ts';

/** The client for the account and region at hand; the SDK package is imported when first needed. */
export async function ecrClient(aws: AwsAccess): Promise<ECR> {
  const sdk = await import('@aws-sdk/client-ecr');
  return aws.client(sdk.ECR);
}

const calls = (...names: string[]) => names.map((name) => call('ecr', name));

export const captureCalls = [
  ...calls(
    'DescribeRepositories',
    'ListTagsForResource',
    'GetRepositoryPolicy',
    'GetLifecyclePolicy',
    'DescribeImages',
  ),
  ...calls('BatchGetImage', 'GetDownloadUrlForLayer', 'DescribeRegistry', 'GetRegistryPolicy'),
  ...calls('GetRegistryScanningConfiguration'),
];

export const restoreCalls = [
  ...captureCalls,
  call('ecr', 'CreateRepository', 'ecr:CreateRepository', 'ecr:TagResource'),
  ...calls('PutImageTagMutability', 'PutImageScanningConfiguration', 'SetRepositoryPolicy', 'DeleteRepositoryPolicy'),
  ...calls(
    'PutLifecyclePolicy',
    'DeleteLifecyclePolicy',
    'TagResource',
    'UntagResource',
    'PutReplicationConfiguration',
  ),
  ...calls(
    'PutRegistryPolicy',
    'DeleteRegistryPolicy',
    'PutRegistryScanningConfiguration',
    'PutImage',
    'BatchDeleteImage',
  ),
  ...calls('BatchCheckLayerAvailability', 'InitiateLayerUpload', 'UploadLayerPart', 'CompleteLayerUpload'),
];
