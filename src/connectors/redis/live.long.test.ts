import { Redis } from 'ioredis';
import { afterAll, describe, expect, it } from 'vitest';
import { startRedis, type RedisServer } from '../../../test/servers/index.ts';
import { systemRuntime } from '../../kernel/runtime.ts';
import { captureAll, conformanceContext, restoreAll } from '../conformance.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import type { RestoreContext } from '../contract.ts';
import { connector } from './index.ts';
import { options, type RedisOptions } from './options.ts';
import { numbers } from './seed-for-test.ts';

const servers: RedisServer[] = [];

async function server(
  settings: Record<string, string> = {},
): Promise<{ url: string; client: Redis; one: RedisServer }> {
  const one = await startRedis(settings);
  servers.push(one);
  return { url: one.url, client: new Redis(one.url, { retryStrategy: null }).on('error', () => undefined), one };
}
afterAll(async () => {
  for (const one of servers) await one.stop();
});

function contextFor(url: string, more: Record<string, unknown> = {}): RestoreContext<RedisOptions> {
  return conformanceContext(options.parse({ name: 'cache', url, ...more }), 'local', 'local').context;
}

async function capture(url: string, more: Record<string, unknown> = {}): Promise<MemoryResource> {
  const captured = (await captureAll(connector, contextFor(url, more))).get('cache');
  if (!captured) throw new Error('nothing was captured');
  return captured;
}

async function fill(client: Redis, prefix: string, count: number): Promise<void> {
  const pipeline = client.pipeline();
  for (const one of numbers(count)) pipeline.set(`${prefix}${one}`, `value ${one}`);
  await pipeline.exec();
}

/** Keys at the server, with their values. */
async function all(client: Redis): Promise<Record<string, string | null>> {
  const keys = (await client.keys('*')).sort();
  const values = keys.length === 0 ? [] : await client.mget(...keys);
  return Object.fromEntries(keys.map((key, i) => [key, values[i] ?? null]));
}

/** Until a capture has begun to read keys. */
async function untilDumping(url: string): Promise<void> {
  const client = new Redis(url);
  await client.config('RESETSTAT');
  for (let calls = 0; calls < 50;) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    calls = Number(/cmdstat_dump:calls=(\d+)/.exec(await client.info('commandstats'))?.[1] ?? 0);
  }
  client.disconnect();
}

const asMap = (captured: MemoryResource): Map<string, MemoryResource> => new Map([['cache', captured]]);

describe('a server that goes on while it is captured', () => {
  it('gives every key that was there all the while once, whatever is written, deleted and expires', async () => {
    const { url, client } = await server();
    await fill(client, 'stays:', 3000);
    await fill(client, 'goes:', 2000);
    let writing = true;
    const writer = (async () => {
      for (let i = 0; writing; i++) {
        const pipeline = client.pipeline();
        for (let n = 0; n < 50; n++) {
          pipeline.set(`new:${i}:${n}`, 'x', 'PX', 5);
          pipeline.del(`goes:${(i * 50 + n) % 2000}`);
          pipeline.sadd('grows', `${i}:${n}`);
        }
        await pipeline.exec();
      }
    })();
    const captured = await capture(url, { pipeline: 20 });
    writing = false;
    await writer;
    expect(captured.failures).toEqual([]);
    const keys: string[] = [];
    for await (const { key } of captured.captured.entries('db0')) keys.push(Buffer.from(key).toString());
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.filter((key) => key.startsWith('stays:'))).toHaveLength(3000);
    client.disconnect();
  });

  it('that dies is told, and so is one that is restarted and came back empty', async () => {
    const { url, client, one } = await server();
    await fill(client, 'key:', 5000);
    const slow = { pipeline: 10, pause: 5 };
    const outcomeOf = async (during: () => Promise<unknown>): Promise<unknown> => {
      const context = { ...contextFor(url, slow), runtime: impatient };
      const outcome = captureAll(connector, context).then(
        () => 'captured',
        (error: unknown) => error,
      );
      await untilDumping(url);
      await during();
      return await outcome;
    };
    const restart = async (): Promise<unknown> => await client.call('DEBUG', 'RESTART').catch(String);
    expect(await outcomeOf(restart)).toMatchObject({ code: 'item.changed' });
    const again = new Redis(url, { retryStrategy: null }).on('error', () => undefined);
    await fill(again, 'key:', 5000);
    expect(await outcomeOf(async () => await one.kill())).toMatchObject({ code: 'item.unavailable' });
    for (const each of [client, again]) each.disconnect();
  });
});

describe('a restore', () => {
  it('that is interrupted in the middle goes on when it is run again; a server that dies is told', async () => {
    const [from, to] = [await server(), await server()];
    await fill(from.client, 'key:', 4000);
    const captured = await capture(from.url);
    const abort = new AbortController();
    const context = { ...contextFor(to.url), signal: abort.signal, mode: 'create-missing' as const };
    const events: RestoreContext['events'] = (event) => {
      if (event.type === 'resource.progress' && event.entries > 1000) abort.abort(new Error('enough'));
    };
    await expect(restoreAll(connector, { ...context, events }, asMap(captured))).rejects.toThrow('enough');
    const half = await to.client.dbsize();
    expect(half).toBeGreaterThan(1000);
    expect(half).toBeLessThan(4000);
    const again = contextFor(to.url);
    expect(await restoreAll(connector, again, asMap(captured))).toBe(1);
    expect(await all(to.client)).toEqual(await all(from.client));
    await to.client.flushall();
    const dying: RestoreContext['events'] = (event) => {
      if (event.type === 'resource.progress' && event.entries > 1000) process.kill(to.one.pid, 'SIGKILL');
    };
    const refused = restoreAll(connector, { ...again, events: dying, runtime: impatient }, asMap(captured));
    await expect(refused).rejects.toMatchObject({ code: 'item.unavailable' });
    for (const { client } of [from, to]) client.disconnect();
  });

  it('into a server that speaks no TLS says so', async () => {
    const { one } = await server();
    const context = contextFor(`rediss://:hunter2@127.0.0.1:${one.port}`);
    await expect(captureAll(connector, context)).rejects.toMatchObject({
      code: 'item.unavailable',
      message: expect.not.stringContaining('hunter2') as string,
      hint: expect.stringContaining('TLS') as string,
    });
  });
});

/** Waits a tenth of the time. */
const impatient = {
  ...systemRuntime,
  clock: {
    ...systemRuntime.clock,
    sleep: async (ms: number, signal?: AbortSignal) => await systemRuntime.clock.sleep(ms / 10, signal),
  },
};
