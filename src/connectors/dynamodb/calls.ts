import type { ApplicationAutoScaling } from '@aws-sdk/client-application-auto-scaling';
import type { DynamoDB } from '@aws-sdk/client-dynamodb';
import type { S3 } from '@aws-sdk/client-s3';
import type { AwsAccess } from '../aws/contract.ts';
import { call } from '../contract.ts';
import { quotaCalls } from '../service-quotas/limits.ts';

/** The clients for the account and region at hand; the SDK packages are imported when first needed. */
export async function dynamoClient(aws: AwsAccess): Promise<DynamoDB> {
  const sdk = await import('@aws-sdk/client-dynamodb');
  return aws.client(sdk.DynamoDB);
}

export async function scalingClient(aws: AwsAccess): Promise<ApplicationAutoScaling> {
  const sdk = await import('@aws-sdk/client-application-auto-scaling');
  return aws.client(sdk.ApplicationAutoScaling);
}

/** For the files of exports, wherever their bucket lies. */
export async function s3Client(aws: AwsAccess): Promise<S3> {
  const sdk = await import('@aws-sdk/client-s3');
  return aws.client(sdk.S3, { followRegionRedirects: true });
}

export const captureCalls = [
  call('dynamodb', 'ListTables'),
  call('dynamodb', 'DescribeTable'),
  call('dynamodb', 'Scan'),
  call('dynamodb', 'DescribeTimeToLive'),
  call('dynamodb', 'DescribeContinuousBackups'),
  call('dynamodb', 'ListTagsOfResource'),
  call('dynamodb', 'GetResourcePolicy'),
  call('dynamodb', 'DescribeKinesisStreamingDestination'),
  call('dynamodb', 'ListContributorInsights'),
  call('application-autoscaling', 'DescribeScalableTargets'),
  call('application-autoscaling', 'DescribeScalingPolicies'),
  call('application-autoscaling', 'DescribeScheduledActions'),
];

export const pointCalls = [
  call('dynamodb', 'ListBackups'),
  call('dynamodb', 'DescribeBackup'),
  call('dynamodb', 'CreateBackup'),
  call('dynamodb', 'DeleteBackup'),
];

/** DynamoDB writes an export in the name of who asks for it. */
export const exportCalls = [
  call(
    'dynamodb',
    'ExportTableToPointInTime',
    'dynamodb:ExportTableToPointInTime',
    's3:PutObject',
    's3:PutObjectAcl',
    's3:AbortMultipartUpload',
  ),
  call('dynamodb', 'DescribeExport'),
  call('s3', 'GetObject'),
];

/** What DynamoDB does in the name of who asks for a restore (developer guide, using IAM with backup and restore). */
const itemActions = ['PutItem', 'UpdateItem', 'DeleteItem', 'GetItem', 'Query', 'Scan', 'BatchWriteItem'];

function restoring(operation: string) {
  const items = itemActions.map((action) => `dynamodb:${action}`);
  return call('dynamodb', operation, `dynamodb:${operation}`, ...items, 'kms:DescribeKey', 'kms:CreateGrant');
}

export const restoreCalls = [
  ...captureCalls,
  call('dynamodb', 'BatchGetItem'),
  call('dynamodb', 'BatchWriteItem'),
  call('dynamodb', 'CreateTable', 'dynamodb:CreateTable', 'dynamodb:TagResource', 'kms:DescribeKey', 'kms:CreateGrant'),
  call('dynamodb', 'UpdateTable', 'dynamodb:UpdateTable', 'kms:DescribeKey', 'kms:CreateGrant'),
  call('dynamodb', 'DescribeBackup'),
  // DynamoDB reads the files in the name of who asks, and logs what it could not import.
  call(
    'dynamodb',
    'ImportTable',
    'dynamodb:ImportTable',
    's3:GetObject',
    's3:ListBucket',
    'logs:CreateLogGroup',
    'logs:CreateLogStream',
    'logs:DescribeLogGroups',
    'logs:DescribeLogStreams',
    'logs:PutLogEvents',
    'logs:PutRetentionPolicy',
    'kms:DescribeKey',
    'kms:CreateGrant',
  ),
  call('dynamodb', 'DescribeImport'),
  call('s3', 'PutObject'),
  call('s3', 'DeleteObject'),
  restoring('RestoreTableFromBackup'),
  restoring('RestoreTableToPointInTime'),
  call('dynamodb', 'UpdateTimeToLive'),
  call('dynamodb', 'UpdateContinuousBackups'),
  call('dynamodb', 'TagResource'),
  call('dynamodb', 'UntagResource'),
  call('dynamodb', 'PutResourcePolicy'),
  call('dynamodb', 'DeleteResourcePolicy'),
  call(
    'dynamodb',
    'EnableKinesisStreamingDestination',
    'dynamodb:EnableKinesisStreamingDestination',
    'kinesis:DescribeStream',
    'kinesis:PutRecord',
    'kinesis:PutRecords',
  ),
  call('dynamodb', 'DisableKinesisStreamingDestination'),
  call('dynamodb', 'UpdateContributorInsights'),
  call(
    'application-autoscaling',
    'RegisterScalableTarget',
    'application-autoscaling:RegisterScalableTarget',
    'iam:CreateServiceLinkedRole',
    'iam:PassRole',
  ),
  call('application-autoscaling', 'DeregisterScalableTarget'),
  call(
    'application-autoscaling',
    'PutScalingPolicy',
    'application-autoscaling:PutScalingPolicy',
    'cloudwatch:PutMetricAlarm',
    'cloudwatch:DescribeAlarms',
  ),
  call(
    'application-autoscaling',
    'DeleteScalingPolicy',
    'application-autoscaling:DeleteScalingPolicy',
    'cloudwatch:DeleteAlarms',
  ),
  call('application-autoscaling', 'PutScheduledAction'),
  call('application-autoscaling', 'DeleteScheduledAction'),
  ...quotaCalls,
];
