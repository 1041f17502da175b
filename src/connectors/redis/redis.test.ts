import { Redis } from 'ioredis';
import { afterAll, describe, expect, it } from 'vitest';
import { startRedis, type RedisServer } from '../../../test/servers/index.ts';
import { captureAll, conformanceContext, describeConnector, restoreAll } from '../conformance.ts';
import { connector } from './index.ts';
import { options, type RedisOptions } from './options.ts';
import { numbers, readServer, seedServer } from './seed-for-test.ts';

const servers: RedisServer[] = [];

async function server(settings: Record<string, string> = {}): Promise<RedisServer> {
  const started = await startRedis(settings);
  servers.push(started);
  return started;
}
afterAll(async () => {
  for (const one of servers) await one.stop();
});

async function damage(url: string): Promise<void> {
  const client = new Redis(url);
  await client.del('user:42', 'list:large', 'events');
  await client.set('user:43', 'Grace');
  await client.srem('set:large', 'member-7');
  await client.hset('hash:large', 'field-1', 'changed');
  await client.persist('hash:large');
  await client.mset(Object.fromEntries(numbers(700).map((one) => [`new:${one}`, one])));
  await client.select(3);
  await client.flushdb();
  await client.select(7);
  await client.set('new database', '1');
  client.disconnect();
}

describeConnector<RedisOptions>('redis', async () => {
  const { url } = await server();
  return {
    connector,
    options: options.parse({ name: 'cache', url }),
    region: 'local',
    leastResources: 1,
    seed: async () => await seedServer(url),
    readBack: async () => await readServer(url),
    damage: async () => await damage(url),
    servedBy: 'Redis 6.2, the server itself',
  };
});

describe('a server of every type', () => {
  it('returns into an empty one, equal by DEBUG DIGEST', async () => {
    const [from, to] = [await server(), await server()];
    await seedServer(from.url);
    const source = conformanceContext(options.parse({ name: 'cache', url: from.url }), 'local', 'local');
    const captured = await captureAll(connector, source.context);
    const target = conformanceContext(options.parse({ name: 'cache', url: to.url }), 'local', 'local');
    const context = { ...target.context, mode: 'create-missing' as const };
    expect(await restoreAll(connector, context, captured)).toBe(3);
    expect(await readServer(to.url)).toEqual(await readServer(from.url));
    expect(await restoreAll(connector, target.context, captured)).toBe(0);
  });
});
