import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startMoto, type Emulator } from '../emulators/index.ts';
import { endpointVariables } from '../emulators/endpoints.ts';
import { expectError, localEstate, type LocalEstate } from '../cli/local-estate.ts';

let estate: LocalEstate;
let moto: Emulator;

beforeAll(async () => {
  [estate, moto] = await Promise.all([localEstate(), startMoto()]);
});
afterAll(async () => {
  await Promise.all([estate.remove(), moto.stop()]);
});

test('a repository in a bucket that does not exist', async () => {
  for (const command of [['init', '--yes'], ['snapshot'], ['snapshots']]) {
    const result = await estate.run(
      [...command, '--repository', 's3://no-such-bucket/holdfast'],
      endpointVariables({ all: moto.endpoint }),
    );
    expectError(result, 'storage.bucket-missing', 2);
    expect(result.stderr).toContain('no-such-bucket');
  }
});

test('no credentials for the bucket', async () => {
  const result = await estate.run(['snapshots', '--repository', 's3://some-bucket/holdfast'], {
    AWS_REGION: 'us-east-1',
  });
  expectError(result, 'aws.credentials-missing', 2);
});

test('expired credentials for the bucket', async () => {
  const { server, endpoint } = await expiredService();
  try {
    const result = await estate.run(
      ['snapshots', '--verbose', '--repository', 's3://some-bucket/holdfast'],
      endpointVariables({ all: endpoint }),
    );
    expectError(result, 'aws.credentials-expired', 2);
  } finally {
    server.close();
  }
});

test('a store that does not answer', async () => {
  const result = await estate.run(
    ['snapshots', '--repository', 's3+http://127.0.0.1:9/bucket'],
    endpointVariables({ all: 'http://127.0.0.1:9' }),
  );
  expectError(result, 'storage.unavailable', 1);
});

/** Answers every call as S3 does to credentials that have expired. */
async function expiredService(): Promise<{ readonly server: Server; readonly endpoint: string }> {
  const body = '<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>';
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(400, { 'content-type': 'application/xml', 'x-amz-request-id': 'EXPIRED1' });
    response.end(request.method === 'HEAD' ? '' : body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
