import { hex } from '../../kernel/bytes.ts';
import { newId } from '../../kernel/runtime.ts';
import { examine } from '../check/check.ts';
import { checkWritable } from '../configuration.ts';
import { refreshIndex, refreshLocations } from '../index/objects.ts';
import { packKey } from '../pack/writer.ts';
import { repairByParity, type ParityRepair } from '../parity/repair.ts';
import { tooLong } from '../session/commit.ts';
import { announceSession } from '../session/presence.ts';
import { snapshotPrefix } from '../snapshots.ts';
import type { RepositoryState } from '../state.ts';
import type { AuditDetails } from '../audit/contract.ts';
import type { RepairedSnapshot, RepairReport, RepairSettings } from './contract.ts';
import { replaceIndexObject } from './index-objects.ts';
import { salvageBadPacks } from './packs.ts';
import { planRepair, type RepairPlan } from './plan.ts';
import { removeObject } from './remove.ts';
import { repairSnapshots } from './snapshots.ts';
import { createRepairStore } from './store.ts';
import { describeLostWal } from './wal.ts';

type Left = RepairReport['left'][number];

const newerProblem = 'there are objects of a newer format, which may need it: use a newer Holdfast';
const slotProblem =
  'for a key slot add another one with holdfast key add, for a configuration run holdfast repair --configuration';

/**
 * Saves what can be saved: indexes packs again that snapshots need, stores chunks again that are whole in damaged packs, puts a
 * repaired snapshot beside each damaged one, and takes what is not there out of the index. Adds before it removes, so that it
 * may die at any moment and be run again. Throws repository.newer-format where only later versions may write,
 * storage.frozen where a damaged pack must be thawed first, and what the store throws.
 */
export async function repairRepository(state: RepositoryState, settings: RepairSettings): Promise<RepairReport> {
  checkWritable(state.configuration);
  const { readData, signal, dryRun } = settings;
  const look = (of: RepositoryState): ReturnType<typeof examine> =>
    examine(of, { readData, ...(signal ? { signal } : {}) });
  const start = async (): Promise<Start> => {
    const found = await look(state);
    const parity = await repairByParity(state, found, settings);
    return {
      ...parity,
      plan: await planRepair(parity.state, parity.healed.length > 0 ? await look(parity.state) : found),
    };
  };
  if (dryRun) return await work(await start(), settings);
  // A writer like any other: what it takes for stored stays while its grace lasts.
  const presence = await announceSession(state, hex(newId(state.runtime)));
  try {
    const started = await start();
    const { plan } = started;
    if (plan.isWhole && (plan.wal.damaged.length === 0 || !settings.removeDamaged))
      return await work(started, settings);
    if (await presence.isOver(state.configuration.longestSession, presence.announcedAt)) throw tooLong();
    return await state.audit.during('repair', detailsOf(plan, settings), () => work(started, settings), outcomeOf);
  } finally {
    await presence.leave();
  }
}

/** What parity has put right already, and what is left to do. */
interface Start extends ParityRepair {
  readonly plan: RepairPlan;
}

async function work({ state, plan, ...parity }: Start, settings: RepairSettings): Promise<RepairReport> {
  const { view, bad } = plan;
  const { dryRun, signal } = settings;
  const store = await createRepairStore(view, dryRun);
  const left: Left[] = plan.slots.map((object) => ({ object, why: slotProblem }));
  const salvaged = await salvageBadPacks(plan, store, signal);
  await store.flush();
  const snapshots = await repairSnapshots(plan, store, settings, left);
  await store.flush();
  const wal = await describeLostWal(view, plan.wal.lost);
  const remove = removal(state, settings, left);
  // Everything is stored: only now something goes.
  const indexes = [...plan.tainted.keys, ...plan.damagedIndexes];
  if (!dryRun) for (const key of plan.tainted.keys) await replaceIndexObject(view, key, new Set(bad.keys()));
  const replacedIndexes = plan.mayDelete ? await remove(indexes) : [];
  if (!plan.mayDelete) left.push(...indexes.map((object) => ({ object, why: newerProblem })));
  const removed: string[] = [];
  if (settings.removeDamaged) {
    removed.push(...(await remove(damagedSnapshots(snapshots, plan))));
    // Its name is free then for the same WAL from elsewhere: the server, an archive, a copy.
    removed.push(...(await remove(plan.wal.damaged)));
    // Forgotten in the index before it is deleted (law).
    if (plan.mayDelete && replacedIndexes.length === indexes.length) removed.push(...(await remove(plan.present)));
  }
  if (!dryRun) await renew(state, plan);
  return {
    dryRun,
    healed: parity.healed,
    parity: parity.renewed,
    indexed: view.salvaged.map(({ kind, id }) => packKey(kind, id)).sort(),
    replacedIndexes,
    salvaged,
    snapshots,
    unreadable: plan.unreadable,
    wal,
    removed,
    left,
  };
}

/** Deletes objects, or in a dry run says that it would; returns the keys of those that are gone. */
function removal(
  { store, runtime }: RepositoryState,
  { dryRun, signal }: RepairSettings,
  left: Left[],
): (keys: readonly string[]) => Promise<string[]> {
  return async (keys) => {
    const gone: string[] = [];
    for (const object of keys) {
      signal?.throwIfAborted();
      const why = dryRun ? undefined : await removeObject(store, object, runtime.clock.now());
      if (why === undefined) gone.push(object);
      else left.push({ object, why });
    }
    return gone;
  };
}

/** Snapshots that have a repaired one beside them, or of which nothing could be saved. */
function damagedSnapshots(snapshots: readonly RepairedSnapshot[], { unreadable }: RepairPlan): string[] {
  return [...snapshots.map(({ id }) => id), ...unreadable].map((id) => `${snapshotPrefix}${id}`);
}

/** The open repository forgets bad packs, too: nothing that follows counts on them. */
async function renew(state: RepositoryState, { bad }: RepairPlan): Promise<void> {
  await refreshLocations(state);
  state.index.demote(
    [...bad.keys()].map((key) => key.slice(-64)),
    'condemned',
  );
  await refreshIndex(state, true);
}

function detailsOf(
  { bad, view, tainted, damagedIndexes }: RepairPlan,
  { removeDamaged }: RepairSettings,
): AuditDetails {
  return {
    packs: bad.size,
    indexed: view.salvaged.length,
    indexes: tainted.keys.length + damagedIndexes.length,
    removeDamaged,
  };
}

function outcomeOf({ snapshots, salvaged, removed, left }: RepairReport): AuditDetails {
  return {
    chunks: salvaged.reduce((sum, { chunks }) => sum + chunks, 0),
    snapshots: snapshots.map(({ id, repaired = '' }) => ({ id, repaired })),
    removed,
    left: left.length,
  };
}
