import { createParityCheck } from '../parity/check.ts';
import { listSnapshots, findSnapshot } from '../snapshots.ts';
import { refreshLocations } from '../index/objects.ts';
import type { RepositoryState } from '../state.ts';
import { checkAside, checkIndexes } from './aside.ts';
import { createChunkCheck, type ChunkCheck } from './chunks.ts';
import type { CheckReport, CheckSettings } from './contract.ts';
import { createFindings, type Findings } from './findings.ts';
import { noteHidden } from './hidden.ts';
import { comparePacks, noteOrphans, type StoredPacks } from './packs.ts';
import { readPacks, type PacksRead } from './read-packs.ts';
import { readSnapshots, walkSnapshot } from './snapshots.ts';
import { freshView, isOutdated } from './view.ts';
import { watchForVanishing } from './vanished.ts';
import { checkWal, type WalExamination } from './wal.ts';
import { createTreeWalk } from './walk.ts';

/** What a check found, with what a repair needs to know. */
export interface Examination {
  readonly view: RepositoryState;
  readonly findings: Findings;
  readonly stored: StoredPacks;
  readonly chunks: ChunkCheck;
  readonly wal: WalExamination | undefined;
  readonly report: CheckReport;
}

// Where a pruner keeps removing what is being looked at; each look takes less time than a grace.
const mostLooks = 3;

/**
 * Checks that every snapshot can be restored: trees are whole, every chunk they name is where an index says, packs have
 * their size; and, for the asked share of packs, that every byte is what was written. Damage is told only after a second
 * look where somebody changed the repository meanwhile. Throws snapshot.not-found, repository.missing where the repository
 * vanishes meanwhile, and what the store throws.
 */
export async function examine(state: RepositoryState, settings: CheckSettings): Promise<Examination> {
  for (let look = 1; ; look++) {
    const found = await lookOnce(state, look === 1 ? undefined : await freshView(state), settings);
    if (found.report.damage.length === 0) return found;
    await watchForVanishing(state).missed();
    if (!(await isOutdated(found.view))) return found;
    if (look < mostLooks) continue;
    found.findings.note('changing', 'index/', 'others changed the repository while it was checked: check it again');
    return { ...found, report: { ...found.report, notes: found.findings.notes } };
  }
}

export async function checkRepository(state: RepositoryState, settings: CheckSettings): Promise<CheckReport> {
  return (await examine(state, settings)).report;
}

async function lookOnce(
  state: RepositoryState,
  fresh: RepositoryState | undefined,
  settings: CheckSettings,
): Promise<Examination> {
  const view = fresh ?? state;
  const { store, keyring } = view;
  const findings = createFindings(view.events);
  const watch = watchForVanishing(view);
  // Snapshots before indexes (law): an index read now is at least as new as what the snapshots need.
  const { list, damaged, hidden } = await listSnapshots(store, keyring);
  const ids =
    settings.snapshot === undefined
      ? [...list.map(({ id }) => id), ...damaged]
      : [findSnapshot(list, settings.snapshot, damaged).id];
  await refreshLocations(view);
  if (hidden > 0)
    findings.note('newer-format', 'snapshots/', `${hidden} snapshots of a newer format were not looked into`);
  await checkIndexes(view, findings);
  if (settings.snapshot === undefined) await checkAside(view, findings);
  const stored = await comparePacks(view, findings, watch);
  const parity = await createParityCheck(view, findings);
  const { clock } = view.runtime;
  const begun = clock.now();
  const read = await readPacks(view, settings, findings, watch, parity.look);
  const wal =
    settings.snapshot === undefined ? await checkWal(view, settings, findings, clock.now() - begun) : undefined;
  const chunks = createChunkCheck(view, read, findings, watch);
  const walk = createTreeWalk(view, chunks, findings, settings.signal);
  let snapshots = 0;
  for await (const document of readSnapshots(view, ids, findings)) {
    await walkSnapshot(walk, document, findings);
    snapshots++;
    view.events({ type: 'repository.progress', what: 'snapshots checked', done: snapshots, total: ids.length });
  }
  settleDangling(stored, findings);
  if (settings.snapshot === undefined) {
    noteOrphans(view, stored, findings);
    await noteHidden(view, findings);
  }
  await parity.conclude(stored, settings.signal);
  await watch.ended();
  if (read.left + (wal?.report.left ?? 0) === 0 && settings.readData > 0) await settings.journal?.finish();
  const report = { ...reportOf(view, findings, snapshots, chunks, read), ...(wal ? { wal: wal.report } : {}) };
  return { view, findings, stored, chunks, wal, report };
}

/** Packs that are missing and that no snapshot needs: the index says too much, and nothing is lost. */
function settleDangling({ missing }: StoredPacks, findings: Findings): void {
  for (const [key, standing] of missing) {
    const damage = findings.known(key);
    if (damage?.touches.size !== 0) continue;
    if (standing === 'condemned') findings.drop(damage);
    else findings.demote(damage, 'dangling-index');
  }
}

function reportOf(
  view: RepositoryState,
  findings: Findings,
  snapshots: number,
  chunks: ChunkCheck,
  read: PacksRead,
): CheckReport {
  return {
    snapshots,
    packs: view.index.packCount,
    chunks: chunks.count,
    packsRead: read.packs.size,
    packsLeft: read.left,
    bytesRead: read.bytes,
    damage: findings.damaged,
    notes: findings.notes,
  };
}
