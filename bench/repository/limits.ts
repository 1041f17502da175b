import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { measure } from '../measure.ts';
import type { PageCache } from './page-cache.ts';
import type { CacheState } from './rounds.ts';

/** What this machine can do at all. */
export interface MachineLimits {
  /** Bytes a second of one file, read and written from end to end, written until it is on the disk; read: where it can be. */
  readonly diskRead: number | undefined;
  readonly diskWrite: number;
  /** The same into a file system in memory; undefined: there is none. */
  readonly ramWrite: number | undefined;
}

// Larger writes cost the kernel more (write-part.ts).
const piece = 128 * 1024;
const piecesPerMegabyte = 8;
// The fastest counts.
const attempts = 3;

export function measureMachine(
  work: string,
  ram: string | undefined,
  cache: PageCache,
  megabytes: number,
): MachineLimits {
  const limits = { diskRead: 0, diskWrite: 0, ramWrite: 0 };
  for (let attempt = 0; attempt < attempts; attempt++) {
    const file = join(work, 'sequential');
    limits.diskWrite = Math.max(limits.diskWrite, writeFile(file, megabytes, true));
    cache.cool([work]);
    limits.diskRead = Math.max(limits.diskRead, readFile(file, megabytes));
    rmSync(file);
    if (ram === undefined) continue;
    const inRam = join(ram, 'sequential');
    limits.ramWrite = Math.max(limits.ramWrite, writeFile(inRam, megabytes, false));
    rmSync(inRam);
  }
  return {
    diskWrite: limits.diskWrite,
    diskRead: cache.how === undefined ? undefined : limits.diskRead,
    ramWrite: ram === undefined ? undefined : limits.ramWrite,
  };
}

function writeFile(path: string, megabytes: number, durable: boolean): number {
  // Of the same bytes again and again: nobody looks for equal blocks here.
  const bytes = randomBytes(piece);
  const started = performance.now();
  const fd = openSync(path, 'w');
  for (let i = 0; i < megabytes * piecesPerMegabyte; i++) writeSync(fd, bytes);
  if (durable) fsyncSync(fd);
  closeSync(fd);
  return perSecond(megabytes, started);
}

function readFile(path: string, megabytes: number): number {
  const into = Buffer.alloc(piece);
  const started = performance.now();
  const fd = openSync(path, 'r');
  while (readSync(fd, into) > 0);
  closeSync(fd);
  return perSecond(megabytes, started);
}

function perSecond(megabytes: number, started: number): number {
  return (megabytes * piecesPerMegabyte * piece * 1000) / (performance.now() - started);
}

/** What one source takes at least. */
export interface SourceLimits {
  /** Seconds of one core, for its contents (pipeline.ts). */
  readonly store: number;
  readonly reread: number;
  readonly open: number;
  readonly bytes: number;
  /** Seconds in which `find` lists it and looks at each of its files. */
  readonly list: ReadonlyMap<CacheState, number>;
}

export function measureSource(
  source: string,
  cache: PageCache,
  caches: readonly CacheState[],
  log: string,
): SourceLimits {
  cache.warm([source]);
  const program = join(import.meta.dirname, 'pipeline.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, source], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`pipeline.js failed: ${stderr}`);
  const list = new Map<CacheState, number>();
  for (const state of caches) {
    if (state === 'cold') cache.cool([source]);
    const looked = measure(['find', source, '-printf', '%s %C@\\n'], {}, log);
    list.set(state, looked.seconds);
  }
  return { ...(JSON.parse(stdout) as Omit<SourceLimits, 'list'>), list };
}
