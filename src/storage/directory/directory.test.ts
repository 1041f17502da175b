import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../../test/emulators/index.ts';
import { compileForChild, type Compiled } from '../../../test/storage/compile.ts';
import { asBuffer, utf8 } from '../../kernel/bytes.ts';
import { systemRuntime as runtime, type Runtime } from '../../kernel/runtime.ts';
import { describeObjectStore } from '../conformance.ts';
import { keyDigest } from '../keys.ts';
import { listed, patternBytes } from '../suite/expect.ts';
import { openDirectoryStore } from './index.ts';

const run = promisify(execFile);
const base = await mkdtemp(join(tmpdir(), 'holdfast-directory-'));
let child: Compiled;
let folders = 0;

beforeAll(async () => {
  child = await compileForChild(join(projectRoot, 'test/storage/child.ts'));
});
afterAll(async () => {
  await child.remove();
  await rm(base, { recursive: true, force: true });
});

async function emptyFolder(): Promise<string> {
  const path = join(base, `store-${folders++}`);
  await mkdir(path);
  return path;
}

const conforming = await emptyFolder();
describeObjectStore('directory', () => openDirectoryStore({ path: conforming, runtime }));

describe('a process that dies', () => {
  it('leaves whole objects only, wherever kill -9 meets it', async () => {
    const path = await emptyFolder();
    const store = await openDirectoryStore({ path, runtime });
    for (const wait of [5, 11, 23, 37, 50]) {
      const writer = spawn(process.execPath, [child.path, 'put', path]);
      let printed = '';
      writer.stdout.on('data', (data: Buffer) => (printed += data.toString()));
      await new Promise<void>((resolve) => writer.stdout.once('data', () => resolve()));
      await runtime.clock.sleep(wait);
      writer.kill('SIGKILL');
      await new Promise((resolve) => writer.once('close', resolve));
      const acknowledged = printed.split('\n').slice(0, -1);
      expect(acknowledged.length).toBeGreaterThan(0);
      const objects = await listed(store, '');
      for (const { key } of objects) {
        const content = await store.get(key);
        expect(createHash('sha256').update(content).digest('hex')).toBe(key.slice(3));
      }
      const keys = new Set(objects.map((object) => object.key));
      expect(acknowledged.filter((key) => !keys.has(key))).toEqual([]);
    }
  });

  it('while it holds a claim stops nobody for longer than ten seconds', async () => {
    const path = await emptyFolder();
    let slept = 0;
    const patient: Runtime = {
      ...runtime,
      clock: {
        now: () => runtime.clock.now() + slept,
        async sleep(ms) {
          slept += ms;
        },
      },
    };
    const store = await openDirectoryStore({ path, runtime: patient });
    const first = await store.put('lease', [utf8('1')]);
    for (const token of ['', 'token of the dead']) {
      slept = 0;
      await writeFile(join(path, 'tmp', `claim-${keyDigest('lease')}`), token);
      const version = (await store.stat('lease'))?.version ?? first.version;
      await store.put('lease', [utf8(`after ${token}`)], { ifMatch: version });
      expect(slept).toBeGreaterThanOrEqual(10_000);
      expect(slept).toBeLessThan(11_000);
    }
    expect(await readdir(join(path, 'tmp'))).toEqual([]);
  });

  it('leaves unfinished files, which are removed after a day', async () => {
    const path = await emptyFolder();
    await mkdir(join(path, 'tmp'));
    await writeFile(join(path, 'tmp/1-old'), 'x');
    await writeFile(join(path, 'tmp/2-new'), 'x');
    const longAgo = runtime.clock.now() / 1000 - 25 * 3600;
    await utimes(join(path, 'tmp/1-old'), longAgo, longAgo);
    const store = await openDirectoryStore({ path, runtime });
    expect(await readdir(join(path, 'tmp'))).toEqual(['2-new']);
    expect(await listed(store, '')).toEqual([]);
  });
});

describe('several processes', () => {
  it('keep a counter by ifMatch without losing an update', async () => {
    const path = await emptyFolder();
    const store = await openDirectoryStore({ path, runtime });
    await store.put('counter', [utf8('0')]);
    await Promise.all([1, 2, 3].map(() => run(process.execPath, [child.path, 'count', path, 'counter', '25'])));
    expect(asBuffer(await store.get('counter')).toString()).toBe('75');
    expect(await readdir(join(path, 'tmp'))).toEqual([]);
  });
});

describe('a full disk', () => {
  async function fill(path: string, limit: string): Promise<string> {
    const { stdout } = await run('sh', [
      '-c',
      `${limit} exec "$0" "$@"`,
      process.execPath,
      child.path,
      'fill',
      path,
      '4000000',
    ]);
    return stdout.trim();
  }

  it('is storage.full, leaves nothing behind and keeps what was there', async () => {
    const path = await emptyFolder();
    const store = await openDirectoryStore({ path, runtime });
    await store.put('kept', [utf8('safe')]);
    // 2,000 blocks of 512 bytes: a write over the limit fails for every user, as one on a full disk does.
    expect(await fill(path, 'ulimit -f 2000;')).toBe('storage.full');
    expect((await listed(store, '')).map((object) => object.key)).toEqual(['kept']);
    expect(await readdir(join(path, 'tmp'))).toEqual([]);
    expect(await fill(path, '')).toBe('ok');
    expect(asBuffer(await store.get('kept')).toString()).toBe('safe');
  });

  // A small file system of its own, where this user may mount one; the limit above stands in for it elsewhere.
  it('is told from a file system without space too', async () => {
    const path = await emptyFolder();
    const isMounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', path]).then(
      () => true,
      () => false,
    );
    try {
      expect(await fill(path, isMounted ? '' : 'ulimit -f 2000;')).toBe('storage.full');
      const store = await openDirectoryStore({ path, runtime });
      expect(await listed(store, '')).toEqual([]);
      expect(await readdir(join(path, 'tmp'))).toEqual([]);
      await store.put('small', [utf8('fits')]);
    } finally {
      if (isMounted) await run('umount', [path]);
    }
  });
});

describe('what is in the way', () => {
  it('is named: an object above, objects below', async () => {
    const store = await openDirectoryStore({ path: await emptyFolder(), runtime });
    await store.put('a', [utf8('1')]);
    await store.put('b/c', [utf8('1')]);
    await expect(store.put('a/x', [])).rejects.toMatchObject({ code: 'storage.unsupported' });
    await expect(store.put('b', [])).rejects.toMatchObject({ code: 'storage.unsupported' });
    await expect(store.put('b', [], { ifAbsent: true })).rejects.toMatchObject({ code: 'storage.unsupported' });
    await expect(store.get('b')).rejects.toMatchObject({ code: 'storage.not-found' });
    await expect(store.get('a/x/y')).rejects.toMatchObject({ code: 'storage.not-found' });
    await store.delete('b');
    await store.delete('a/x');
    expect((await listed(store, '')).map((object) => object.key)).toEqual(['a', 'b/c']);
  });

  it('does not create the folder of a store that vanished', async () => {
    const path = await emptyFolder();
    const store = await openDirectoryStore({ path, runtime });
    await rm(path, { recursive: true });
    await expect(store.put('a/b', [utf8('x')])).rejects.toMatchObject({ code: 'storage.unavailable' });
    await expect(readdir(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('keeps foreign files out of the list', async () => {
    const path = await emptyFolder();
    const store = await openDirectoryStore({ path, runtime });
    await store.put('a/b', [utf8('x')]);
    await writeFile(join(path, 'README.txt'), 'not ours');
    await mkdir(join(path, 'lost+found'));
    await writeFile(join(path, 'lost+found/x'), 'not ours');
    await symlink('/etc', join(path, 'link'));
    expect((await listed(store, '')).map((object) => object.key)).toEqual(['a/b']);
  });

  it('is storage.denied where the process may not write', async () => {
    const path = await emptyFolder();
    await chmod(base, 0o755);
    await chmod(path, 0o555);
    const isRoot = process.getuid?.() === 0;
    // The superuser may write everywhere: the child gives its rights up first.
    const nobody = isRoot ? ['65534'] : [];
    const { stdout } = await run(process.execPath, [child.path, 'fill', path, '10', ...nobody]);
    expect(stdout.trim()).toBe('storage.denied');
  });
});

it('writes objects about as fast as the disk syncs them (printed, not judged)', async () => {
  const path = await emptyFolder();
  const store = await openDirectoryStore({ path, runtime });
  const part = patternBytes(512 * 1024, 1);
  const parts = Array.from({ length: 32 }, () => part);
  const rounds = 8;
  const startedAt = runtime.clock.now();
  for (let n = 0; n < rounds; n++) await store.put(`packs/${n}`, parts, { ifAbsent: true });
  const ms = runtime.clock.now() - startedAt;
  const target = `of=${join(path, 'plain')}`;
  const plain = runtime.clock.now();
  for (let n = 0; n < rounds; n++) {
    await run('dd', ['if=/dev/zero', target, 'bs=512k', 'count=32', 'conv=fsync']);
  }
  const rate = (elapsed: number): string => `${Math.round((rounds * 16 * 1000) / Math.max(elapsed, 1))} MiB/s`;
  process.stderr.write(
    `directory store: 16 MiB puts ${rate(ms)}, dd conv=fsync ${rate(runtime.clock.now() - plain)}\n`,
  );
  expect(await listed(store, 'packs/')).toHaveLength(rounds);
});
