import { Lambda } from '@aws-sdk/client-lambda';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMinistack, useEndpoints, type Emulator } from '../../../test/emulators/index.ts';
import { utf8 } from '../../kernel/bytes.ts';
import { captureAll, conformanceContext, restoreAll } from '../conformance.ts';
import { connector } from './index.ts';

const region = 'us-east-1';
let emulator: Emulator;
let storage: CodeStorage;
let putBack: () => void;
let lambda: Lambda;

interface CodeStorage {
  readonly endpoint: string;
  answer: 'whole' | 'denied' | 'truncated' | 'damaged';
  downloads: number;
  close(): void;
}

/** Ours, not an emulator: stands for the storage behind `Code.Location`, whose answers can go wrong. */
async function startCodeStorage(target: string): Promise<CodeStorage> {
  const server: Server = createServer((incoming, outgoing) => void handle(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const storage: CodeStorage = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: 'whole',
    downloads: 0,
    close: () => void server.close(),
  };
  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const path = incoming.url ?? '/';
    if (path.startsWith('/stored/')) return serve(decodeURIComponent(path.slice('/stored/'.length)), outgoing);
    const body: Uint8Array[] = [];
    for await (const part of incoming) body.push(part as Uint8Array);
    const method = incoming.method ?? 'GET';
    const headers = incoming.headers as Record<string, string>;
    const answer = await fetch(`${target}${path}`, {
      method,
      headers: { authorization: headers['authorization'] ?? '', 'content-type': headers['content-type'] ?? '' },
      ...(body.length > 0 ? { body: Buffer.concat(body) } : {}),
    });
    const text = (await answer.text()).replace(
      /"Location": ?"([^"]+)"/,
      (_, location: string) =>
        `"Location": "${storage.endpoint}/stored/${encodeURIComponent(location)}?X-Amz-Signature=never-to-be-shown"`,
    );
    outgoing.writeHead(answer.status, {
      'content-type': 'application/json',
      'x-amzn-errortype': answer.headers.get('x-amzn-errortype') ?? '',
    });
    outgoing.end(text);
  }
  async function serve(key: string, outgoing: ServerResponse): Promise<void> {
    storage.downloads += 1;
    const [known = ''] = key.split('?X-Amz-Signature=never');
    const bytes = new Uint8Array(await (await fetch(known)).arrayBuffer());
    if (storage.answer === 'denied') return void outgoing.writeHead(403).end('<Error/>');
    outgoing.writeHead(200, { 'content-length': bytes.length });
    if (storage.answer === 'damaged') return void outgoing.end(bytes.map((byte) => byte ^ 1));
    if (storage.answer === 'whole') return void outgoing.end(bytes);
    outgoing.write(bytes.subarray(0, bytes.length / 2), () => outgoing.destroy());
  }
  return storage;
}

beforeAll(async () => {
  emulator = await startMinistack();
  storage = await startCodeStorage(emulator.endpoint);
  putBack = useEndpoints({ all: 'http://127.0.0.1:9', services: { lambda: storage.endpoint } });
  lambda = new Lambda({ region });
});
afterAll(async () => {
  putBack();
  storage.close();
  await emulator.stop();
});

async function seed(name: string): Promise<void> {
  await lambda.createFunction({
    FunctionName: name,
    Role: 'arn:aws:iam::123456789012:role/worker',
    Runtime: 'nodejs20.x',
    Handler: 'index.handler',
    Code: { ZipFile: utf8(`first code of ${name}`) },
  });
}

describe('lambda-functions: code', () => {
  it('captures the code of each version and publishes them again in order', async () => {
    await seed('api');
    await lambda.publishVersion({ FunctionName: 'api' });
    await lambda.updateFunctionCode({ FunctionName: 'api', ZipFile: utf8('second code of api') });
    await lambda.publishVersion({ FunctionName: 'api' });
    await lambda.updateFunctionCode({ FunctionName: 'api', ZipFile: utf8('third code of api') });
    await lambda.createAlias({ FunctionName: 'api', Name: 'live', FunctionVersion: '1' });
    const digests = async (): Promise<unknown> =>
      (await lambda.listVersionsByFunction({ FunctionName: 'api' })).Versions?.map((v) => [v.Version, v.CodeSha256]);
    const before = await digests();
    const { context } = conformanceContext({}, region, 'regional');
    const captured = await captureAll(connector, context);
    expect(captured.get('api')?.failures).toEqual([]);
    await lambda.deleteFunction({ FunctionName: 'api' });
    await restoreAll(connector, context, captured);
    expect(await digests()).toEqual(before);
    expect(await restoreAll(connector, context, captured)).toBe(0);
  });

  it('does not download again what it has', async () => {
    const { context } = conformanceContext({}, region, 'regional');
    const first = await captureAll(connector, context);
    storage.downloads = 0;
    const second = await captureAll(connector, context, first);
    expect(storage.downloads).toBe(0);
    expect(second.get('api')?.dump()).toEqual(first.get('api')?.dump());
  });

  it.each([
    ['denied', 'item.denied'],
    ['truncated', 'item.unavailable'],
    ['damaged', 'item.damaged'],
  ] as const)('costs one item when a download is %s', async (answer, code) => {
    await seed(answer);
    storage.answer = answer;
    const { context } = conformanceContext({}, region, 'regional');
    const captured = (await captureAll(connector, context)).get(answer);
    storage.answer = 'whole';
    expect(captured?.failures.map((failure) => failure.code)).toEqual([code]);
    const shown = captured?.failures.map((failure) => `${failure.message} ${failure.hint} ${String(failure.cause)}`);
    expect(shown?.join()).not.toContain('never-to-be-shown');
    expect(shown?.join()).toContain(`function.zip of lambda-functions/${answer}`);
    expect(await captured?.captured.entry('', 'config.json')).toBeDefined();
  });
});
