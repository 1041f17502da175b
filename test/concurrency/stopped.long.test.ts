import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDirectoryStore } from '../../src/storage/directory/index.ts';
import { fastRuntime } from '../crash/fast-time.ts';
import { projectRoot } from '../emulators/index.ts';
import { contentsOf, createSmall, openSmall, snapshotOf } from '../repository/small-repository.ts';
import { compileForChild, type Compiled } from '../storage/compile.ts';
import { digestOf } from './model.ts';
import { gone, kept, wanted } from './stopped-contents.ts';

const hour = 3_600_000;
const longestSession = hour;

let compiled: Compiled;
let root = '';

beforeAll(async () => {
  compiled = await compileForChild(join(projectRoot, 'test/concurrency/child.ts'));
  root = await mkdtemp(join(tmpdir(), 'holdfast-stopped-'));
}, 600_000);
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
  await compiled.remove();
});

interface Writer {
  readonly process: ChildProcess;
  /** What it said last, when it has ended. */
  readonly ended: Promise<string>;
}

/** A writer that has stopped itself. */
async function stoppedWriter(vault: string, at: readonly string[]): Promise<Writer> {
  const child = spawn(process.execPath, [compiled.path, vault, ...at], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const output = createInterface({ input: child.stdout });
  const ended = Promise.all([once(child, 'exit'), once(output, 'close')]).then(() => lines.at(-1) ?? '');
  await new Promise<void>((resolve) => {
    output.on('line', (line) => {
      lines.push(line);
      if (line === 'stopping') resolve();
    });
    output.on('close', resolve);
  });
  return { process: child, ended };
}

/** Makes all that is in the store so much older: its time is the file system's. */
async function grow(vault: string, ms: number): Promise<void> {
  for (const { parentPath, name } of (await readdir(vault, { recursive: true, withFileTypes: true })).filter((one) =>
    one.isFile(),
  )) {
    const path = join(parentPath, name);
    const { atimeMs, mtimeMs } = await stat(path);
    await utimes(path, atimeMs / 1000, (mtimeMs - ms) / 1000);
  }
}

const calls = [
  ['list', 'marks/', 'after'],
  ['put', 'index/', 'before'],
  ['put', 'snapshots/', 'before'],
  ['put', 'snapshots/', 'after'],
] as const;

it.each(calls)(
  'a process stopped at %s %s (%s) by SIGSTOP across mark and sweep stores a whole snapshot or none',
  { timeout: 300_000 },
  async (...at) => {
    const vault = join(root, at.join('-').replaceAll('/', ''));
    const runtime = fastRuntime(Date.now());
    const store = await openDirectoryStore({ path: vault, runtime, create: true });
    const others = await createSmall({ store, runtime, longestSession, packTarget: 16 * 1024 });
    await snapshotOf(others, kept);
    const forgotten = await snapshotOf(others, gone);
    const writer = await stoppedWriter(vault, at);
    // Its snapshot is there already: what it needs is spared.
    const isSeen = at[1] === 'snapshots/' && at[2] === 'after';
    try {
      await store.delete(`snapshots/${forgotten.id}`);
      expect((await others.prune({ maxUnused: 0 })).waiting).toHaveLength(1);
      await grow(vault, 3 * hour);
      expect((await others.prune({ maxUnused: 0 })).swept.packs).toBeGreaterThan(isSeen ? -1 : 0);
    } finally {
      writer.process.kill('SIGCONT');
    }
    const said = await writer.ended;
    expect(said).toMatch(/^(committed [0-9a-f]{32}|repository\.(session-too-long|lease-lost)|storage\.unavailable)$/);
    const after = await openSmall({ store, runtime });
    expect((await after.verify({ readData: 1 })).damage).toEqual([]);
    const { list } = await after.snapshots();
    const found: string[] = [];
    for (const info of list) found.push(digestOf(await contentsOf(after, info)));
    const isCommitted = said.startsWith('committed');
    expect(found.sort()).toEqual((isCommitted ? [kept, wanted] : [kept]).map(digestOf).sort());
    // Nothing that is left of it keeps others from work.
    const info = await snapshotOf(after, wanted);
    expect(digestOf(await contentsOf(after, info))).toBe(digestOf(wanted));
  },
);
