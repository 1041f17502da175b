import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { inParallel } from '../parallel.ts';
import type { EstateSize } from '../sites.ts';
import { createBucket } from './bucket-configuration.ts';
import { bucketsOf } from './buckets.ts';
import { objectsOf } from './objects.ts';

const atOnce = 24;
const multipartBytes = 16 * 1024 * 1024;
const partBytes = 8 * 1024 * 1024;

export async function seedS3(s3: S3Client, size: EstateSize): Promise<void> {
  const buckets = bucketsOf(size);
  await inParallel(atOnce, buckets, (bucket) => createBucket(s3, bucket));
  const objects = buckets.flatMap((bucket) =>
    objectsOf(bucket, size).map((object) => ({ bucket: bucket.name, ...object })),
  );
  await inParallel(atOnce, objects, async ({ bucket, key, versions }) => {
    for (const version of versions) {
      if (version === undefined) await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
      else await put(s3, { Bucket: bucket, Key: key, ...version });
    }
  });
}

async function put(s3: S3Client, input: PutObjectCommandInput): Promise<void> {
  const body = input.Body;
  if (body instanceof Uint8Array && body.length >= multipartBytes) return await putInParts(s3, input, body);
  await s3.send(new PutObjectCommand(input));
}

async function putInParts(s3: S3Client, input: PutObjectCommandInput, body: Uint8Array): Promise<void> {
  const { Bucket, Key, ContentType } = input;
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ContentType }));
  const count = Math.ceil(body.length / partBytes);
  const Parts = await inParallel(
    4,
    Array.from({ length: count }, (_, index) => index),
    async (index) => {
      const Body = body.subarray(index * partBytes, (index + 1) * partBytes);
      const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: index + 1, Body }));
      return { ETag, PartNumber: index + 1 };
    },
  );
  await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
}
