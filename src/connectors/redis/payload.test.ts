import { describe, expect, it } from 'vitest';
import { addressProblem, parseAddress, showAddress } from './address.ts';
import { batchBytes, batchEnd } from './batches.ts';
import { createCrc64 } from './crc64.ts';
import { options } from './options.ts';
import { createPace } from './pace.ts';
import { inOrder, typeOf, versionOf } from './payload.ts';
import { keyFilter, patternProblem } from './patterns.ts';
import { createSeen } from './seen.ts';
import { slotOf } from './slot.ts';

const utf = (text: string): Buffer => Buffer.from(text);

function withFooter(...parts: Buffer[]): Buffer {
  const body = Buffer.concat([...parts, Buffer.from([9, 0])]);
  const crc = createCrc64();
  crc.update(body);
  return Buffer.concat([body, crc.digest()]);
}

describe('payloads', () => {
  it('have the checksum that Redis computes', () => {
    const crc = createCrc64();
    crc.update(utf('1234'));
    crc.update(utf('56789'));
    expect(crc.digest().toString('hex')).toBe(Buffer.from('e9c6d914c4b8d9ca', 'hex').reverse().toString('hex'));
  });

  it('of hash tables are the same in whatever order the server wrote them', () => {
    const pieces = ['\x01b', '\x01a', '\x02ab'].map((text) => Buffer.from(text, 'latin1'));
    const head = Buffer.from([2, 3]);
    const [one, other] = [withFooter(head, ...pieces), withFooter(head, ...pieces.toReversed())];
    expect(one).not.toEqual(other);
    expect(inOrder(one)).toEqual(inOrder(other));
    expect(inOrder(inOrder(one))).toEqual(inOrder(one));
    expect(inOrder(one)).toHaveLength(one.length);
    expect([typeOf(one), versionOf(one)]).toEqual(['set', 9]);
  });

  it('that are not as expected stay as they came', () => {
    const short = withFooter(Buffer.from([2, 9, 1, 0x61]));
    expect(inOrder(short)).toBe(short);
    const long = withFooter(Buffer.from([4, 1, 1, 0x61, 1, 0x62, 7]));
    expect(inOrder(long)).toBe(long);
    expect(typeOf(Buffer.from([99]))).toBe('unknown:99');
  });

  it('of modules name them', () => {
    // ReJSON-RL, version 3, as redis.io documents the identifiers of module types.
    const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    let id = 0n;
    for (const character of 'ReJSON-RL') id = (id << 6n) | BigInt(characters.indexOf(character));
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE((id << 10n) | 3n);
    expect(typeOf(Buffer.concat([Buffer.from([7, 0x81]), bytes]))).toBe('module:ReJSON-RL');
  });
});

describe('slots, patterns, addresses', () => {
  it('puts keys where a cluster does', () => {
    expect(['123456789', 'foo', '{user}:1', 'user', '{}a', 'a{b'].map((key) => slotOf(utf(key)))).toEqual([
      0x31c3,
      12182,
      slotOf(utf('user')),
      5474,
      slotOf(utf('{}a')),
      slotOf(utf('a{b')),
    ]);
  });

  it('matches keys by bytes, as KEYS does', () => {
    const matches = (include: string[], key: string | Buffer, exclude: string[] = []): boolean =>
      keyFilter({ include, exclude })(Buffer.from(key as string));
    expect(matches(['user:*'], 'user:1\n2')).toBe(true);
    expect(matches(['user:?'], 'user:12')).toBe(false);
    expect(matches(['h[a-c]t'], 'hbt')).toBe(true);
    expect(matches(['h[^a-c]t'], 'hbt')).toBe(false);
    expect(matches(['a\\*b'], 'a*b')).toBe(true);
    expect(matches(['a\\*b'], 'axb')).toBe(false);
    expect(matches(['ü*'], 'über')).toBe(true);
    expect(matches([], Buffer.from([255]), ['?'])).toBe(false);
    expect(matches(['*'], 'session:1', ['session:*'])).toBe(false);
    expect(patternProblem('a[b')).toBeDefined();
    expect(patternProblem('')).toBeDefined();
  });

  it('refuses options that would be without effect', () => {
    const url = 'redis://localhost';
    for (const more of [{ include: ['a*'] }, { exclude: ['a*'] }, { databases: [1] }])
      expect(options.safeParse({ url, mode: 'rdb', ...more }).success).toBe(false);
    expect(options.safeParse({ url, mode: 'rdb' }).success).toBe(true);
    expect(options.safeParse({ url, include: ['a[b'] }).success).toBe(false);
  });

  it('reads addresses and never says what is in them', () => {
    const address = parseAddress('rediss://ada:p%40ss@example.com:6380');
    expect(address).toEqual({ host: 'example.com', port: 6380, tls: true, username: 'ada', password: 'p@ss' });
    expect(showAddress(address)).toBe('rediss://example.com:6380');
    expect(showAddress(parseAddress('redis://[::1]'))).toBe('redis://[::1]:6379');
    for (const wrong of [
      'not hunter2',
      'http://:hunter2@a',
      'redis://:hunter2@h/3',
      'redis://:hunter2%@h',
      'redis://h?db=1',
    ])
      expect(addressProblem(wrong)).toMatch(/^(?!.*hunter2)./);
  });
});

describe('what a live server is asked for', () => {
  it('sends large keys alone, and small ones together', () => {
    const sizes = [10, 20, batchBytes * 2, 30, undefined, 40, 50];
    const ends: number[] = [];
    for (let at = 0; at < sizes.length;) ends.push((at = batchEnd(sizes, at, 2)));
    expect(ends).toEqual([2, 3, 4, 5, 7]);
  });

  it('shrinks batches that hold the server for longer than half a round trip, and pays with pauses', async () => {
    const slept: number[] = [];
    const clock = { now: () => 0, sleep: async (ms: number) => void slept.push(await Promise.resolve(ms)) };
    const settings = { clock, signal: new AbortController().signal, latency: 400 };
    const pace = createPace({ pipeline: 100, share: 0.5, pause: 0 }, settings);
    await pace.done(16, 40);
    expect(pace.keys).toBe(32);
    await pace.done(32, 2000);
    expect(pace.keys).toBe(3);
    expect(slept).toEqual([2]);
    pace.felt([900, 900, 900]);
    await pace.done(3, 300);
    expect(pace.keys).toBe(1);
    for (let i = 0; i < 20; i++) {
      pace.felt([400]);
      await pace.done(pace.keys, 10);
    }
    expect(pace.keys).toBe(100);
  });

  it('keeps to a number of keys a second', async () => {
    let now = 0;
    const clock = { now: () => now, sleep: async (ms: number) => void (now += await Promise.resolve(ms)) };
    const settings = { clock, signal: new AbortController().signal, latency: 400 };
    const pace = createPace({ pipeline: 100, share: 1, pause: 0, keysPerSecond: 1000 }, settings);
    for (let i = 0; i < 50; i++) await pace.done(100, 10);
    expect(now).toBeGreaterThan(4900);
    expect(now).toBeLessThan(5200);
  });

  it('folds keys that SCAN gives again', () => {
    const seen = createSeen();
    expect([utf('a'), utf('b'), utf('a')].map((key) => seen.add(key))).toEqual([true, true, false]);
    for (let i = 0; i < 60_000; i++) seen.add(utf(`key ${i}`));
    expect(seen.add(utf('key 20000'))).toBe(false);
    expect(seen.add(utf('key 59999'))).toBe(false);
  });
});
