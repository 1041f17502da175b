import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { awsEstate, type AwsEstate } from '../cli/aws-estate.ts';
import { expectError } from '../cli/local-estate.ts';

let estate: AwsEstate;
const buckets = Array.from({ length: 5 }, (_, i) => `bucket-${i}`);

beforeAll(async () => {
  estate = await awsEstate(Object.fromEntries(buckets.map((bucket) => [bucket, ['a', 'b', 'c']])));
});
afterAll(async () => {
  await estate.stop();
});

test('no credentials at all', async () => {
  const none = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
  for (const command of [['snapshot'], ['discover'], ['drift']]) {
    const result = await estate.run(command, none);
    if (command[0] === 'drift') expectError(result, 'snapshot.not-found', 2);
    else expectError(result, 'aws.credentials-missing', 2);
  }
});

test('credentials that have expired before the start', async () => {
  const service = await expiringService(estate.endpoint, 0);
  try {
    const result = await estate.run(['snapshot', '--verbose'], { AWS_ENDPOINT_URL: service.endpoint });
    expectError(result, 'aws.credentials-expired', 2);
    expect(result.stderr).toContain('AWS request id: EXPIRED1');
  } finally {
    service.close();
  }
});

test('credentials that expire in the middle: nothing is lost, and --resume completes the snapshot', async () => {
  expect(await estate.run(['snapshot'])).toMatchObject({ status: 0 });
  await estate.putObject('bucket-1', 'new', 'x');
  const service = await expiringService(estate.endpoint, 25);
  try {
    const result = await estate.run(['snapshot', '--concurrency', '1'], { AWS_ENDPOINT_URL: service.endpoint });
    expectError(result, 'aws.credentials-expired', 2);
    expect(result.stderr).toMatch(/^hint: .*--resume/m);
  } finally {
    service.close();
  }
  const list = JSON.parse((await estate.run(['snapshots', '--json'])).stdout) as { snapshots: unknown[] };
  expect(list.snapshots).toHaveLength(1);
  const resumed = await estate.run(['snapshot', '--resume', '--json']);
  expect(resumed).toMatchObject({ status: 0 });
  expect(JSON.parse(resumed.stdout)).toMatchObject({ outcome: 'complete', totals: { resources: buckets.length } });
  expect(await estate.run(['verify', '--read-data'])).toMatchObject({ status: 0 });
}, 90_000);

const answer = [
  '<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code>',
  '<Message>The security token included in the request is expired</Message></Error>',
  '<RequestId>EXPIRED1</RequestId></ErrorResponse>',
].join('');
const answerS3 = '<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>';

/** Passes so many requests on, and answers the rest as AWS does to credentials that have expired. */
async function expiringService(target: string, good: number): Promise<{ readonly endpoint: string; close(): void }> {
  let left = good;
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (left-- > 0) return await forward(target, request, Buffer.concat(parts), response);
    const isSts = (request.headers.authorization ?? '').includes('/sts/');
    response.writeHead(isSts ? 403 : 400, {
      'content-type': 'text/xml',
      'x-amzn-requestid': 'EXPIRED1',
      'x-amz-request-id': 'EXPIRED1',
    });
    response.end(request.method === 'HEAD' ? '' : isSts ? answer : answerS3);
  }
  const server: Server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function forward(
  target: string,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<void> {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === 'string' && !['host', 'connection', 'content-length', 'expect'].includes(name))
      headers.set(name, value);
  }
  const { method = 'GET' } = request;
  const init = method === 'GET' || method === 'HEAD' ? { method, headers } : { method, headers, body };
  const reply = await fetch(`${target}${request.url ?? ''}`, init);
  const replyHeaders: Record<string, string> = {};
  reply.headers.forEach((value, name) => {
    if (!['connection', 'transfer-encoding', 'content-encoding', 'content-length'].includes(name))
      replyHeaders[name] = value;
  });
  response.writeHead(reply.status, replyHeaders);
  response.end(Buffer.from(await reply.arrayBuffer()));
}
