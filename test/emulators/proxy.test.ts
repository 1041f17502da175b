import { CloudFrontClient, ListDistributionsCommand } from '@aws-sdk/client-cloudfront';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListHostedZonesCommand, Route53Client } from '@aws-sdk/client-route-53';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startFaultProxy, startMoto, useEndpoints, type Emulator, type FaultProxy } from './index.ts';

let moto: Emulator;
let proxy: FaultProxy;
let restore: () => void;

beforeAll(async () => {
  moto = await startMoto();
  proxy = await startFaultProxy(moto.endpoint);
  restore = useEndpoints({ all: proxy.endpoint });
});
afterEach(() => {
  proxy.clearFaults();
  proxy.setLatency(0);
});
afterAll(async () => {
  restore();
  await proxy.stop();
  await moto.stop();
});

const once = { maxAttempts: 1 };
const calls = {
  s3: () => new S3Client({ ...once, forcePathStyle: true }).send(new GetObjectCommand({ Bucket: 'b', Key: 'k' })),
  dynamodb: () => new DynamoDBClient(once).send(new ListTablesCommand({})),
  lambda: () => new LambdaClient(once).send(new ListFunctionsCommand({})),
  iam: () => new IAMClient(once).send(new ListRolesCommand({})),
  route53: () => new Route53Client(once).send(new ListHostedZonesCommand({})),
  cloudfront: () => new CloudFrontClient(once).send(new ListDistributionsCommand({})),
};

async function errorOf(call: () => Promise<unknown>): Promise<{ name: string; status: number | undefined }> {
  try {
    await call();
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    return { name, status: $metadata?.httpStatusCode };
  }
  throw new Error('the call worked');
}

describe('the fault proxy', () => {
  it.each([
    ['s3', 'AccessDenied', 'SlowDown', 'InternalError'],
    ['dynamodb', 'AccessDeniedException', 'ThrottlingException', 'InternalServerError'],
    ['lambda', 'AccessDeniedException', 'TooManyRequestsException', 'ServiceException'],
    ['iam', 'AccessDenied', 'Throttling', 'InternalError'],
    ['route53', 'AccessDenied', 'Throttling', 'InternalError'],
    ['cloudfront', 'AccessDenied', 'Throttling', 'InternalError'],
  ] as const)('answers as %s does', async (service, denied, throttled, failed) => {
    proxy.addFault({ service, kind: 'deny', times: 1 });
    expect((await errorOf(calls[service])).name).toBe(denied);
    proxy.addFault({ service, kind: 'throttle', times: 1 });
    expect((await errorOf(calls[service])).name).toBe(throttled);
    proxy.addFault({ service, kind: 'error500', times: 1 });
    expect(await errorOf(calls[service])).toEqual({ name: failed, status: 500 });
  });

  it('keeps a fault to its service, region, matching requests and times', async () => {
    proxy.addFault({ service: 'dynamodb', region: 'eu-west-1', kind: 'deny' });
    await calls.dynamodb();
    const there = new DynamoDBClient({ ...once, region: 'eu-west-1' });
    await expect(there.send(new ListTablesCommand({}))).rejects.toThrow('not authorized');
    proxy.addFault({ match: ({ target }) => target === 'DynamoDB_20120810.ListTables', kind: 'throttle', times: 2 });
    await calls.iam();
    await expect(calls.dynamodb()).rejects.toThrow('Rate exceeded');
    await expect(calls.dynamodb()).rejects.toThrow('Rate exceeded');
    await calls.dynamodb();
  });

  it('streams large bodies both ways, and breaks, truncates and slows them', async () => {
    const s3 = new S3Client({ ...once, forcePathStyle: true });
    const body = Buffer.alloc(3 * 1024 * 1024, 'large body ');
    await s3.send(new CreateBucketCommand({ Bucket: 'streams' }));
    await s3.send(new PutObjectCommand({ Bucket: 'streams', Key: 'large', Body: body }));
    const read = async (): Promise<Uint8Array | undefined> => {
      const answer = await s3.send(new GetObjectCommand({ Bucket: 'streams', Key: 'large' }));
      return await answer.Body?.transformToByteArray();
    };
    expect(Buffer.compare((await read()) ?? new Uint8Array(), body)).toBe(0);
    proxy.addFault({ service: 's3', kind: 'truncate', times: 1 });
    await expect(read()).rejects.toThrow('aborted');
    proxy.addFault({ service: 's3', kind: 'reset', times: 1 });
    await expect(read()).rejects.toMatchObject({ code: 'ECONNRESET' });
    proxy.addFault({ service: 's3', kind: 'slow', times: 1 });
    const startedAt = performance.now();
    expect((await read())?.length).toBe(body.length);
    expect(performance.now() - startedAt).toBeGreaterThan(1_000);
  });

  it('delays requests without holding back the ones beside them', async () => {
    proxy.setLatency(200);
    const before = proxy.requests;
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: 10 }, calls.dynamodb));
    const took = performance.now() - startedAt;
    expect(proxy.requests - before).toBe(10);
    expect(took).toBeGreaterThan(195);
    expect(took).toBeLessThan(1_500);
  });

  it('hits about the share of requests that was asked for', async () => {
    proxy.addFault({ service: 'dynamodb', kind: 'error500', probability: 0.3 });
    const results = await Promise.allSettled(Array.from({ length: 60 }, calls.dynamodb));
    const failed = results.filter(({ status }) => status === 'rejected').length;
    expect(failed).toBeGreaterThan(6);
    expect(failed).toBeLessThan(32);
  });
});
