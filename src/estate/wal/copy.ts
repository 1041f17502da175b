import { isCode, type HoldfastError } from '../../kernel/errors.ts';
import { unreadable } from '../../repository/copy/unreadable.ts';
import type { Repository, SnapshotInfo } from '../../repository/contract.ts';
import type { ClusterWal, WalRun } from '../../repository/wal/contract.ts';
import { addNeeded, type NeededFrom } from './needed.ts';
import { copyTimeline, type TimelineCopy } from './copy-timeline.ts';

export interface WalCopySettings {
  /** Snapshots that the target is to hold, besides those it holds. */
  readonly snapshots: readonly SnapshotInfo[];
  /** Only counts. */
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

/** The WAL of one cluster. */
export interface CopiedWal {
  readonly systemId: string;
  /** First position that the oldest base backup at the target needs. */
  readonly from: bigint;
  /** Objects that were stored at the target, or would be, and their bytes as they are stored here. */
  readonly objects: number;
  readonly bytes: number;
  /** WAL that cannot be copied: damaged here, or another at the target. */
  readonly failures: readonly HoldfastError[];
}

/**
 * Copies the WAL of every cluster of which the target holds a base backup, or is to hold one: all from the oldest of them on, and only what is
 * missing there. Run before the snapshots are copied, so that no base backup is there without its WAL. Throws what the target throws.
 */
export async function copyWal(
  source: Repository,
  target: Repository,
  settings: WalCopySettings,
): Promise<readonly CopiedWal[]> {
  const needed: NeededFrom = new Map();
  if (await source.hasWal()) {
    // A snapshot that cannot be read is not copied either, or was repaired.
    await addNeeded(needed, source, settings.snapshots);
    await addNeeded(needed, target, (await target.snapshots()).list);
  }
  const copyAll = async (dryRun: boolean): Promise<CopiedWal[]> => {
    const copied: CopiedWal[] = [];
    for (const [systemId, from] of needed)
      copied.push(
        await copyCluster(source.wal(systemId), target.wal(systemId), { ...settings, systemId, from, dryRun }),
      );
    return copied;
  };
  const plan = await copyAll(true);
  if (settings.dryRun || plan.every(({ objects }) => objects === 0)) return plan;
  const details = { to: target.id, wal: plan.map(({ systemId, objects, bytes }) => ({ systemId, objects, bytes })) };
  return await source.audit.during('copy', details, () => copyAll(false), outcomeOf);
}

interface ClusterCopy extends Pick<TimelineCopy, 'from' | 'dryRun' | 'signal'> {
  readonly systemId: string;
}

async function copyCluster(
  source: ClusterWal,
  target: ClusterWal,
  { systemId, from, dryRun, signal }: ClusterCopy,
): Promise<CopiedWal> {
  const failures: HoldfastError[] = [];
  let objects = 0;
  let bytes = 0;
  const onRun = ({ storedBytes }: Pick<WalRun, 'storedBytes'>): void => {
    objects++;
    bytes += storedBytes;
  };
  const onFailure = (error: HoldfastError): void => void failures.push(error);
  for (const timeline of await source.timelines()) {
    try {
      // Before the timeline's WAL: who follows it must know where it comes from.
      if (await copyHistory(source, target, timeline, dryRun)) onRun({ storedBytes: 0 });
    } catch (error) {
      if (!isCode(error, 'wal.diverged', ...unreadable)) throw error;
      onFailure(error);
      // What follows would be of another history.
      if (isCode(error, 'wal.diverged')) continue;
    }
    try {
      await copyTimeline({ source, target, timeline, from, dryRun, signal, onRun, onFailure });
    } catch (error) {
      if (!isCode(error, 'wal.diverged')) throw error;
      onFailure(error);
    }
  }
  return { systemId, from, objects, bytes, failures };
}

/** True where the target had none. */
async function copyHistory(
  source: ClusterWal,
  target: ClusterWal,
  timeline: number,
  dryRun: boolean,
): Promise<boolean> {
  const text = await source.history(timeline);
  if (text === undefined) return false;
  const there = await target.history(timeline);
  if (there === text) return false;
  if (!dryRun) await target.putHistory(timeline, text);
  return there === undefined;
}

function outcomeOf(copied: readonly CopiedWal[]) {
  return { wal: copied.map(({ systemId, objects, failures }) => ({ systemId, objects, failed: failures.length })) };
}
