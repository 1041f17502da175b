import { HoldfastError } from '../../kernel/errors.ts';
import { refreshLocations } from '../index/objects.ts';
import { readSnapshots, type StoredSnapshot } from '../snapshots.ts';
import type { RepositoryState } from '../state.ts';
import { createSum, type Sum } from './amounts.ts';
import type { RepositoryStats, SourceStats, StatsSettings } from './contract.ts';
import { snapshotDetail } from './detail.ts';
import { createHolders, eachNeeded } from './holders.ts';
import { measurePiles } from './piles.ts';
import { newestSizes } from './sources.ts';
import { walkSnapshot } from './walk.ts';

interface NamedSource {
  readonly estate: string;
  readonly source: string;
  readonly own: Sum;
}

/**
 * What every snapshot and every source needs. Reads all trees, no contents; a page is read once for the first snapshot that
 * needs it, and once more when a second one, or a second source, does. Throws snapshot.not-found and what the store throws;
 * what is damaged is counted.
 */
export async function repositoryStats(state: RepositoryState, settings: StatsSettings): Promise<RepositoryStats> {
  const { index } = state;
  // Snapshots before indexes (law): an index read now is at least as new as what the snapshots need.
  const { read, hidden, damaged } = await readSnapshots(state.store, state.keyring);
  const wanted = read.findIndex(({ document }) => document.info.id === settings.snapshot);
  if (settings.snapshot !== undefined && wanted === -1)
    throw new HoldfastError('snapshot.not-found', `there is no snapshot ${settings.snapshot}`);
  await refreshLocations(state);
  const holders = createHolders(index.chunkCount);
  const named = new Map<string, { readonly number: number; readonly source: NamedSource }>();
  let unread = 0;

  function numberOf(estate: string, source: string): number {
    const name = JSON.stringify([estate, source]);
    const known = named.get(name) ?? { number: named.size, source: { estate, source, own: createSum() } };
    named.set(name, known);
    return known.number;
  }
  for (const [number, { document }] of read.entries()) {
    const { estate } = document.info;
    // Entries of one source follow one another: its number is not looked up for each.
    let last = { source: '', number: numberOf(estate, '') };
    const sourceNumber = (source: string): number => {
      if (source !== last.source) last = { source, number: numberOf(estate, source) };
      return last.number;
    };
    await walkSnapshot(
      state,
      document,
      {
        visit: (chunk, source) => holders.note(chunk, number, sourceNumber(source)),
        length: (chunk, bytes) => holders.measure(chunk, bytes),
        unread: () => unread++,
      },
      settings.signal,
    );
    state.events({ type: 'repository.progress', what: 'snapshots read', done: number + 1, total: read.length });
  }
  const needed = createSum();
  const unique = read.map(() => createSum());
  const sources = [...named.values()].map(({ source }) => source);
  eachNeeded(index, holders, (chunk, storedBytes) => {
    const plainBytes = holders.plainBytes(chunk);
    needed.add(plainBytes, storedBytes);
    unique[holders.snapshotOf(chunk) ?? -1]?.add(plainBytes, storedBytes);
    sources[holders.sourceOf(chunk) ?? -1]?.own.add(plainBytes, storedBytes);
  });
  const piles = await measurePiles(state);
  const total = needed.total();
  const inPacks = piles.packs.data.bytes + piles.packs.metadata.bytes - piles.overheadBytes;
  const snapshot = read[wanted];
  const { signal } = settings;
  return {
    snapshots: read.map(({ document }, i) => ({ info: document.info, unique: (unique[i] as Sum).total() })),
    sources: await sourceStats(state, sources, read),
    hidden,
    damaged,
    logicalBytes: read.reduce((sum, { document }) => sum + document.info.totals.bytes, 0),
    needed: total,
    unneeded: {
      chunks: index.chunkCount - total.chunks,
      storedBytes: Math.max(0, inPacks - total.storedBytes),
    },
    ...piles,
    unread,
    ...(snapshot
      ? { detail: await snapshotDetail(state, snapshot, { number: wanted, holders, ...(signal ? { signal } : {}) }) }
      : {}),
  };
}

async function sourceStats(
  state: RepositoryState,
  named: readonly NamedSource[],
  snapshots: readonly StoredSnapshot[],
): Promise<SourceStats[]> {
  const stats: SourceStats[] = [];
  for (const estate of new Set(named.map((one) => one.estate))) {
    const ofEstate = named.filter((one) => one.estate === estate && one.source !== '');
    const names = ofEstate.map(({ source }) => source);
    const sizes = await newestSizes(state, estate, names, snapshots);
    for (const { source, own } of ofEstate) {
      const { type = '', ...newest } = sizes.get(source) ?? { resources: 0, entries: 0, bytes: 0 };
      const holding = snapshots.filter(
        ({ document }) =>
          document.info.estate === estate && document.sources.some((record) => record.source === source),
      );
      stats.push({ estate, source, type, snapshots: holding.length, newest, own: own.total() });
    }
  }
  return stats.sort((a, b) => b.own.storedBytes - a.own.storedBytes || (a.source < b.source ? -1 : 1));
}
