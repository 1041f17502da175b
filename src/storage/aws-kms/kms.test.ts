import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMoto, useEndpoints, type EmulatorProcess } from '../../../test/emulators/index.ts';
import { createKmsKey } from '../../../test/emulators/kms.ts';
import { systemRuntime } from '../../kernel/runtime.ts';
import { createKmsClient, type KmsClient } from './index.ts';

const context = { 'holdfast:repository': 'abc' };
const plain = Buffer.from('the private key of an identity');
let moto: EmulatorProcess;
let restore: () => void;
let client: KmsClient;
let key: string;

beforeAll(async () => {
  moto = await startMoto();
  restore = useEndpoints({ all: moto.endpoint });
  client = createKmsClient({ runtime: systemRuntime, endpoint: moto.endpoint });
  key = await createKmsKey(moto.endpoint, 'eu-west-1');
});
afterAll(async () => {
  await client.close();
  restore();
  await moto.stop();
});

describe('a KMS key', () => {
  it('gives back what it encrypted, in its own region and with its context', async () => {
    const sealed = await client.encrypt(key, plain, context);
    expect(Buffer.from(sealed).includes(plain)).toBe(false);
    expect(Buffer.from(await client.decrypt(key, sealed, context)).equals(plain)).toBe(true);
    await expect(client.decrypt(key, sealed, { ...context, more: 'x' })).rejects.toMatchObject({
      code: 'item.invalid',
    });
    await expect(client.decrypt(key, Buffer.from('no'), context)).rejects.toMatchObject({ code: 'item.invalid' });
  });

  it('that is not there is named', async () => {
    const missing = key.replace(/key\/.*/, 'key/00000000-0000-0000-0000-000000000000');
    await expect(client.encrypt(missing, plain, context)).rejects.toMatchObject({
      code: 'item.not-found',
      message: expect.stringContaining(missing),
    });
    await expect(client.encrypt('alias/x', plain, context)).rejects.toMatchObject({ code: 'item.invalid' });
  });

  it('is asked again when it does not answer for the moment, and no more than that', async () => {
    const answers = [503, 500, 200];
    const asked: string[] = [];
    const server = await answering((target) => {
      asked.push(target);
      return { status: answers.shift() ?? 503, body: JSON.stringify({ CiphertextBlob: 'AAAA' }) };
    });
    const local = createKmsClient({ runtime: systemRuntime, endpoint: server.endpoint });
    expect((await local.encrypt(key, plain, context)).length).toBe(3);
    expect(asked).toEqual(Array.from({ length: 3 }, () => 'TrentService.Encrypt'));
    await expect(local.encrypt(key, plain, context)).rejects.toMatchObject({ code: 'item.unavailable' });
    expect(asked).toHaveLength(6);
    await local.close();
    server.close();
  });

  it.each([
    [400, { __type: 'AccessDeniedException', Message: 'no' }, 'item.denied'],
    [400, { __type: 'com.amazonaws.kms#DisabledException', message: 'off' }, 'item.invalid'],
    [400, { __type: 'UnrecognizedClientException', message: 'who' }, 'aws.credentials-expired'],
    [200, {}, 'item.unreadable'],
  ])('answers %i %j: %s', async (status, body, code) => {
    const server = await answering(() => ({ status, body: JSON.stringify(body) }));
    const local = createKmsClient({ runtime: systemRuntime, endpoint: server.endpoint });
    await expect(local.decrypt(key, plain, context)).rejects.toMatchObject({ code, resource: key });
    await local.close();
    server.close();
  });

  it('in a region that cannot be reached is told as unavailable', async () => {
    const local = createKmsClient({ runtime: systemRuntime, endpoint: 'http://127.0.0.1:9' });
    await expect(local.decrypt(key, plain, context)).rejects.toMatchObject({ code: 'item.unavailable' });
    await local.close();
  });
});

async function answering(
  answer: (target: string) => { readonly status: number; readonly body: string },
): Promise<{ readonly endpoint: string; close(): void }> {
  const server: Server = createServer((request, response) => {
    request.resume();
    const { status, body } = answer(String(request.headers['x-amz-target']));
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { endpoint: `http://127.0.0.1:${address.port}`, close: () => void server.close() };
}
