import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { machineLine } from './command.ts';
import { bytesBelow, makeMixed, makeSmall } from './repository/data.ts';
import { measureMachine, measureSource, type MachineLimits } from './repository/limits.ts';
import { fullSize, parseOptions, type DataName, type Options } from './repository/options.ts';
import { openPageCache, type PageCache } from './repository/page-cache.ts';
import { versionOf, type Peer } from './repository/peer.ts';
import { holdfast } from './repository/peers/holdfast.ts';
import { peers } from './repository/peers/index.ts';
import { openRamDisk, type RamDisk } from './repository/ram-disk.ts';
import { distanceTable, machineLines, resultTable } from './repository/report.ts';
import { runRounds } from './repository/rounds.ts';

/**
 * Holdfast beside other backup programs in one alternating run on the same data: first backup, unchanged backup, one that reads
 * everything again, restores to the disk and into memory; and how far ours are from what the machine can do. See `usage` in
 * repository/options.ts. Data is made once, in .cache/bench-data.
 */
const root = resolve(import.meta.dirname, '../../..');
const titles: Readonly<Record<DataName, string>> = { mixed: 'Mixed tree', small: 'Small files' };

function makeData(name: DataName, size: number): string {
  const suffix = size === fullSize ? '' : `-${size}`;
  const folder = join(root, '.cache/bench-data', `${name}${suffix}`);
  if (name === 'mixed') makeMixed(folder, root, size);
  else makeSmall(folder, Math.ceil((100_000 * size) / fullSize));
  return realpathSync(folder);
}

function findPeers(wanted: readonly string[]): Peer[] {
  const found: Peer[] = [];
  for (const peer of [holdfast(root), ...peers.filter(({ name }) => wanted.includes(name))]) {
    const version = versionOf(peer);
    if (version === undefined) console.log(`- ${peer.name}: left out, it is not on the PATH (${peer.install})`);
    else {
      console.log(
        `- ${peer.name}: ${version.startsWith(peer.name) ? version : `${peer.name} ${version}`}; ${peer.settings}`,
      );
      found.push(peer);
    }
  }
  return found;
}

interface Run {
  readonly options: Options;
  readonly work: string;
  readonly cache: PageCache;
  readonly ram: RamDisk | undefined;
  readonly machine: MachineLimits;
}

/** Returns how many peers failed. */
function compare({ options, work, cache, ram, machine }: Run, name: DataName, source: string, found: Peer[]): number {
  const { caches, rounds } = options;
  const settings = { source, work, ram, cache, caches, rounds, say: (line: string) => console.error(line) };
  const limits = measureSource(source, cache, caches, join(work, 'log'));
  const { results, failed } = runRounds(settings, found);
  for (const [state, result] of results) {
    const size = `${Math.round(bytesBelow(source) / 1048576)} MiB`;
    console.log(`\n### ${titles[name]}, ${size}, ${state} cache, best of ${rounds}\n`);
    console.log(resultTable(result).join('\n'));
    const ours = [...result].find(([peer]) => peer.name === 'holdfast')?.[1];
    if (ours)
      console.log(`\nHoldfast against the machine:\n\n${distanceTable(ours, state, machine, limits).join('\n')}`);
  }
  console.log(`\n${machineLines(machine, [limits]).join('\n')}`);
  return failed;
}

function main(): void {
  const options = parseOptions(process.argv.slice(2));
  const cache = openPageCache();
  if (options.caches.includes('cold') && cache.how === undefined)
    throw new Error('the page cache cannot be emptied here: neither is this root on Linux nor is there a python3');
  const work = mkdtempSync(join(realpathSync(tmpdir()), 'holdfast-bench-'));
  let ram: RamDisk | undefined;
  try {
    mkdirSync(join(root, '.cache/bench-data'), { recursive: true });
    const sources = options.data.map((name) => [name, makeData(name, options.size)] as const);
    console.log(`${machineLine()}, ${new Date().toISOString().slice(0, 10)}\n`);
    const found = findPeers(options.peers);
    const opened = openRamDisk(Math.max(...sources.map(([, source]) => bytesBelow(source))));
    if (typeof opened !== 'string') ram = opened;
    console.log(`\nRAM disk: ${typeof opened === 'string' ? `none, ${opened}` : opened.how}`);
    if (options.caches.includes('cold')) console.log(`Cold cache: ${cache.how}`);
    const machine = measureMachine(work, ram?.folder, cache, Math.min(1024, options.size));
    let failed = 0;
    for (const [name, source] of sources)
      failed += compare({ options, work, cache, ram, machine }, name, source, found);
    if (failed > 0) process.exitCode = 1;
  } finally {
    ram?.remove();
    rmSync(work, { recursive: true, force: true });
  }
}

// An interrupt ends the program that is being measured, which ends this one by way of its cleaning up.
process.on('SIGINT', () => undefined);
try {
  main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
