import { createBitSet } from '../../kernel/bit-set.ts';
import { equalBytes, hex } from '../../kernel/bytes.ts';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import { newId } from '../../kernel/runtime.ts';
import { createChunkCheck } from '../check/chunks.ts';
import { createFindings } from '../check/findings.ts';
import { readSnapshots, walkSnapshot } from '../check/snapshots.ts';
import { watchForVanishing } from '../check/vanished.ts';
import { createTreeWalk } from '../check/walk.ts';
import { noEvents } from '../../kernel/events.ts';
import { refreshLocations } from '../index/objects.ts';
import { knownMarks } from '../marks/read.ts';
import { storeSnapshot, underLease } from '../session/commit.ts';
import { listSnapshots, readSnapshot, snapshotPrefix, type SnapshotDocument } from '../snapshots.ts';
import type { RepositoryState } from '../state.ts';
import type { RepairedSnapshot, RepairReport, RepairSettings } from './contract.ts';
import type { RepairPlan } from './plan.ts';
import { rebuildSnapshot, repairedFrom, type RebuiltSnapshot } from './snapshot.ts';
import type { RepairStore } from './store.ts';

/** Puts a repaired snapshot beside each whose trees are damaged. What a bad pack held was stored again before. */
export async function repairSnapshots(
  { view, bad }: RepairPlan,
  store: RepairStore,
  { dryRun, signal }: RepairSettings,
  left: RepairReport['left'][number][],
): Promise<RepairedSnapshot[]> {
  const findings = createFindings(noEvents);
  // What lies only in a bad pack is read before it is called lost.
  for (const [pack, problem] of bad) findings.damage(pack, problem);
  const unread = { packs: new Set<never>(), confirmed: createBitSet(), bytes: 0, left: 0 };
  const chunks = createChunkCheck(view, unread, findings, watchForVanishing(view));
  const walk = createTreeWalk(view, chunks, findings, signal);
  const blame = (problem: string) => findings.damage('a page', problem);
  const tools = { walk, chunks, blame, store: (page: Uint8Array) => store.store('metadata', page) };
  const { list } = await listSnapshots(view.store, view.keyring);
  const repaired: RepairedSnapshot[] = [];
  for await (const document of readSnapshots(
    view,
    list.map(({ id }) => id),
    findings,
  )) {
    if (await walkSnapshot(walk, document, findings)) continue;
    const { id } = document.info;
    try {
      const rebuilt = await rebuildSnapshot(tools, document, () => store.breathe());
      repaired.push({ id, ...about(rebuilt), ...(await keep(view, document, rebuilt, store, dryRun)) });
    } catch (error) {
      // What a newer version wrote is not rebuilt by one that does not know it.
      if (!isCode(error, 'repository.newer-format')) throw error;
      left.push({ object: `${snapshotPrefix}${id}`, why: error.message });
    }
  }
  return repaired;
}

function about({ resources, info, lost }: RebuiltSnapshot): Pick<RepairedSnapshot, 'resources' | 'entries' | 'lost'> {
  return { resources, entries: info.totals.entries, lost };
}

async function keep(
  view: RepositoryState,
  { info }: SnapshotDocument,
  rebuilt: RebuiltSnapshot,
  store: RepairStore,
  dryRun: boolean,
): Promise<Pick<RepairedSnapshot, 'repaired' | 'existed'>> {
  const existing = await sameRepaired(view, info.id, rebuilt);
  if (existing !== undefined) return { repaired: existing, existed: true };
  if (dryRun || !rebuilt.root) return { existed: false };
  await store.flush();
  const repaired = hex(newId(view.runtime));
  const { sources, root } = rebuilt;
  const marks = knownMarks(view.marks);
  await underLease(view, async (lease) => {
    await refreshLocations(view);
    await storeSnapshot(view, { info: { id: repaired, ...rebuilt.info }, sources, root }, marks, lease);
  });
  const key = `${snapshotPrefix}${repaired}`;
  const stored = await readSnapshot(view.store, view.keyring, key);
  if (!stored.root || !equalBytes(stored.root.id, rebuilt.root.id))
    throw new HoldfastError('repository.corrupt', `${key} is not what was stored`, { resource: key });
  return { repaired, existed: false };
}

/** The id of what an earlier repair made of the same damage. */
async function sameRepaired(view: RepositoryState, id: string, { root }: RebuiltSnapshot): Promise<string | undefined> {
  const { list } = await listSnapshots(view.store, view.keyring);
  for (const info of list) {
    if (info.tags[repairedFrom] !== id) continue;
    const document = await readSnapshot(view.store, view.keyring, `${snapshotPrefix}${info.id}`);
    if (root && document.root && equalBytes(document.root.id, root.id)) return info.id;
  }
  return undefined;
}
