import { array, assert, asyncProperty, constantFrom, nat, record } from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRedis, type RedisServer } from '../../../test/servers/index.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { captureAll, conformanceContext } from '../conformance.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import type { ActionOutcome, RestoreContext, UndoFile } from '../contract.ts';
import { heldUndo, refusedUndo, type HeldUndo } from '../undo-for-test.ts';
import { connector } from './index.ts';
import { options, type RedisOptions } from './options.ts';
import { pipe, stateOf } from './undo-for-test.ts';

const modes = ['create-missing', 'revert-changed', 'exact'] as const;
const farAway = (Math.floor(Date.now() / 1000) + 3 * 24 * 3600) * 1000;

let server: RedisServer;
let client: Redis;
let captured: MemoryResource;

beforeAll(async () => {
  server = await startRedis();
  client = new Redis(server.url);
  await seed();
  const found = (await captureAll(connector, contextFor('exact'))).get('cache');
  if (!found) throw new Error('nothing was captured');
  captured = found;
});
afterAll(async () => {
  client.disconnect();
  await server.stop();
});

function contextFor(mode: (typeof modes)[number], undo?: UndoFile): RestoreContext<RedisOptions> {
  const { context } = conformanceContext(options.parse({ name: 'cache', url: server.url }), 'local', 'local');
  const only = { collection: 'db2', prefix: Buffer.from('t:1:') };
  return { ...context, mode, only, ...(undo ? { undo } : {}) };
}

/** Two tenants' keys of every type in database 2, and what is nobody's elsewhere. */
async function seed(): Promise<void> {
  await client.flushall();
  await client.select(0);
  await client.set('t:1:0', 'in another database');
  await client.select(2);
  for (const tenant of ['t:1:', 't:2:']) {
    for (let i = 0; i < 3; i++) {
      await client.set(`${tenant}${i}`, `text ${i}`);
      await client.rpush(`${tenant}list${i}`, 'a', 'b', Buffer.from([0, 13, 10, 255]));
      await client.hset(`${tenant}hash${i}`, { a: '1', [`f${i}`]: 'x'.repeat(100 * i) });
      await client.zadd(`${tenant}zset${i}`, i, 'a', 2, 'b');
      await client.sadd(`${tenant}set${i}`, ...Array.from({ length: 600 * i + 1 }, (_, n) => `m${n}`));
      await client.set(`${tenant}soon${i}`, 'x', 'PXAT', farAway + i * 60_000);
    }
    await client.set(
      Buffer.concat([Buffer.from(tenant), Buffer.from([0xff, 0, 13, 10, 0x24])]),
      Buffer.alloc(200_000, 7),
    );
    await client.xadd(`${tenant}stream`, '1-1', 'a', 'b');
    await client.xgroup('CREATE', `${tenant}stream`, 'group', '0');
  }
}

const names = [
  '0',
  '1',
  'list0',
  'hash1',
  'zset2',
  'set0',
  'set2',
  'soon0',
  'soon2',
  'stream',
  'new1',
  'new\r\n2',
  'new3',
];
const damage = record({
  act: nat(5),
  tenant: constantFrom('t:1:', 't:1:', 't:2:'),
  name: constantFrom(...names),
  n: nat(99),
});

/** To whatever is there: wrong types are part of it. */
async function harm(list: readonly { act: number; tenant: string; name: string; n: number }[]): Promise<void> {
  for (const { act, tenant, name, n } of list) {
    const key = tenant + name;
    if (act === 0) await client.del(key);
    if (act === 1) await client.set(key, `changed ${n}`);
    if (act === 2) await client.pexpireat(key, farAway + n * 1000);
    if (act === 3) await client.persist(key);
    if (act === 4 && (await client.exists(key)) === 1) await client.rename(key, `${tenant}new1`);
    if (act === 5) {
      await client.del(key);
      await client.hset(key, Object.fromEntries(Array.from({ length: n + 1 }, (_, i) => [`f${i}`, String(i)])));
    }
  }
}

async function restore(context: RestoreContext<RedisOptions>): Promise<(ActionOutcome | undefined)[]> {
  const outcomes: (ActionOutcome | undefined)[] = [];
  for (const action of (await connector.live?.plan(context, captured.captured)) ?? [])
    outcomes.push(await connector.live?.apply(context, action, captured.captured));
  return outcomes;
}

async function takeBack(undo: HeldUndo): Promise<void> {
  for (const content of undo.files.values()) expect(await pipe(server, content)).toContain('errors: 0');
}

test('whatever was done, redis-cli takes each restore back, also twice', async () => {
  await assert(
    asyncProperty(constantFrom(...modes), array(damage, { minLength: 1, maxLength: 12 }), async (mode, list) => {
      await seed();
      const whole = await stateOf(client);
      await harm(list);
      const before = await stateOf(client);
      const undo = heldUndo();
      for (const outcome of await restore(contextFor(mode, undo))) expect(outcome?.failures).toEqual([]);
      if (mode === 'exact') {
        const own = (state: ReadonlyMap<string, string>): unknown =>
          [...state].filter(([key]) => key.startsWith('2 t:1:'));
        expect(own(await stateOf(client))).toEqual(own(whole));
      }
      await takeBack(undo);
      expect(await stateOf(client)).toEqual(before);
      await takeBack(undo);
      expect(await stateOf(client)).toEqual(before);
    }),
    { numRuns: 12, seed: Date.now() % 2 ** 31, endOnFailure: true },
  );
}, 60_000);

test('says in its first words what it is, and holds nothing but commands', async () => {
  await seed();
  await harm([{ act: 1, tenant: 't:1:', name: '0', n: 1 }]);
  const undo = heldUndo();
  await restore(contextFor('exact', undo));
  expect([...undo.files.keys()]).toEqual(['.db2.write-keys.resp']);
  expect(undo.text('.db2.write-keys.resp')).toContain(`ECHO\r\n`);
  expect(undo.text('.db2.write-keys.resp')).toContain(
    `redis-cli -u redis://127.0.0.1:${server.port} --pipe < THIS_FILE`,
  );
});

test('where it cannot be written nothing is changed, and it is written once', async () => {
  await seed();
  await harm([0, 1, 5].map((act, n) => ({ act, tenant: 't:1:', name: `new${n + 1}`, n })));
  await client.del('t:1:0');
  const before = await stateOf(client);
  const full = new HoldfastError('machine.disk-full', 'no space is left');
  const refused = contextFor('exact', refusedUndo(full));
  for (const action of (await connector.live?.plan(refused, captured.captured)) ?? [])
    await expect(connector.live?.apply(refused, action, captured.captured)).rejects.toBe(full);
  expect(await stateOf(client)).toEqual(before);
  // Half restored, then tried again within one run: what was there first stays in the file.
  const once = contextFor('exact', heldUndo());
  await restore(once);
  await client.set('t:1:0', 'somebody');
  await expect(restore(once)).rejects.toThrow('written twice');
  expect(await client.get('t:1:0')).toBe('somebody');
});

test('what changes after it was written is left alone, and told', async () => {
  await seed();
  await client.set('t:1:0', 'changed');
  await client.mset('t:1:new1', 'extra', 't:1:new2', 'extra');
  const held = heldUndo();
  const meanwhile: UndoFile = {
    write: held.write,
    async create(ending, content) {
      const name = await held.create(ending, content);
      const keys = ending.includes('write') ? ['t:1:0', 't:1:1'] : ['t:1:new2', 't:1:new3'];
      await client.mset(Object.fromEntries(keys.map((key) => [key, 'somebody'])));
      return name;
    },
  };
  const outcomes = await restore(contextFor('exact', meanwhile));
  const failures = outcomes.flatMap((outcome) => outcome?.failures ?? []).map(({ message }) => message.split(' ')[0]);
  expect(new Set(failures)).toEqual(new Set(['t:1:0', 't:1:1', 't:1:new2', 't:1:new3']));
  expect(await client.mget('t:1:0', 't:1:1', 't:1:new1', 't:1:new2', 't:1:new3')).toEqual([
    'somebody',
    'somebody',
    null,
    'somebody',
    'somebody',
  ]);
});
