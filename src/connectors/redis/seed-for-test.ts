import { Redis } from 'ioredis';

/** Keys of every type and encoding of Redis 6.2, odd names, expiries, in three databases. Nothing expires within a day. */
export async function seedServer(url: string): Promise<void> {
  const client = new Redis(url);
  try {
    await seedStrings(client);
    await seedCollections(client);
    await seedStreams(client);
    await client.select(3);
    await client.mset('user:42', 'in three', 'only:3', 'x');
    await client.pexpireat('only:3', farAway + 3);
    await client.select(15);
    await client.hset('settings', { theme: 'dark', size: '12' });
  } finally {
    client.disconnect();
  }
}

/** The same moment for every run of a process: about three days ahead. */
export const farAway = Math.floor(Date.now() / 1000) * 1000 + 3 * 24 * 3600 * 1000 + 123;

async function seedStrings(client: Redis): Promise<void> {
  await client.set('user:42', 'Ada');
  await client.set('user:43', 'Grace', 'PXAT', farAway);
  await client.set('int', '-9007199254740993');
  await client.set('empty', '');
  await client.set('binary', Buffer.from([0, 255, 13, 10, 0x80, 0xc0]));
  await client.set('large', Buffer.alloc(300_000, 'compressible '));
  await client.append('raw-number', '12');
  await client.setbit('bitmap', 70_000, 1);
  await client.pfadd('visitors', ...numbers(5000));
  await client.geoadd('places', 13.361389, 38.115556, 'Palermo', 15.087269, 37.502669, 'Catania');
  await client.set(Buffer.from([0xff, 0xfe, 0x00, 0x0a]), 'key that is no text');
  await client.set('', 'the empty key');
  await client.set('a/b//c/', 'slashes');
  await client.set('line\nbreak\\ and % ümlaut', 'odd');
  await client.set(Buffer.alloc(64 * 1024, 0x6b), 'a long key', 'PXAT', farAway + 1);
}

async function seedCollections(client: Redis): Promise<void> {
  await client.rpush('list:small', 'a', '1', '', Buffer.from([0, 1, 255]));
  await client.rpush('list:large', ...numbers(5000).map((one) => `item ${one} ${'x'.repeat(60)}`));
  await client.sadd('set:ints', ...numbers(100));
  await client.sadd('set:large', ...numbers(3000).map((one) => `member-${one}`));
  await client.hset('hash:small', { name: 'Ada', born: '1815', empty: '' });
  await client.hset('hash:large', Object.fromEntries(numbers(2000).map((one) => [`field-${one}`, `value ${one}`])));
  await client.pexpireat('hash:large', farAway + 7);
  await client.zadd('zset:small', 1.5, 'a', '-inf', 'b', '+inf', 'c', 2, '7');
  await client.zadd('zset:large', ...numbers(2000).flatMap((one) => [Number(one) / 7, `member-${one}`]));
}

async function seedStreams(client: Redis): Promise<void> {
  await client.call('XGROUP', 'CREATE', 'events', 'workers', '0', 'MKSTREAM');
  await client.call('XGROUP', 'CREATE', 'events', 'idle', '$');
  for (const one of numbers(300))
    await client.xadd('events', `${1000 + Number(one)}-0`, 'n', one, 'text', 'x'.repeat(20));
  await client.xreadgroup('GROUP', 'workers', 'first', 'COUNT', 50, 'STREAMS', 'events', '>');
  await client.xreadgroup('GROUP', 'workers', 'second', 'COUNT', 10, 'STREAMS', 'events', '>');
  await client.xack('events', 'workers', '1003-0', '1004-0');
  await client.xdel('events', '1007-0', '1299-0');
}

export function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(i));
}

/** What the server itself says its keys are, over all databases: values, whatever their order in memory, and expiries. */
export async function readServer(url: string): Promise<unknown> {
  const client = new Redis(url);
  try {
    const digest = await client.call('DEBUG', 'DIGEST');
    const keyspace = (await client.info('keyspace')).replaceAll(/avg_ttl=\d+/g, '');
    const expiries: unknown[] = [];
    for (const [database, key] of [
      [0, 'user:43'],
      [0, 'hash:large'],
      [3, 'only:3'],
    ] as const) {
      await client.select(database);
      const [time, left] = ((await client.multi().time().pttl(key).exec()) ?? []).map(([, reply]) => reply);
      const [seconds, rest] = (Array.isArray(time) ? time : []) as unknown[];
      const at = Number(seconds) * 1000 + Math.floor(Number(rest) / 1000) + Number(left);
      // A millisecond may pass between the two.
      expiries.push(Number(left) < 0 ? left : Math.round(at / 10));
    }
    return { digest, keyspace, expiries };
  } finally {
    client.disconnect();
  }
}
