import { availableParallelism } from 'node:os';
import { row } from '../command.ts';
import type { MachineLimits, SourceLimits } from './limits.ts';
import type { Peer } from './peer.ts';
import { bestOf, operations, type CacheState, type Cost, type Operation, type Result } from './rounds.ts';

const megabyte = 1048576;

/** One table: all peers side by side, the least of each row in bold. */
export function resultTable(results: ReadonlyMap<Peer, Result>): string[] {
  const all = [...results.values()];
  const lines = [row(['', ...[...results.keys()].map(({ name }) => name)]), `|${'---|'.repeat(results.size + 1)}`];
  for (const operation of operations) {
    const costs = all.map((result) => bestOf(result, operation));
    if (costs.every((cost) => cost === undefined)) continue;
    const add = (what: string, valueOf: (cost: Cost) => number): void =>
      void lines.push(
        leastInBold(
          `${operation}, ${what}`,
          costs.map((cost) => cost && valueOf(cost)),
        ),
      );
    add('wall s', ({ seconds }) => seconds);
    if (writes(operation)) add('wall + sync s', ({ seconds, syncSeconds }) => seconds + syncSeconds);
    add('CPU s', ({ cpuSeconds }) => cpuSeconds);
    add('peak MiB', ({ peakMiB }) => peakMiB);
  }
  lines.push(
    leastInBold(
      'repository MiB',
      all.map(({ repositoryBytes }) => repositoryBytes / megabyte),
    ),
  );
  return lines;
}

/** What leaves much behind in the page cache that has to go to the disk some day. */
function writes(operation: Operation): boolean {
  return operation === 'first' || operation === 'restore to disk';
}

function leastInBold(title: string, values: readonly (number | undefined)[]): string {
  const least = Math.min(...values.map((value) => value ?? Infinity));
  const cells = values.map((value) => {
    if (value === undefined) return '';
    const text = value.toFixed(value < 100 ? 2 : 0);
    return value === least ? `**${text}**` : text;
  });
  return row([title, ...cells]);
}

export function machineLines(
  { diskRead, diskWrite, ramWrite }: MachineLimits,
  sources: readonly SourceLimits[],
): string[] {
  const rate = (bytes: number, seconds: number): string => `${Math.round(bytes / seconds / megabyte)} MiB/s`;
  return [
    `Disk, one file from end to end: ${diskRead === undefined ? '' : `read ${rate(diskRead, 1)}, `}written and synced ${rate(diskWrite, 1)}.` +
      (ramWrite === undefined ? '' : ` RAM disk: written ${rate(ramWrite, 1)}.`),
    ...sources.map(
      ({ bytes, store, reread, open }) =>
        `One core, our worker's code on ${Math.round(bytes / megabyte)} MiB: read, cut, name, compress and seal ${rate(bytes, store)}; ` +
        `read, cut and name ${rate(bytes, reread)}; unseal, decompress and compare names ${rate(bytes, open)}.`,
    ),
  ];
}

/** How far an operation of ours is from what the machine can do: the longer one of disk and processors. */
export function distanceTable(ours: Result, state: CacheState, machine: MachineLimits, source: SourceLimits): string[] {
  const lines = [row(['', 'disk s', 'CPU s / cores', 'limit s', 'holdfast s', 'times']), `|${'---|'.repeat(6)}`];
  for (const operation of operations) {
    const cost = bestOf(ours, operation);
    if (!cost) continue;
    const { disk, cpu } = leastOf(operation, ours, state, machine, source);
    const limit = Math.max(disk, cpu);
    const took = cost.seconds + (writes(operation) ? cost.syncSeconds : 0);
    lines.push(row([operation, disk, cpu, limit, took, took / limit]));
  }
  return lines;
}

function leastOf(
  operation: Operation,
  { repositoryBytes }: Result,
  state: CacheState,
  { diskRead, diskWrite, ramWrite }: MachineLimits,
  { bytes, store, reread, open, list }: SourceLimits,
): { readonly disk: number; readonly cpu: number } {
  const cores = availableParallelism();
  // What is in the page cache is not read from the disk.
  const reading = (many: number): number => (state === 'cold' && diskRead !== undefined ? many / diskRead : 0);
  const copying = ramWrite === undefined ? 0 : bytes / ramWrite;
  const least: Readonly<Record<Operation, { readonly disk: number; readonly cpu: number }>> = {
    first: { disk: reading(bytes) + repositoryBytes / diskWrite, cpu: store / cores },
    // Looking at one file after the other is one thread's work.
    unchanged: { disk: 0, cpu: list.get(state) ?? 0 },
    reread: { disk: reading(bytes), cpu: reread / cores },
    'restore to disk': { disk: reading(repositoryBytes) + bytes / diskWrite, cpu: (open + copying) / cores },
    'restore to RAM': { disk: reading(repositoryBytes), cpu: (open + copying) / cores },
  };
  return least[operation];
}
