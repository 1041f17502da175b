import { call, type ProviderCall } from '../contract.ts';
import { quotaCalls } from '../service-quotas/limits.ts';
import { configRows } from './config-rows.ts';

function s3(operation: string, ...actions: readonly string[]): ProviderCall {
  return call('s3', operation, ...actions.map((action) => `s3:${action}`));
}

/** Actions from the service authorization reference for Amazon S3: many differ from the operation's name. */
export const calls: { readonly capture: readonly ProviderCall[]; readonly restore: readonly ProviderCall[] } = {
  capture: [
    s3('ListBuckets', 'ListAllMyBuckets'),
    s3('GetBucketLocation', 'GetBucketLocation'),
    ...configRows.map((row) => row.get),
    s3('ListObjectsV2', 'ListBucket'),
    s3('ListObjectVersions', 'ListBucketVersions'),
    call(
      's3',
      'GetObject',
      's3:GetObject',
      's3:GetObjectVersion',
      's3:GetObjectRetention',
      's3:GetObjectLegalHold',
      'kms:Decrypt',
    ),
    s3('GetObjectTagging', 'GetObjectTagging', 'GetObjectVersionTagging'),
    s3('GetObjectAcl', 'GetObjectAcl', 'GetObjectVersionAcl'),
    s3('HeadObject', 'GetObject', 'GetObjectVersion'),
  ],
  restore: [
    s3('HeadBucket', 'ListBucket'),
    s3('CreateBucket', 'CreateBucket', 'PutBucketObjectLockConfiguration', 'PutBucketVersioning'),
    ...configRows.flatMap((row) => [row.put, row.clear].filter((one) => one !== undefined)),
    call(
      's3',
      'PutObject',
      's3:PutObject',
      's3:PutObjectTagging',
      's3:PutObjectRetention',
      's3:PutObjectLegalHold',
      'kms:GenerateDataKey',
    ),
    s3('PutObjectAcl', 'PutObjectAcl'),
    call('s3', 'CreateMultipartUpload', 's3:PutObject', 's3:PutObjectTagging', 'kms:GenerateDataKey'),
    call('s3', 'UploadPart', 's3:PutObject', 'kms:GenerateDataKey'),
    call('s3', 'CompleteMultipartUpload', 's3:PutObject', 'kms:Decrypt'),
    s3('AbortMultipartUpload', 'AbortMultipartUpload'),
    s3('DeleteObject', 'DeleteObject', 'DeleteObjectVersion'),
    ...quotaCalls,
  ],
};
