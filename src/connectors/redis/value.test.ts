import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type RedisServer } from '../../../test/servers/index.ts';
import { connector } from './index.ts';
import { readListpack } from './packed.ts';
import { decompress } from './rdb-string.ts';
import { sameValue } from './same-value.ts';
import { numbers } from './seed-for-test.ts';
import { readValue } from './value.ts';

let server: RedisServer;
let client: Redis;

beforeAll(async () => {
  server = await startRedis();
  client = new Redis(server.url);
});
afterAll(async () => {
  client.disconnect();
  await server.stop();
});

async function dump(key: string): Promise<Buffer> {
  const payload = await client.dumpBuffer(key);
  if (payload === null) throw new Error(`${key} is not there`);
  return payload;
}

async function itemsOf(key: string): Promise<string[] | undefined> {
  return readValue(await dump(key))?.items.map((item) => item.toString('latin1'));
}

describe('values in payloads of a server', () => {
  it('strings: bytes, integers of every width, compressed', async () => {
    for (const text of ['', '7', '-129', '70000', '-3000000000', 'plain', 'x'.repeat(20), 'abcabc'.repeat(5000)]) {
      await client.set('string', text);
      expect(await itemsOf('string')).toEqual([text]);
    }
  });

  it('the same elements, however they are kept', async () => {
    const long = 'y'.repeat(70);
    const members = [
      '1',
      '-1',
      '12',
      '13',
      '300',
      '-70000',
      '9000000',
      '5000000000',
      '-5000000000000',
      'text',
      '',
      'z'.repeat(300),
    ];
    await client.rpush('list', ...members, long.repeat(300));
    expect(await itemsOf('list')).toEqual([...members, long.repeat(300)]);
    const short = members.slice(0, -1);
    await client.hset('hash', Object.fromEntries(short.map((one) => [one, `${one}!`])));
    const small = await dump('hash');
    const pairs = [...short].sort().flatMap((one) => [one, `${one}!`, '']);
    expect(await itemsOf('hash')).toEqual(pairs);
    await client.hset('hash', { large: long });
    await client.hdel('hash', 'large');
    expect((await dump('hash'))[0]).not.toBe(small[0]);
    expect(sameValue(await dump('hash'), small)).toBe(true);
    await client.hset('hash', { more: '1' });
    expect(sameValue(await dump('hash'), small)).toBe(false);
  });

  it('sets of integers and of others, sorted sets with every kind of score', async () => {
    await client.sadd('set', ...numbers(20), '-40000', '5000000000');
    const ints = await dump('set');
    await client.sadd('set', 'x');
    await client.srem('set', 'x');
    expect((await dump('set'))[0]).not.toBe(ints[0]);
    expect(sameValue(await dump('set'), ints)).toBe(true);
    await client.zadd('zset', 1.5, 'a', '-inf', 'b', '+inf', 'c', 3, '7', -0.1, 'd');
    const small = await dump('zset');
    await client.zadd('zset', 1, 'y'.repeat(70));
    await client.zrem('zset', 'y'.repeat(70));
    expect((await dump('zset'))[0]).not.toBe(small[0]);
    expect(sameValue(await dump('zset'), small)).toBe(true);
    expect(await itemsOf('zset')).toEqual(['7', '3', 'a', '1.5', 'b', '-Infinity', 'c', 'Infinity', 'd', '-0.1']);
  });

  it('streams differ by what is pending', async () => {
    await client.xadd('events', '1-1', 'a', '1');
    await client.call('XGROUP', 'CREATE', 'events', 'workers', '0');
    const before = await dump('events');
    expect(sameValue(before, await dump('events'))).toBe(true);
    await client.xreadgroup('GROUP', 'workers', 'one', 'STREAMS', 'events', '>');
    expect(readValue(await dump('events'))?.items.map(String)).toContain('workers');
    expect(sameValue(before, await dump('events'))).toBe(false);
  });
});

describe('what Redis 7 writes', () => {
  it('listpacks with every kind of entry', () => {
    const entry = (...bytes: number[]): number[] => [...bytes, bytes.length];
    const body = [
      ...entry(5),
      ...entry(0x82, 0x61, 0x62),
      ...entry(0xdf, 0xff),
      ...entry(0xe0, 0x01, 0x7a),
      ...entry(0xf1, 0x00, 0x80),
      ...entry(0xf2, 0xff, 0xff, 0x7f),
      ...entry(0xf3, 1, 0, 0, 0x80),
      ...entry(0xf4, 0, 0, 0, 0, 0, 0, 0, 0x80),
      ...entry(0xf0, 1, 0, 0, 0, 0x71),
    ];
    const items = readListpack(Buffer.from([0, 0, 0, 0, 9, 0, ...body, 0xff]));
    expect(items.map(String)).toEqual([
      '5',
      'ab',
      '-1',
      'z',
      '-32768',
      '8388607',
      '-2147483647',
      '-9223372036854775808',
      'q',
    ]);
  });

  it('bytes that are no value are none, wherever they are cut', async () => {
    await client.hset('cut', { a: 'b', c: 'd'.repeat(30) });
    const payload = await dump('cut');
    for (let length = 1; length < payload.length - 10; length++) {
      const value = readValue(payload.subarray(0, length));
      expect(value?.items.length ?? 0).toBe(0);
    }
    expect(() => decompress(Buffer.from([0x20, 0x05]), 3)).toThrow(RangeError);
  });
});

it('drift compares rows by what they hold', async () => {
  await client.hset('drift', { a: '1' });
  const row = async (): Promise<unknown> =>
    connector.comparable?.(
      { collection: 'db0', key: 'drift', part: 'content' },
      { key: 'drift', rdbVersion: 9, dump: (await dump('drift')).toString('base64') },
    );
  const before = await row();
  await client.hset('drift', { large: 'y'.repeat(100) });
  expect(await row()).not.toEqual(before);
  await client.hdel('drift', 'large');
  expect(await row()).toEqual(before);
});
