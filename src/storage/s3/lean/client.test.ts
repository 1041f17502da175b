import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { asBuffer, utf8 } from '../../../kernel/bytes.ts';
import { systemRuntime } from '../../../kernel/runtime.ts';
import { createLeanClient, type LeanClient, type LeanSettings } from './client.ts';
import { createCredentials } from './credentials.ts';
import type { Target } from './target.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(handler: Handler, host = '127.0.0.1'): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().once('end', () => handler(request, response));
  });
  await new Promise<void>((go) => server.listen(0, host, go));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((go) => server.close(go));
  });
  const { port } = server.address() as AddressInfo;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function targetAt(host: string, region = 'us-east-1'): Target {
  return { origin: `http://${host}`, host, path: '/bucket/', region, secure: false };
}

function clientOf(host: string, settings: Partial<LeanSettings> = {}): LeanClient {
  const credentials = createCredentials(
    async () => ({ accessKeyId: 'id', secretAccessKey: 'secret' }),
    systemRuntime.clock,
  );
  const client = createLeanClient({
    runtime: systemRuntime,
    credentials,
    target: targetAt(host),
    targetIn: async (region) => targetAt(host, region),
    connections: 4,
    idleMs: 5000,
    connectMs: 5000,
    ...settings,
  });
  closing.push(() => client.close());
  return client;
}

function refuse(response: ServerResponse, status: number, code: string, more = ''): void {
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>said &amp; done</Message>${more}</Error>`);
}

function regionOf({ headers }: IncomingMessage): string {
  return String(headers.authorization).split('/')[2] ?? '';
}

describe('a request', () => {
  it('reaches an IPv6 address with a port, and its path arrives as the key is', async () => {
    const seen: string[] = [];
    const host = await serve((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.host}`);
      response.end('body');
    }, '::1');
    const answer = await clientOf(host).send({ method: 'GET', key: 'a/../b c//é' });
    expect(asBuffer(answer.body).toString()).toBe('body');
    expect(seen).toEqual([`GET /bucket/a/../b%20c//%C3%A9 ${host}`]);
  });

  it('is refused with the name, words and request id of the store', async () => {
    const host = await serve((_, response) => {
      response.setHeader('x-amz-request-id', 'r1').setHeader('retry-after', '7');
      refuse(response, 503, 'SlowDown');
    });
    await expect(clientOf(host).send({ method: 'GET', key: 'a' })).rejects.toMatchObject({
      name: 'SlowDown',
      message: 'said & done',
      retryAfterMs: 7000,
      $metadata: { httpStatusCode: 503, requestId: 'r1' },
    });
  });

  it('keeps its connection, also after a HEAD', async () => {
    const sockets = new Set<unknown>();
    const host = await serve((request, response) => {
      sockets.add(request.socket);
      response.end();
    });
    const client = clientOf(host, { connections: 1 });
    for (const method of ['HEAD', 'GET', 'PUT', 'DELETE', 'HEAD'] as const) await client.send({ method, key: 'a' });
    expect(sockets.size).toBe(1);
  });
});

describe('what the store puts right', () => {
  it('is the region, once and for all', async () => {
    const regions: string[] = [];
    const host = await serve((request, response) => {
      regions.push(regionOf(request));
      if (regionOf(request) === 'eu-west-1') response.end();
      else refuse(response, 400, 'AuthorizationHeaderMalformed', '<Region>eu-west-1</Region>');
    });
    const client = clientOf(host);
    await client.send({ method: 'GET', key: 'a' });
    await client.send({ method: 'GET', key: 'b' });
    expect(regions).toEqual(['us-east-1', 'eu-west-1', 'eu-west-1']);
  });

  it('is the clock', async () => {
    const theirs = new Date(Date.UTC(2031, 0, 1));
    const dates: string[] = [];
    const host = await serve((request, response) => {
      const date = String(request.headers['x-amz-date']);
      dates.push(date);
      response.setHeader('date', theirs.toUTCString());
      if (date.startsWith('20310101T0000')) response.end();
      else refuse(response, 403, 'RequestTimeTooSkewed');
    });
    const client = clientOf(host);
    await client.send({ method: 'GET', key: 'a' });
    await client.send({ method: 'GET', key: 'b' });
    expect(dates).toHaveLength(3);
  });

  it('is the credentials, where there are newer ones, and otherwise it is told', async () => {
    const tokens: string[] = [];
    const host = await serve((request, response) => {
      const token = String(request.headers['x-amz-security-token']);
      tokens.push(token);
      if (token === 'new') response.end();
      else refuse(response, 400, 'ExpiredToken');
    });
    let newest = 'old';
    const provider = async () => ({ accessKeyId: 'id', secretAccessKey: 's', sessionToken: newest });
    const client = clientOf(host, { credentials: createCredentials(provider, systemRuntime.clock) });
    await expect(client.send({ method: 'GET', key: 'a' })).rejects.toMatchObject({ name: 'ExpiredToken' });
    newest = 'new';
    await client.send({ method: 'GET', key: 'a' });
    expect(tokens).toEqual(['old', 'old', 'new']);
  });

  it('is the host, for one request, with its body', async () => {
    const bodies: string[] = [];
    const other = await serve((request, response) => {
      bodies.push(`${request.url} ${request.headers['content-length']} ${request.headers.host}`);
      response.end();
    });
    const host = await serve((_, response) => {
      response.setHeader('location', `http://${other}/bucket/a`);
      refuse(response, 307, 'TemporaryRedirect');
    });
    await clientOf(host).send({ method: 'PUT', key: 'a', body: [utf8('four'), utf8('five')] });
    expect(bodies).toEqual([`/bucket/a 8 ${other}`]);
  });

  it('is not followed out of TLS, nor for ever', async () => {
    let asked = 0;
    const host = await serve((request, response) => {
      asked++;
      refuse(response, 400, 'AuthorizationHeaderMalformed', `<Region>r-${regionOf(request)}</Region>`);
    });
    await expect(clientOf(host).send({ method: 'GET', key: 'a' })).rejects.toMatchObject({
      name: 'AuthorizationHeaderMalformed',
    });
    expect(asked).toBe(4);
  });
});

it('renews credentials before they end', async () => {
  let now = 0;
  let given = 0;
  const clock = { ...systemRuntime.clock, now: () => now };
  const credentials = createCredentials(
    async () => ({ accessKeyId: `id${++given}`, secretAccessKey: 's', expiration: new Date(now + 3_600_000) }),
    clock,
  );
  expect((await credentials.current()).accessKeyId).toBe('id1');
  now = 3_000_000;
  expect((await credentials.current()).accessKeyId).toBe('id1');
  now = 3_400_000;
  const both = await Promise.all([credentials.current(), credentials.current()]);
  expect(both.map(({ accessKeyId }) => accessKeyId)).toEqual(['id2', 'id2']);
});

describe('hedged reads', () => {
  it('ask again when an answer is late, take the first, and stay few', async () => {
    let gets = 0;
    const host = await serve((_, response) => {
      gets++;
      const late = gets > 100 && gets % 10 === 0;
      setTimeout(() => response.end('x'), late ? 3000 : 0);
    });
    const client = clientOf(host);
    const read = (): Promise<unknown> => client.send({ method: 'GET', key: 'a', hedged: true });
    for (let i = 0; i < 100; i++) await read();
    expect(client.hedged).toBeLessThan(5);
    const before = client.hedged;
    const startedAt = performance.now();
    for (let i = 0; i < 25; i++) await read();
    expect(performance.now() - startedAt).toBeLessThan(2500);
    expect(client.hedged - before).toBeGreaterThanOrEqual(2);
  });

  it('are not more than a twentieth, however slow the store becomes', async () => {
    let slow = 0;
    const host = await serve((_, response) => void setTimeout(() => response.end('x'), slow));
    const client = clientOf(host, { connections: 64 });
    const read = (): Promise<unknown> => client.send({ method: 'GET', key: 'a', hedged: true });
    for (let i = 0; i < 70; i++) await read();
    slow = 150;
    await Promise.all(Array.from({ length: 100 }, read));
    expect(client.hedged).toBeGreaterThan(0);
    expect(client.hedged).toBeLessThanOrEqual(13);
  });
});
