import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { createServer, type Server } from 'node:http';
import { crc32 } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { scanRows } from './scan-rows.ts';

const whole =
  '{"Count":1,"Items":[{"p":{"S":"a"}}],"LastEvaluatedKey":{"p":{"B":"AAE="}},"ConsumedCapacity":{"CapacityUnits":2}}';
const damaged = whole.replace('"a"', '"b"');
let server: Server | undefined;

afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

/** Gives these answers one after the other, the last one for ever, with the checksum of the whole one. */
async function answering(
  ...answers: readonly string[]
): Promise<{ readonly client: DynamoDB; readonly asked: () => number }> {
  let asked = 0;
  server = createServer((request, response) => {
    request.resume().on('end', () => {
      const body = answers[Math.min(asked++, answers.length - 1)] ?? '';
      const isError = body.includes('__type');
      response.writeHead(isError ? 400 : 200, isError ? {} : { 'x-amz-crc32': crc32(whole) });
      response.end(body);
    });
  });
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const client = new DynamoDB({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 3,
  });
  return { client, asked: () => asked };
}

describe('a page of a scan (served by a server of ours)', () => {
  it('leaves the items as they came, and the rest to the SDK', async () => {
    const { client } = await answering(whole);
    const page = await scanRows(client, { TableName: 't' }, 'dynamodb/t');
    expect(Buffer.from(page.list).toString()).toBe('{"p":{"S":"a"}}');
    expect(page).toMatchObject({ Count: 1, ConsumedCapacity: { CapacityUnits: 2 } });
    expect(page.LastEvaluatedKey).toEqual({ p: { B: Uint8Array.of(0, 1) } });
  });

  it('that differs from its checksum, or ends early, is asked for again', async () => {
    for (const bad of [damaged, whole.slice(0, 30)]) {
      const { client, asked } = await answering(bad, whole);
      const page = await scanRows(client, { TableName: 't' }, 'dynamodb/t');
      expect(Buffer.from(page.list).toString()).toBe('{"p":{"S":"a"}}');
      expect(asked()).toBe(2);
      server?.close();
    }
  });

  it('that stays so is an error of the item', async () => {
    const { client, asked } = await answering(damaged);
    const scan = scanRows(client, { TableName: 't' }, 'dynamodb/t');
    await expect(scan).rejects.toMatchObject({ code: 'item.damaged', message: expect.stringContaining('checksum') });
    expect(asked()).toBe(3);
  });

  it('that is an error is that of the service', async () => {
    const { client } = await answering('{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"}');
    const scan = scanRows(client, { TableName: 't' }, 'dynamodb/t');
    await expect(scan).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
