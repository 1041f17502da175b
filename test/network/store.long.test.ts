import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { asBuffer, utf8 } from '../../src/kernel/bytes.ts';
import type { ObjectStore } from '../../src/storage/contract.ts';
import { withRetry } from '../../src/storage/decorators/retry.ts';
import { openStore } from '../../src/storage/open.ts';
import { openS3Store } from '../../src/storage/s3/index.ts';
import { listed, patternBytes } from '../../src/storage/suite/expect.ts';
import { startBucketStage, type BucketStage } from './bucket-stage.ts';
import { quickRuntime } from './quick-runtime.ts';
import type { NetworkFault, TcpProxy } from './tcp-proxy.ts';

const idleMs = 400;
const content = patternBytes(200_000, 3);
let stage: BucketStage;
let proxy: TcpProxy;
/** Through the proxy, and around it. */
let store: ObjectStore;
let direct: ObjectStore;
let runtime: ReturnType<typeof quickRuntime>;

beforeAll(async () => {
  stage = await startBucketStage();
  ({ proxy } = stage);
});
afterAll(() => stage.stop());
beforeEach(async () => {
  runtime = quickRuntime();
  const prefix = `p${performance.now()}`;
  direct = await openS3Store({ bucket: 'vault', prefix, runtime });
  const bare = await openS3Store({ bucket: 'vault', prefix, endpoint: proxy.endpoint, runtime, idleMs });
  store = withRetry(bare, { runtime, attempts: 4 });
  await direct.put('kept', [content]);
});
afterEach(async () => {
  proxy.clear();
  await store.close();
  await direct.close();
});

async function bytesOf(key: string): Promise<Buffer> {
  return asBuffer(await direct.get(key));
}

const cuts: readonly NetworkFault[] = [0, 0.1, 0.5, 0.9].flatMap((at) => [
  { kind: 'cut-request', at },
  { kind: 'cut-answer', at },
]);
const nameOf = (fault: NetworkFault): string => ('at' in fault ? `${fault.kind} at ${fault.at * 100} %` : fault.kind);

interface Operation {
  readonly name: string;
  readonly request: RegExp;
  run(): Promise<unknown>;
  /** What is there afterwards, read around the proxy: `done` or as before. */
  check(done: boolean): Promise<void>;
}

const operations: readonly Operation[] = [
  {
    name: 'get',
    request: /^GET .*\/kept/,
    run: async () => expect(asBuffer(await store.get('kept')).equals(content)).toBe(true),
    check: async () => expect((await bytesOf('kept')).equals(content)).toBe(true),
  },
  {
    name: 'get of a range',
    request: /^GET .*\/kept/,
    async run() {
      const piece = await store.get('kept', { offset: 1000, length: 50_000 });
      expect(asBuffer(piece).equals(content.subarray(1000, 51_000))).toBe(true);
    },
    check: async () => expect((await bytesOf('kept')).equals(content)).toBe(true),
  },
  {
    name: 'put of a new object',
    request: /^PUT .*\/new/,
    run: () => store.put('new', [content.subarray(0, 1000), content.subarray(1000)], { ifAbsent: true }),
    async check(done) {
      const found = await direct.stat('new');
      if (found || done) expect((await bytesOf('new')).equals(content)).toBe(true);
    },
  },
  {
    name: 'put over an object',
    request: /^PUT .*\/kept/,
    run: () => store.put('kept', [utf8('other')]),
    async check(done) {
      const now = await bytesOf('kept');
      if (done || now.length < 10) expect(now.toString()).toBe('other');
      else expect(now.equals(content)).toBe(true);
    },
  },
  {
    name: 'list',
    request: /^GET .*list-type/,
    run: async () => expect((await listed(store, '')).map(({ key }) => key)).toEqual(['kept']),
    check: async () => undefined,
  },
  {
    name: 'stat',
    request: /^HEAD .*\/kept/,
    run: async () => expect((await store.stat('kept'))?.size).toBe(content.length),
    check: async () => undefined,
  },
  {
    name: 'delete',
    request: /^DELETE .*\/kept/,
    run: () => store.delete('kept'),
    async check(done) {
      if (done) expect(await direct.stat('kept')).toBeUndefined();
      else if (await direct.stat('kept')) expect((await bytesOf('kept')).equals(content)).toBe(true);
    },
  },
];

describe.each(operations)('$name', ({ request, run, check }) => {
  it.each(cuts.map((fault) => [nameOf(fault), fault] as const))('is done in spite of %s', async (_name, fault) => {
    proxy.arm({ fault, request, times: 1 });
    await run();
    await check(true);
  });

  it('ends with an error that can be tried again when it happens every time', async () => {
    for (const fault of cuts) {
      proxy.arm({ fault, request });
      if (fault.kind === 'cut-answer' && request.source.startsWith('^PUT')) {
        // It has had its effect, and that is found out.
        await run();
        await check(true);
        proxy.clear();
        if (await direct.stat('new')) await direct.delete('new');
        continue;
      }
      await expect(run(), nameOf(fault)).rejects.toMatchObject({
        code: expect.stringMatching(/^storage\.(unavailable|truncated)$/) as string,
        row: { nature: 'retriable' },
      });
      proxy.clear();
      await check(false);
    }
  });
});

describe('a put that took effect and lost its answer', () => {
  it('is found by reading back, and not sent again', async () => {
    const before = proxy.passed.length;
    proxy.arm({ fault: { kind: 'cut-answer', at: 0 }, request: /^PUT/, times: 1 });
    const { version } = await store.put('once', [content], { ifAbsent: true });
    const sent = proxy.passed.slice(before).map((name) => name.split(' ')[0]);
    expect(sent).toEqual(['PUT', 'HEAD']);
    expect((await direct.stat('once'))?.version).toBe(version);
  });

  it('is not taken for ours when another writer was first', async () => {
    await direct.put('once', [content]);
    proxy.arm({ fault: { kind: 'cut-request', at: 0.5 }, request: /^PUT/, times: 1 });
    await expect(store.put('once', [utf8('mine')], { ifAbsent: true })).rejects.toMatchObject({
      code: 'storage.exists',
    });
  });
});

describe('a store that asks for patience', () => {
  it.each([429, 503])('by %i and Retry-After is left alone for so long', async (status) => {
    const body = '<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>';
    const fault: NetworkFault = { kind: 'answer', status, headers: ['retry-after: 7'], body };
    proxy.arm({ fault, request: /\/kept/, times: 2 });
    await store.get('kept');
    expect(runtime.pauses.filter((ms) => ms === 7000)).toHaveLength(2);
    proxy.arm({ fault, request: /\/kept/ });
    await expect(store.stat('kept')).rejects.toMatchObject({ code: 'storage.throttled' });
  });

  it('for ever is not waited for longer than a minute each time', async () => {
    const fault: NetworkFault = { kind: 'answer', status: 503, headers: ['retry-after: 86400'], body: '' };
    proxy.arm({ fault, request: /\/kept/, times: 1 });
    await store.get('kept');
    expect(Math.max(...runtime.pauses)).toBe(60_000);
  });
});

describe('a connection on which nothing moves', () => {
  it.each<NetworkFault>([{ kind: 'stall-answer', at: 0.5 }, { kind: 'stall-request' }])(
    'is given up, and the request made again: $kind',
    async (fault) => {
      proxy.arm({ fault, request: /\/kept/, times: 1 });
      expect(asBuffer(await store.get('kept')).equals(content)).toBe(true);
      proxy.arm({ fault, request: /\/new/, times: 1 });
      await store.put('new', [content], { ifAbsent: true });
      expect((await bytesOf('new')).equals(content)).toBe(true);
    },
  );
});

describe('a slow connection', () => {
  it('is not given up while something moves', async () => {
    await direct.put('slow', [content.subarray(0, 800)]);
    proxy.arm({ fault: { kind: 'drip-answer', bytes: 100, everyMs: 100 }, request: /\/slow/, times: 1 });
    const startedAt = performance.now();
    expect(await store.get('slow')).toHaveLength(800);
    expect(performance.now() - startedAt).toBeGreaterThan(2 * idleMs);
    expect(runtime.pauses).toEqual([]);
  });
});

describe('what cannot be reached', () => {
  const opening = (address: string) => openStore(address, { runtime, retry: { attempts: 2 } });

  it('is named where its name has no address', async () => {
    await expect(opening('s3+http://no-such-host.invalid/vault')).rejects.toMatchObject({
      code: 'storage.unavailable',
      message: expect.stringContaining('no-such-host.invalid') as string,
      hint: expect.stringContaining('DNS') as string,
    });
  });

  it('is told where it does not speak TLS', async () => {
    await expect(opening(`s3+${stage.endpoint.replace('http:', 'https:')}/vault`)).rejects.toMatchObject({
      code: 'storage.unavailable',
    });
  });
});
