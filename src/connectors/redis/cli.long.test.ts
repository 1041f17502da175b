import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quickRepository } from '../../../test/cli/quick-repository.ts';
import { holdfast, workFolder, type CliResult } from '../../../test/cli/run-cli.ts';
import { freePort, startRedis, type RedisServer } from '../../../test/servers/index.ts';
import { readServer, seedServer } from './seed-for-test.ts';
import { pipe } from './undo-for-test.ts';

const password = 'pl4nted%hunter2';
let [cache, other]: RedisServer[] = [];
let folder: Awaited<ReturnType<typeof workFolder>>;
/** Everything that any command said. */
let said = '';

beforeAll(async () => {
  [cache, other] = await Promise.all([startRedis(), startRedis()]);
  await seedServer(cache.url);
  const client = new Redis(cache.url);
  await client.set('user:42:cart', 'three');
  client.disconnect();
  for (const { url } of [cache, other]) {
    const client = new Redis(url);
    await client.config('SET', 'requirepass', password);
    client.disconnect();
  }
  folder = await workFolder();
  await quickRepository(folder.path, 'passphrase');
  await writeFile(
    join(folder.path, 'holdfast.yaml'),
    `version: 1
estate: acme
repository: ./vault
tenants: { sources: { cache: { prefix: "user:{tenant}:" } } }
sources:
  - { type: redis, name: cache, url: "\${REDIS_URL}" }
  - { type: redis, name: other, url: "\${OTHER_URL}" }
`,
  );
});
afterAll(async () => {
  await cache?.stop();
  await other?.stop();
  await folder.remove();
});

function urlOf({ port }: { readonly port: number }, secret = password): string {
  return `redis://:${encodeURIComponent(secret)}@127.0.0.1:${port}`;
}

async function run(args: readonly string[], env: Record<string, string> = {}): Promise<CliResult> {
  if (!cache || !other) throw new Error('no servers');
  const urls = { REDIS_URL: urlOf(cache), OTHER_URL: urlOf(other) };
  const result = await holdfast(args, {
    cwd: folder.path,
    env: { HOLDFAST_PASSPHRASE: 'passphrase', ...urls, ...env },
  });
  said += result.stdout + result.stderr;
  return result;
}

function own(server: RedisServer | undefined): string {
  return urlOf(server ?? { port: 0 });
}

describe('the command line', { timeout: 180_000 }, () => {
  it('captures, shows and lists keys, also large ones, alone', async () => {
    const client = new Redis(own(cache));
    // More than 16 MiB altogether: sizes are asked for, and this one goes alone.
    await client.set('huge', randomBytes(20_000_000));
    await client.rpush('huge list', ...Array.from({ length: 50 }, () => randomBytes(100_000)));
    client.disconnect();
    expect(await run(['snapshot', 'cache', '--json'])).toMatchObject({ status: 0 });
    const shown = await run(['show', 'latest:redis/cache/db0/user:42']);
    expect(JSON.parse(shown.stdout)).toMatchObject({ key: 'user:42', type: 'string' });
    expect((await run(['ls', 'latest:redis/cache'])).stdout).toContain('redis/cache/db15');
  });

  it('restores into another source by its name, and finds it equal; one key alone; without that source, nothing', async () => {
    const into = ['--to', 'live', '--yes', '--rename', 'cache=other'];
    const restored = await run(['restore', 'latest:redis/cache', ...into, '--plan-out', 'plan.json']);
    expect(restored).toMatchObject({ status: 0 });
    said += await readFile(join(folder.path, 'plan.json'), 'utf8');
    expect(await run(['restore', '--plan', 'plan.json', '--yes'])).toMatchObject({ status: 0 });
    expect(await readServer(own(other))).toEqual(await readServer(own(cache)));
    const client = new Redis(own(other));
    await client.del('user:42', 'user:43');
    const one = await run(['restore', 'latest:redis/cache/db0/user:42', ...into, '--json']);
    expect(one).toMatchObject({ status: 0 });
    expect(await client.mget('user:42', 'user:43')).toEqual(['Ada', null]);
    await client.del('user:42', 'int');
    await client.mset('user:44', 'new', 'other', 'new');
    const prefix = ['restore', 'latest:redis/cache/db0/user:*', ...into, '--mode', 'exact'];
    expect(await run(prefix)).toMatchObject({ status: 0 });
    expect(await client.mget('user:42', 'user:43', 'user:44', 'other', 'int')).toEqual([
      'Ada',
      'Grace',
      null,
      'new',
      null,
    ]);
    client.disconnect();
    const nowhere = await run(['restore', 'latest:redis/cache', '--to', 'live', '--yes', '--rename', 'cache=nobody']);
    expect(nowhere.stdout + nowhere.stderr).toContain(
      'no source of the configuration has the type redis and the name nobody',
    );
  });

  it('brings a tenant back, and redis-cli takes that back', async () => {
    const client = new Redis(own(cache));
    await client.mset('user:42:cart', 'damaged', 'user:42:new', 'extra', 'user:43:cart', 'of another');
    const before = await readServer(own(cache));
    const into = ['tenant', 'restore', '42', '--mode', 'exact', '--undo', 'back', '--yes'];
    const restored = await run(into);
    expect(restored).toMatchObject({ status: 0 });
    expect(restored.stdout + restored.stderr).toContain('readable by you only');
    expect(await client.mget('user:42:cart', 'user:42:new', 'user:43:cart')).toEqual(['three', null, 'of another']);
    client.disconnect();
    const [folder42 = ''] = await readdir(join(folder.path, 'back'));
    const files = join(folder.path, 'back', folder42, 'redis');
    for (const name of await readdir(files)) {
      expect((await stat(join(files, name))).mode & 0o777).toBe(0o600);
      if (cache) expect(await pipe(cache, await readFile(join(files, name)), password)).toContain('errors: 0');
    }
    expect(await readServer(own(cache))).toEqual(before);
    await rm(join(folder.path, 'back'), { recursive: true });
  });

  it('never says the password: not when it is wrong, nobody is there, or the address is none', async () => {
    const port = await freePort();
    for (const [url, words] of [
      [urlOf(cache ?? { port: 0 }, `${password}-wrong`), 'refused the user or the password'],
      [urlOf({ port }), 'ECONNREFUSED'],
      [`rediss://:${encodeURIComponent(password)}@127.0.0.1:${port}`, 'ECONNREFUSED'],
      [`redis://:${password}@[`, 'not an address'],
      [`http://:${encodeURIComponent(password)}@host`, 'begins with redis://'],
    ] as const) {
      const result = await run(['snapshot', 'cache', '--json-lines', '--verbose'], { REDIS_URL: url });
      expect(result.status).not.toBe(0);
      expect(result.stdout + result.stderr).toContain(words);
      expect(result.stderr).not.toMatch(/^\s+at /m);
    }
    for (const verb of [['discover'], ['drift'], ['doctor'], ['snapshots'], ['ledger', 'latest']]) await run(verb);
    for (const secret of [password, encodeURIComponent(password), 'hunter2']) expect(said).not.toContain(secret);
    const stored = await readdir(folder.path);
    expect(stored.sort()).toEqual(['holdfast.yaml', 'plan.json', 'vault']);
  });
});
