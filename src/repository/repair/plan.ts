import type { Examination } from '../check/check.ts';
import type { LostWal } from '../check/wal-holes.ts';
import { freshView } from '../check/view.ts';
import type { PackRecord } from '../format/pack-directory.ts';
import { refreshIndex } from '../index/objects.ts';
import type { RepositoryState } from '../state.ts';
import { packKey } from '../pack/writer.ts';
import { walPrefix } from '../wal/names.ts';
import { findTainted, type Tainted } from './index-objects.ts';

const packKeyPattern = /^(?:data|meta)\//;

/** What is wrong with packs and indexes, and the repository as it is without that. */
export interface RepairPlan {
  /**
   * An index of its own in which nothing counts on bad packs: what lies only in them is unknown to writers. `salvaged` are the
   * packs that must be indexed again.
   */
  readonly view: RepositoryState;
  /** Key → problem: packs that are missing, damaged or being deleted. */
  readonly bad: ReadonlyMap<string, string>;
  readonly tainted: Tainted;
  readonly damagedIndexes: readonly string[];
  readonly unreadable: readonly string[];
  /** Keys of bad packs that are there, and no pruner's. */
  readonly present: readonly string[];
  /** Keys of damaged key slots and configurations. */
  readonly slots: readonly string[];
  /** What of WAL is lost, and keys of its damaged objects. */
  readonly wal: { readonly lost: readonly LostWal[]; readonly damaged: readonly string[] };
  /** Nothing is to be done, but for removing damaged WAL. */
  readonly isWhole: boolean;
  /** False while there is anything of a newer format: then no index object and no pack is deleted. */
  readonly mayDelete: boolean;
}

export async function planRepair(
  state: RepositoryState,
  { findings, stored, chunks, wal, report }: Examination,
): Promise<RepairPlan> {
  const bad = new Map<string, string>();
  const damagedIndexes: string[] = [];
  const unreadable: string[] = [];
  const slots: string[] = [];
  for (const [key, standing] of stored.missing) if (standing !== 'condemned') bad.set(key, 'the pack is missing');
  for (const { object, problem } of findings.damaged) {
    if (object.startsWith('snapshots/')) unreadable.push(object.slice('snapshots/'.length));
    else if (/^(?:keys|config)\//.test(object)) slots.push(object);
    else if (/^index\/./.test(object)) damagedIndexes.push(object);
    else if (packKeyPattern.test(object) && isBad(chunks.unindexed, object)) bad.set(object, problem);
  }
  const present = [...bad.keys()].filter((key) => stored.sizes.has(key));
  const view = await freshView(state);
  const unindexed: PackRecord[] = [...view.salvaged];
  for (const [key, problem] of chunks.unindexed) {
    const record = chunks.orphans?.records.get(key);
    if (!record) continue;
    view.index.add(record);
    if (problem !== undefined) continue;
    const known = [...view.index.packs()].find((pack) => pack.key === key);
    // A pruner is about to delete it: what is in it must be stored again.
    if (known?.standing === 'condemned') bad.set(key, 'a pruner is about to delete the pack');
    else unindexed.push(record);
  }
  const names = [...bad.keys()].map((key) => key.split('/').at(-1) as string);
  // Copies of their chunks in other packs are found by reading everything again.
  if (view.index.demote(names, 'condemned')) await refreshIndex(view, true);
  const named = unindexed.filter(({ kind, id }) => !bad.has(packKey(kind, id)));
  for (const record of named) view.index.add(record, true);
  const tainted = await findTainted(view, new Set(bad.keys()));
  return {
    view: { ...view, salvaged: named },
    bad,
    tainted,
    damagedIndexes,
    unreadable,
    present,
    slots,
    wal: { lost: wal?.lost ?? [], damaged: wal?.damaged ?? [] },
    isWhole: bad.size === 0 && report.damage.every(({ object }) => object.startsWith(walPrefix)),
    mayDelete: tainted.newer.length === 0 && !findings.noted('newer-format'),
  };
}

/** A pack whose only fault is that no index names it is not bad. */
function isBad(unindexed: ReadonlyMap<string, string | undefined>, pack: string): boolean {
  return !unindexed.has(pack) || unindexed.get(pack) !== undefined;
}
