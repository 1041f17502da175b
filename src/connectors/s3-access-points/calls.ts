import { call } from '../contract.ts';

export const captureCalls = ['ListAccessPoints', 'GetAccessPoint', 'GetAccessPointPolicy', 'ListTagsForResource'].map(
  (operation) => call('s3', operation),
);

export const restoreCalls = [
  ...captureCalls,
  // Its block of public access is said when it is created, and allowed apart (S3 user guide, blocking public access).
  call('s3', 'CreateAccessPoint', 's3:CreateAccessPoint', 's3:PutAccessPointPublicAccessBlock', 's3:TagResource'),
  call('s3', 'PutAccessPointPolicy'),
  call('s3', 'DeleteAccessPointPolicy'),
  call('s3', 'TagResource'),
  call('s3', 'UntagResource'),
];
