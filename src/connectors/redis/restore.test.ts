import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type RedisServer } from '../../../test/servers/index.ts';
import { captureAll, conformanceContext, restoreAll } from '../conformance.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import type { RestoreContext } from '../contract.ts';
import { connector } from './index.ts';
import { options, type RedisOptions } from './options.ts';

let started: RedisServer;
let client: Redis;

beforeAll(async () => {
  started = await startRedis();
  client = new Redis(started.url);
});
afterAll(async () => {
  client.disconnect();
  await started.stop();
});

/** The one server, empty. */
async function server(): Promise<{ url: string }> {
  await client.flushall();
  await client.select(0);
  return started;
}

function contextFor(url: string, more: Record<string, unknown> = {}): RestoreContext<RedisOptions> {
  return conformanceContext(options.parse({ name: 'cache', url, ...more }), 'local', 'local').context;
}

async function capture(url: string, more: Record<string, unknown> = {}): Promise<MemoryResource> {
  const captured = (await captureAll(connector, contextFor(url, more))).get('cache');
  if (!captured) throw new Error('nothing was captured');
  return captured;
}

/** Keys at the server, with their values. */
async function all(client: Redis): Promise<Record<string, string | null>> {
  const keys = (await client.keys('*')).sort();
  const values = keys.length === 0 ? [] : await client.mget(...keys);
  return Object.fromEntries(keys.map((key, i) => [key, values[i] ?? null]));
}

const asMap = (captured: MemoryResource): Map<string, MemoryResource> => new Map([['cache', captured]]);

describe('a restore', () => {
  it('creates what is missing only, puts back what differs, or deletes what is new, as its mode says', async () => {
    const { url } = await server();
    await client.mset('a', '1', 'b', '2', 'c', '3');
    const captured = await capture(url);
    const damage = async (): Promise<void> => {
      await client.del('a');
      await client.mset('b', 'changed', 'd', 'new');
    };
    await damage();
    await restoreAll(connector, { ...contextFor(url), mode: 'create-missing' }, asMap(captured));
    expect(await all(client)).toEqual({ a: '1', b: 'changed', c: '3', d: 'new' });
    await damage();
    await restoreAll(connector, { ...contextFor(url), mode: 'revert-changed' }, asMap(captured));
    expect(await all(client)).toEqual({ a: '1', b: '2', c: '3', d: 'new' });
    await damage();
    await restoreAll(connector, { ...contextFor(url), mode: 'exact' }, asMap(captured));
    expect(await all(client)).toEqual({ a: '1', b: '2', c: '3' });
  });

  it('brings one tenant back exactly, and touches no other', async () => {
    const { url } = await server();
    await client.mset('t:1:a', '1', 't:1:b', '2', 't:10:a', '3', 'other', '4');
    const captured = await capture(url);
    await client.del('t:1:a', 't:10:a', 'other');
    await client.mset('t:1:b', 'changed', 't:1:c', 'new', 't:10:b', 'new');
    const mapping = connector.tenants?.mapping.parse({ prefix: 't:{tenant}:' });
    const range = await connector.tenants?.part?.(captured.captured, { mapping }, '1');
    const only = range && { collection: range.collection, prefix: range.key };
    expect(only).toBeDefined();
    await restoreAll(connector, { ...contextFor(url), mode: 'exact', ...(only ? { only } : {}) }, asMap(captured));
    expect(await all(client)).toEqual({ 't:1:a': '1', 't:1:b': '2', 't:10:b': 'new' });
  });

  it('goes under another prefix, into another database, and to a part of the keys', async () => {
    const { url } = await server();
    await client.mset('old:1', 'one', 'old:2', 'two', 'other', 'x');
    const captured = await capture(url);
    const rename = (name: string): string => name.replace(/^db0\/old:/, 'db4/new:');
    const context = contextFor(url);
    await restoreAll(connector, { ...context, mode: 'revert-changed', rename }, asMap(captured));
    await client.select(4);
    expect(await all(client)).toEqual({ 'new:1': 'one', 'new:2': 'two' });
    await client.select(0);
    expect(await all(client)).toEqual({ 'old:1': 'one', 'old:2': 'two', other: 'x' });
    await expect(restoreAll(connector, { ...context, rename }, asMap(captured))).rejects.toMatchObject({
      code: 'usage.invalid',
    });
    await client.flushall();
    const only = { collection: 'db0', prefix: Buffer.from('old:') };
    await client.mset('old:3', 'new', 'unrelated', 'stays');
    await restoreAll(connector, { ...context, only }, asMap(captured));
    expect(await all(client)).toEqual({ 'old:1': 'one', 'old:2': 'two', unrelated: 'stays' });
  });

  it('leaves out what has expired since, and what patterns leave out then or now is not deleted', async () => {
    const { url } = await server();
    await client.mset('session:1', 'x', 'user:1', 'y');
    await client.set('soon', 'gone', 'PX', 2500);
    const captured = await capture(url, { exclude: ['session:*'] });
    while ((await client.exists('soon')) === 1) await new Promise((resolve) => setTimeout(resolve, 50));
    await client.del('user:1');
    const actions = await connector.live?.plan(contextFor(url), captured.captured);
    expect(actions?.map(({ title }) => title)).toEqual(['write keys of db0 (1 missing, 1 expired since and left out)']);
    expect(actions?.[0]?.ledger).toMatchObject([{ class: 'lost', what: 'expired keys', count: 1 }]);
    await restoreAll(connector, contextFor(url), asMap(captured));
    expect(await all(client)).toEqual({ 'session:1': 'x', 'user:1': 'y' });
  });
});
