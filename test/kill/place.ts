import { spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { systemRuntime } from '../../src/kernel/runtime.ts';
import type { Repository } from '../../src/repository/contract.ts';
import { openRepository } from '../../src/repository/index.ts';
import { openDirectoryStore } from '../../src/storage/directory/index.ts';
import { passphrase } from '../cli/local-estate.ts';
import { bareEnvironment, builtCli } from '../cli/run-cli.ts';
import { contentsOf, type Contents } from '../repository/small-repository.ts';

/** How one run of the command line ended. */
export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  /** Calls that changed files below the folder. */
  readonly calls: number;
}

/** Which call a process dies at, and on which side of it. */
export interface Point {
  readonly at: number;
  readonly when: 'before' | 'after';
}

/** Runs the built command line in a folder, and kills it at a point. */
export async function run(folder: string, args: readonly string[], point?: Point): Promise<Ended> {
  const main = await builtCli();
  const scratch = await mkdtemp(join(tmpdir(), 'holdfast-calls-'));
  const log = join(scratch, 'calls');
  const hook = pathToFileURL(join(import.meta.dirname, 'hook.mjs'));
  hook.search = String(
    new URLSearchParams({ root: folder, log, at: String(point?.at ?? 0), when: point?.when ?? 'before' }),
  );
  try {
    const child = spawn(process.execPath, ['--import', hook.href, main, ...args], {
      cwd: folder,
      env: { ...bareEnvironment(folder), HOLDFAST_PASSPHRASE: passphrase, HOLDFAST_CACHE_DIR: scratch },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [status, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
      child.once('close', (...ended) => resolve(ended)),
    );
    const calls = (await stat(log).catch(() => undefined))?.size ?? 0;
    return { status, signal, stderr, calls };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The same files with their times, in another folder. */
export async function copied(folder: string): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'holdfast-killed-'));
  await cp(folder, copy, { recursive: true, preserveTimestamps: true });
  return copy;
}

/** Ten minutes pass: what the dead process held for some seconds is over. */
export async function later(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const { mtimeMs } = await stat(path);
    const time = mtimeMs / 1000 - 600;
    await utimes(path, time, time);
  }
}

export async function withRepository<T>(path: string, work: (repository: Repository) => Promise<T>): Promise<T> {
  const store = await openDirectoryStore({ path, runtime: systemRuntime });
  const repository = await openRepository({ store, passphrase, runtime: systemRuntime, settings: { workers: 0 } });
  try {
    return await work(repository);
  } finally {
    await repository.close();
    await store.close();
  }
}

/** Id → everything that the snapshot holds. */
export async function snapshotsOf(path: string): Promise<ReadonlyMap<string, Contents>> {
  return await withRepository(path, async (repository) => {
    const all = new Map<string, Contents>();
    for (const info of (await repository.snapshots()).list) all.set(info.id, await contentsOf(repository, info));
    return all;
  });
}
