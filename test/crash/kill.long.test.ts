import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Repository } from '../../src/repository/contract.ts';
import { openDirectoryStore } from '../../src/storage/directory/index.ts';
import { projectRoot } from '../emulators/index.ts';
import { contentsOf, createSmall, noise, openSmall } from '../repository/small-repository.ts';
import { runs } from '../runs.ts';
import { simulatedRuntime } from '../simulated-time.ts';
import { compileForChild, type Compiled } from '../storage/compile.ts';

// Simulated time of the next run: it never goes back from one to the next.
let now = Date.UTC(2026, 10, 20);

function later(realMs: number): void {
  now += realMs * 1000 + 60_000;
}

let compiled: Compiled;
let root = '';

beforeAll(async () => {
  const source = (path: string): string => join(projectRoot, path);
  compiled = await compileForChild(source('test/crash/child.ts'), [source('src/repository/engine/worker.ts')]);
  root = await mkdtemp(join(tmpdir(), 'holdfast-kill-'));
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
  await compiled.remove();
});

interface Child {
  readonly process: ChildProcess;
  readonly lines: string[];
  /** Its threads are at work, or it has ended. */
  readonly warm: Promise<void>;
  readonly ended: Promise<void>;
}

function run(vault: string, folder: string, name: string): Child {
  const began = performance.now();
  const child = spawn(process.execPath, [compiled.path, vault, folder, name, String(now)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const output = createInterface({ input: child.stdout });
  const ended = Promise.all([once(child, 'exit'), once(output, 'close')]).then(() => later(performance.now() - began));
  const warm = new Promise<void>((resolve) => {
    output.on('line', (line) => {
      lines.push(line);
      if (line === 'warm') resolve();
    });
    output.on('close', resolve);
  });
  return { process: child, lines, warm, ended };
}

function last(lines: readonly string[], word: string): number {
  const line = lines.findLast((one) => one.startsWith(`${word} `));
  return Number(line?.slice(word.length + 1) ?? 0);
}

async function fill(folder: string, count: number, version: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let i = version % 3; i < count; i += version === 0 ? 1 : 3)
    await writeFile(
      join(folder, `f${String(i).padStart(4, '0')}`),
      noise(i % 40 === 0 ? 300_000 : 2000, `${folder}/${version}/${i}`),
      'latin1',
    );
}

async function read(folder: string): Promise<Record<string, string>> {
  const contents: Record<string, string> = {};
  for (const name of (await readdir(folder)).sort()) contents[name] = await readFile(join(folder, name), 'latin1');
  return contents;
}

async function open(vault: string): Promise<Repository> {
  const runtime = simulatedRuntime(now, now);
  return await openSmall({ store: await openDirectoryStore({ path: vault, runtime }), runtime });
}

async function createVault(name: string): Promise<string> {
  const vault = join(root, name);
  const runtime = simulatedRuntime(now, now);
  await createSmall({ store: await openDirectoryStore({ path: vault, runtime, create: true }), runtime });
  return vault;
}

/** How long a whole run takes from the moment its threads are at work: ms. */
async function timed(folder: string): Promise<number> {
  const child = run(await createVault('timed'), folder, 'tools');
  await child.warm;
  const began = performance.now();
  await child.ended;
  expect(child.lines.at(-1)).toBe('done');
  return performance.now() - began;
}

describe('kill -9', () => {
  it(
    'at any moment damages nothing; the next run goes on with what was kept',
    { timeout: runs(240_000, 3_600_000) },
    async () => {
      const vault = await createVault('killed');
      const folder = join(root, 'tools');
      await fill(folder, 160, 0);
      let kills = 0;
      let version = 0;
      let kept = 0;
      let committed = 0;
      let longest = await timed(folder);
      let current = await read(folder);
      while (kills < runs(15, 150)) {
        const child = run(vault, folder, 'tools');
        await child.warm;
        const warmAt = performance.now();
        const timer = setTimeout(() => child.process.kill('SIGKILL'), Math.sqrt(Math.random()) * longest);
        await child.ended;
        const endedAt = performance.now();
        clearTimeout(timer);
        const isDone = child.lines.includes('done');
        // It read only what the checkpoint before did not hold.
        if (child.lines.some((line) => line.startsWith('reused'))) {
          expect(last(child.lines, 'reused')).toBeGreaterThanOrEqual(kept);
        }
        expect(child.process.signalCode ?? (isDone ? 'done' : child.lines.at(-1))).toMatch(/^(SIGKILL|done)$/);
        const repository = await open(vault);
        expect((await repository.verify({ readData: 1 })).damage).toEqual([]);
        const { list } = await repository.snapshots();
        expect(list.length).toBeGreaterThanOrEqual(committed + (isDone ? 1 : 0));
        if (list.length > committed) {
          committed = list.length;
          kept = 0;
          const newest = list.at(-1);
          if (newest) expect((await contentsOf(repository, newest))['tools']).toEqual(current);
          // New work for the next runs.
          await fill(folder, 160, ++version);
          current = await read(folder);
        } else kept = Math.max(kept, last(child.lines, 'kept'));
        if (!isDone) kills++;
        // Too late: the machine has become faster, or little was left to do.
        else longest = Math.max(50, Math.min(longest, endedAt - warmAt) * 0.9);
        await repository.close();
      }
      const final = run(vault, folder, 'tools');
      await final.ended;
      expect(final.lines.at(-1)).toBe('done');
      expect(last(final.lines, 'reused')).toBeGreaterThanOrEqual(kept);
      const repository = await open(vault);
      expect((await repository.verify({ readData: 1 })).damage).toEqual([]);
      expect(await contentsOf(repository, await repository.find('latest'))).toEqual({ tools: current });
    },
  );
});

describe('two writers at once', () => {
  it('from two processes into one folder: both snapshots are there, and whole', { timeout: 60_000 }, async () => {
    const vault = await createVault('shared');
    const folders = { left: join(root, 'left'), right: join(root, 'right') };
    await fill(folders.left, 120, 0);
    await fill(folders.right, 120, 0);
    // The same bytes in both: each may meet what the other is just storing.
    for (const name of (await readdir(folders.left)).slice(0, 60))
      await writeFile(join(folders.right, name), await readFile(join(folders.left, name)));
    const children = Object.entries(folders).map(([name, folder]) => run(vault, folder, name));
    for (const child of children) await child.ended;
    expect(children.map(({ lines }) => lines.at(-1))).toEqual(['done', 'done']);
    const repository = await open(vault);
    expect((await repository.verify({ readData: 1 })).damage).toEqual([]);
    const { list } = await repository.snapshots();
    expect(list.map(({ estate }) => estate).sort()).toEqual(['left', 'right']);
    for (const info of list) {
      const folder = folders[info.estate as 'left' | 'right'];
      expect(await contentsOf(repository, info)).toEqual({ [info.estate]: await read(folder) });
    }
  });
});
