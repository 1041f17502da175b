import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type RedisServer } from '../../../test/servers/index.ts';
import { captureAll, conformanceContext, restoreAll } from '../conformance.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import { heldUndo } from '../undo-for-test.ts';
import { connector } from './index.ts';
import { options } from './options.ts';
import { numbers } from './seed-for-test.ts';
import { slotOf } from './slot.ts';
import { pipe } from './undo-for-test.ts';

const keyCount = 1500;
let nodes: RedisServer[] = [];
let clients: Redis[] = [];

beforeAll(async () => {
  ({ nodes, clients } = await startCluster());
});
afterAll(async () => {
  await stopCluster(nodes, clients);
});

async function startCluster(): Promise<{ nodes: RedisServer[]; clients: Redis[] }> {
  const nodes: RedisServer[] = [];
  for (let i = 0; i < 3; i++) nodes.push(await startRedis({ 'cluster-enabled': 'yes' }));
  const clients = nodes.map(({ url }) => new Redis(url, { enableReadyCheck: false }));
  for (const [i, client] of clients.entries()) {
    const [first, last] = [Math.ceil((i * 16384) / 3), Math.ceil(((i + 1) * 16384) / 3) - 1];
    const slots = Array.from({ length: last - first + 1 }, (_, n) => first + n);
    await client.cluster('ADDSLOTS', ...slots);
    if (i > 0) await client.call('CLUSTER', 'MEET', '127.0.0.1', nodes[0]?.port ?? 0);
  }
  await until(async () => {
    const infos = await Promise.all(clients.map(async (client) => await client.cluster('INFO')));
    return infos.every((info) => info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3'));
  });
  return { nodes, clients };
}

async function stopCluster(nodes: readonly RedisServer[], clients: readonly Redis[]): Promise<void> {
  for (const client of clients) client.disconnect();
  for (const node of nodes) await node.stop();
}

async function until(done: () => Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + 30_000;
  while (!(await done())) {
    if (Date.now() > giveUpAt) throw new Error('the cluster did not come up');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function clientOf(key: string): Redis | undefined {
  return clients[Math.floor((slotOf(Buffer.from(key)) * 3) / 16384)];
}

/** One key at a time, at its node: no client in between that could hide something. */
async function set(key: string, value: string): Promise<void> {
  await clientOf(key)?.set(key, value);
}

/** Keys that begin with `key:`, node by node. */
async function values(): Promise<Record<string, string | null>[]> {
  return await Promise.all(
    clients.map(async (client) => {
      const keys = (await client.keys('key:*')).sort();
      return Object.fromEntries(await Promise.all(keys.map(async (key) => [key, await client.get(key)] as const)));
    }),
  );
}

async function nodeIds(): Promise<string[]> {
  return await Promise.all(clients.map(async (client) => await client.cluster('MYID')));
}

/** Moves a slot with its keys, as redis-cli --cluster reshard does. */
async function moveSlot(slot: number, from: number, to: number, finish = true): Promise<void> {
  const ids = await nodeIds();
  const [source, target] = [clients[from] as Redis, clients[to] as Redis];
  await target.cluster('SETSLOT', slot, 'IMPORTING', ids[from] as string);
  await source.cluster('SETSLOT', slot, 'MIGRATING', ids[to] as string);
  const keys = (await source.call('CLUSTER', 'GETKEYSINSLOT', slot, 10_000)) as string[];
  const some = finish ? keys : keys.slice(0, Math.ceil(keys.length / 2));
  for (const key of some) await source.migrate('127.0.0.1', nodes[to]?.port ?? 0, key, 0, 5000);
  if (!finish) return;
  for (const client of [target, source, ...clients]) await client.cluster('SETSLOT', slot, 'NODE', ids[to] as string);
}

function contextFor(url: string, more: Record<string, unknown> = {}) {
  return conformanceContext(options.parse({ name: 'cache', url, ...more }), 'local', 'local').context;
}

async function capture(more: Record<string, unknown> = {}): Promise<MemoryResource> {
  const captured = (await captureAll(connector, contextFor(nodes[1]?.url ?? '', more))).get('cache');
  if (!captured) throw new Error('nothing was captured');
  return captured;
}

async function capturedKeys({ captured }: MemoryResource): Promise<Set<string>> {
  const keys = new Set<string>();
  for await (const { key } of captured.entries('db0')) keys.add(Buffer.from(key).toString());
  return keys;
}

describe('a cluster of three nodes', { timeout: 180_000 }, () => {
  const keys = numbers(keyCount).map((one) => (Number(one) % 3 === 0 ? `{moving}:${one}` : `key:${one}`));

  it('gives all keys while a slot moves during the scan, and while another stays half-way', async () => {
    for (const key of keys) await set(key, `value of ${key}`);
    const slot = slotOf(Buffer.from('{moving}'));
    const owner = Math.floor((slot * 3) / 16384);
    const capturing = capture({ pipeline: 20 });
    await moveSlot(slot, owner, (owner + 1) % 3);
    const during = await capturing;
    expect(during.failures).toEqual([]);
    expect(await capturedKeys(during)).toEqual(new Set(keys));
    await moveSlot(slot, (owner + 1) % 3, owner, false);
    const halfWay = await capture({ cluster: true });
    expect(halfWay.failures).toEqual([]);
    expect(await capturedKeys(halfWay)).toEqual(new Set(keys));
  });

  it('takes keys back at their nodes, and deletes what is new', async () => {
    const other = await startCluster();
    try {
      const captured = await capture();
      const context = contextFor(other.nodes[0]?.url ?? '');
      const whole = new Map([['cache', captured]]);
      const extra = numbers(1000).find((one) => slotOf(Buffer.from(one)) < 5000) ?? '';
      await other.clients[0]?.set(extra, 'new');
      expect(await restoreAll(connector, context, whole)).toBe(2);
      const sizes = await Promise.all(other.clients.map(async (client) => await client.dbsize()));
      expect(sizes.reduce((a, b) => a + b)).toBe(keys.length);
      expect(sizes.every((size) => size > 0)).toBe(true);
      expect(await restoreAll(connector, context, whole)).toBe(0);
    } finally {
      await stopCluster(other.nodes, other.clients);
    }
  });

  it('has a restore taken back by one file for each primary', async () => {
    const captured = await capture();
    const damage = keys.filter((key) => key.startsWith('key:')).slice(0, 90);
    for (const [i, key] of damage.entries()) await set(key, `changed ${i}`);
    for (const one of numbers(30)) await set(`key:new:${one}`, 'extra');
    const damaged = await values();
    const undo = heldUndo();
    const only = { collection: 'db0', prefix: Buffer.from('key:') };
    const context = { ...contextFor(nodes[0]?.url ?? ''), only, undo };
    expect(await restoreAll(connector, context, new Map([['cache', captured]]))).toBe(2);
    expect(await values()).not.toEqual(damaged);
    expect(undo.files.size).toBe(6);
    for (const [ending, commands] of undo.files) {
      const node = nodes.find(({ port }) => ending.endsWith(`.127.0.0.1-${port}.resp`));
      if (!node) throw new Error(`${ending} is for no node`);
      expect(await pipe(node, commands)).toContain('errors: 0');
    }
    expect(await values()).toEqual(damaged);
    for (const one of numbers(30)) await clientOf(`key:new:${one}`)?.del(`key:new:${one}`);
    for (const key of damage) await set(key, `value of ${key}`);
  });

  it('gives one RDB file for each shard', async () => {
    const captured = await capture({ mode: 'rdb' });
    expect(captured.failures).toEqual([]);
    const files = captured.dump().filter((line) => line.includes('.rdb blob'));
    expect(files).toHaveLength(3);
  });

  it('reads replicas where the source prefers them', async () => {
    const node = await startRedis({ 'cluster-enabled': 'yes' });
    const replica = new Redis(node.url, { enableReadyCheck: false });
    try {
      await replica.call('CLUSTER', 'MEET', '127.0.0.1', nodes[0]?.port ?? 0);
      const [primary = ''] = await nodeIds();
      await until(async () => String(await replica.call('CLUSTER', 'NODES')).includes(primary));
      await replica.call('CLUSTER', 'REPLICATE', primary);
      await until(async () => (await replica.info('replication')).includes('master_link_status:up'));
      await until(async () => JSON.stringify(await clients[1]?.cluster('SLOTS')).includes(String(node.port)));
      const reads = async (): Promise<number> => {
        const stats = await replica.info('commandstats');
        return Number(/cmdstat_dump:calls=(\d+)/.exec(stats)?.[1] ?? 0);
      };
      expect(await reads()).toBe(0);
      const captured = await capture({ preferReplicas: true });
      expect(captured.failures).toEqual([]);
      expect(await capturedKeys(captured)).toEqual(new Set(keys));
      expect(await reads()).toBeGreaterThan(0);
    } finally {
      replica.disconnect();
      await node.stop();
    }
  });
});
