import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { giveToServer, startRedis, type RedisServer } from '../../../test/servers/index.ts';
import { Redis } from 'ioredis';
import type { ReachedMoment } from '../../kernel/moment.ts';
import { captureAll, conformanceContext } from '../conformance.ts';
import { connector } from './index.ts';
import { options } from './options.ts';
import { checkRdb } from './rdb-check.ts';
import { openReplica } from './replication.ts';
import { readServer, seedServer } from './seed-for-test.ts';

let server: RedisServer;
let folder: string;

beforeAll(async () => {
  server = await startRedis({ 'repl-diskless-sync': 'yes', 'repl-diskless-sync-delay': '0' });
  await seedServer(server.url);
  folder = await mkdtemp(join(tmpdir(), 'holdfast-rdb-'));
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

async function captureFile(url: string): Promise<Uint8Array> {
  const { context } = conformanceContext(options.parse({ name: 'cache', url, mode: 'rdb' }), 'local', 'local');
  const captured = (await captureAll(connector, context)).get('cache');
  expect(captured?.failures).toEqual([]);
  const entry = await captured?.captured.entry('', 'dump.rdb');
  if (!captured || !entry) throw new Error('nothing was captured');
  expect(connector.live?.directoryOnly?.(captured.captured.ref)).toMatch(/redis-server/);
  return await captured.captured.bytes(entry);
}

async function serversAgree(file: Uint8Array): Promise<void> {
  await giveToServer(folder);
  await writeFile(join(folder, 'dump.rdb'), file, { mode: 0o644 });
  const restored = await startRedis({ dir: folder });
  try {
    expect(await readServer(restored.url)).toEqual(await readServer(server.url));
  } finally {
    await restored.stop();
  }
}

describe('mode rdb', () => {
  it.each(['yes', 'no'])('streams the whole instance (diskless: %s), and a server starts from it', async (diskless) => {
    const client = new Redis(server.url);
    await client.config('SET', 'repl-diskless-sync', diskless);
    client.disconnect();
    await serversAgree(await captureFile(server.url));
  });

  it('gives the file that redis-cli --rdb gets, but for what changes by itself', async () => {
    const path = join(folder, 'cli.rdb');
    await promisify(execFile)(join(server.binFolder, 'redis-cli'), ['-p', String(server.port), '--rdb', path]);
    expect(
      Math.abs(
        (await captureFile(server.url)).length -
          (await promisify(execFile)('stat', ['-c', '%s', path]).then(({ stdout }) => Number(stdout))),
      ),
    ).toBeLessThan(64);
  });
});

describe('the moment that a capture tells', () => {
  it.each(['rdb', 'keys'] as const)('of mode %s begins when it is let begin', async (mode) => {
    const client = new Redis(server.url);
    const told: ReachedMoment[] = [];
    let later: Promise<unknown> | undefined;
    const { context } = conformanceContext(options.parse({ name: 'cache', url: server.url, mode }), 'local', 'local');
    const moment = {
      async begin() {
        await client.set(`prepared-${mode}`, 'x');
        return { held: true };
      },
      reached(one: ReachedMoment) {
        told.push(one);
        later ??= client.set(`later-${mode}`, 'x');
      },
    };
    const captured = (await captureAll(connector, { ...context, moment })).get('cache');
    await later;
    client.disconnect();
    expect(captured?.failures).toEqual([]);
    expect(told.map(({ kind }) => kind)).toEqual([mode === 'rdb' ? 'instant' : 'interval']);
    if (mode === 'keys') {
      expect(await captured?.captured.entry('db0', 'prepared-keys')).toBeDefined();
      return;
    }
    const dump = await captured?.captured.entry('', 'dump.rdb');
    const file = dump && Buffer.from((await captured?.captured.bytes(dump)) ?? []).toString('latin1');
    expect([file?.includes('prepared-rdb'), file?.includes('later-rdb')]).toEqual([true, false]);
    expect(told[0]).toMatchObject({
      position: expect.stringMatching(/^replication [0-9a-f]{40} offset \d+$/) as string,
    });
  });

  it('waits for the end of a snapshot that the server makes for somebody else already', async () => {
    const client = new Redis(server.url);
    await client.config('SET', 'repl-diskless-sync', 'no');
    // Microseconds that each key of the snapshot takes (server.h, rdb_key_save_delay).
    await client.config('SET', 'rdb-key-save-delay', '20000');
    await client.bgsave();
    const { context } = conformanceContext(
      options.parse({ name: 'cache', url: server.url, mode: 'rdb' }),
      'local',
      'local',
    );
    const told: ReachedMoment[] = [];
    let heldAt = 0;
    const moment = {
      async begin() {
        await client.config('SET', 'rdb-key-save-delay', '0');
        await client.set('held', 'x');
        heldAt = Date.now();
        return { held: true };
      },
      reached: (one: ReachedMoment) => void told.push(one),
    };
    const captured = (await captureAll(connector, { ...context, moment })).get('cache');
    client.disconnect();
    expect(captured?.failures).toEqual([]);
    expect((told[0] as ReachedMoment & { readonly kind: 'instant' }).from).toBeGreaterThanOrEqual(heldAt);
    const dump = await captured?.captured.entry('', 'dump.rdb');
    expect(dump && Buffer.from((await captured?.captured.bytes(dump)) ?? []).includes('held')).toBe(true);
  });
});

describe('what a server may do wrong', () => {
  const stands: Server[] = [];
  afterAll(() => {
    for (const one of stands) one.close();
  });

  /** Answers every command with OK until PSYNC, then with this, and hangs up. */
  async function sending(...answers: (string | Buffer)[]): Promise<AsyncGenerator<Uint8Array>> {
    const stand = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (data) => {
        const isAsked = data.includes('PSYNC');
        for (const answer of isAsked ? answers : ['+OK\r\n']) socket.write(answer);
        if (isAsked) socket.end();
      });
    });
    stands.push(stand);
    await new Promise<void>((resolve) => stand.listen(0, '127.0.0.1', resolve));
    const { port } = stand.address() as { port: number };
    const settings = {
      address: { host: '127.0.0.1', port, tls: false, password: 'hunter2' },
      resource: 'redis/cache',
      signal: new AbortController().signal,
      rdbOnly: false,
    };
    return (async function* receive() {
      const replica = await openReplica(settings);
      await replica.begin();
      yield* replica.file();
    })();
  }
  async function received(source: AsyncIterable<Uint8Array>): Promise<string> {
    let text = '';
    for await (const chunk of checkRdb(source, 'redis/cache')) text += Buffer.from(chunk).toString('latin1');
    return text;
  }
  const mark = 'm'.repeat(40);
  const file = `REDIS0009${'x'.repeat(100)}\xff${'\0'.repeat(8)}`;
  const latin = (text: string): Buffer => Buffer.from(text, 'latin1');

  it('sends signs of life, odd pieces, and a mark cut in two: the file is whole', async () => {
    const pieces = ['\n\n+FULLRESYNC abc 0\r\n\n', `$EOF:${mark}\r\n`, latin(file), mark.slice(0, 7), mark.slice(7)];
    expect(await received(await sending(...pieces))).toBe(file);
    expect(await received(await sending('+FULLRESYNC a 0\r\n', `$${file.length}\r\n`, latin(file)))).toBe(file);
  });

  it('breaks off: damaged, in either framing', async () => {
    for (const head of [`$${file.length + 1}\r\n`, `$EOF:${mark}\r\n`])
      await expect(received(await sending('+FULLRESYNC a 0\r\n', head, latin(file)))).rejects.toMatchObject({
        code: 'item.damaged',
      });
  });

  it('sends other bytes than it summed up: damaged', async () => {
    const wrong = `${file.slice(0, -8)}\x01${'\0'.repeat(7)}`;
    await expect(received(await sending('+OK\r\n', `$${wrong.length}\r\n`, latin(wrong)))).rejects.toMatchObject({
      code: 'item.damaged',
      message: expect.stringContaining('checksum') as string,
    });
  });

  it('has no replication, as managed ones: mode keys is named', async () => {
    await expect(received(await sending("-ERR unknown command 'PSYNC'\r\n"))).rejects.toMatchObject({
      code: 'item.denied',
      hint: expect.stringContaining('mode: keys') as string,
    });
  });
});
