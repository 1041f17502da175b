import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { best, interrupted, type Measurement } from '../measure.ts';
import { bytesBelow } from './data.ts';
import { sync, type PageCache } from './page-cache.ts';
import type { Peer, Vault } from './peer.ts';
import type { RamDisk } from './ram-disk.ts';

export const operations = ['first', 'unchanged', 'reread', 'restore to disk', 'restore to RAM'] as const;
export type Operation = (typeof operations)[number];
export type CacheState = 'warm' | 'cold';

/** What an operation cost, and how long the disk still wrote afterwards. */
export interface Cost extends Measurement {
  readonly syncSeconds: number;
}

/** Of one peer: the runs of each operation, and its repository after the first backup. */
export interface Result {
  readonly runs: ReadonlyMap<Operation, readonly Cost[]>;
  readonly repositoryBytes: number;
}

export interface RoundSettings {
  readonly source: string;
  /** Where repositories and restores lie. */
  readonly work: string;
  readonly ram: RamDisk | undefined;
  readonly cache: PageCache;
  readonly caches: readonly CacheState[];
  readonly rounds: number;
  readonly say: (line: string) => void;
}

export type Results = ReadonlyMap<CacheState, ReadonlyMap<Peer, Result>>;

/**
 * Everything with every peer in each round, and each round begins with another one, so that nobody always comes first. A
 * peer that fails, or restores something else than the source, is told of and left out; what it did before is dropped.
 */
export function runRounds(settings: RoundSettings, peers: readonly Peer[]): { results: Results; failed: number } {
  const { caches, rounds, say } = settings;
  const results = new Map(caches.map((state) => [state, new Map<Peer, Result>()]));
  const failed = new Set<Peer>();
  for (let round = 0; round < rounds; round++) {
    const first = round % peers.length;
    for (const peer of [...peers.slice(first), ...peers.slice(0, first)]) {
      for (const state of caches) {
        if (failed.has(peer)) continue;
        try {
          const known = results.get(state)?.get(peer);
          results.get(state)?.set(peer, cycle(settings, peer, state, known));
        } catch (error) {
          if (error === interrupted) throw error;
          say(`${peer.name} is left out: ${(error as Error).message}`);
          failed.add(peer);
        }
      }
    }
  }
  for (const found of results.values()) for (const peer of failed) found.delete(peer);
  return { results, failed: failed.size };
}

/** Where a peer ran, the best of each operation. */
export function bestOf(result: Result, operation: Operation): Cost | undefined {
  const runs = result.runs.get(operation) ?? [];
  return runs.length === 0 ? undefined : best(runs);
}

/** One peer, once through everything. Its restores are compared with the source the first time. */
function cycle(settings: RoundSettings, peer: Peer, state: CacheState, known: Result | undefined): Result {
  const { source, work, ram, cache, say } = settings;
  const folder = join(work, peer.name);
  const runs = new Map<Operation, readonly Cost[]>();
  mkdirSync(folder);
  const vault = peer.open({ folder, source });
  function run(operation: Operation, reads: string, task: () => Measurement): void {
    if (state === 'warm') cache.warm([reads]);
    else cache.cool([source, folder]);
    const measured = task();
    const cost = { ...measured, syncSeconds: sync() };
    say(`${peer.name}, ${state}, ${operation}: ${measured.seconds.toFixed(2)} s`);
    runs.set(operation, [...(known?.runs.get(operation) ?? []), cost]);
  }
  function restore(operation: Operation, target: string): void {
    mkdirSync(target);
    try {
      run(operation, vault.repository, () => vault.restore(target));
      if (!known) assertSame(vault, source, target);
    } finally {
      rmSync(target, { recursive: true, force: true });
    }
  }
  try {
    vault.create();
    run('first', source, () => vault.backup());
    const repositoryBytes = bytesBelow(vault.repository);
    run('unchanged', source, () => vault.backup());
    run('reread', source, () => vault.reread());
    restore('restore to disk', join(work, 'restored'));
    if (ram) restore('restore to RAM', join(ram.folder, 'restored'));
    return { runs, repositoryBytes };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function assertSame(vault: Vault, source: string, target: string): void {
  const args = ['-r', '--brief', '--no-dereference', source, vault.restored(target)];
  const { status, signal, stdout, stderr } = spawnSync('diff', args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (signal === 'SIGINT') throw interrupted;
  if (status !== 0) throw new Error(`what was restored is not the source:\n${(stdout + stderr).slice(0, 2000)}`);
}
