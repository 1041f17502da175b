import { appendFile, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { filesCollection, readBackup } from '../../connectors/postgres-cluster/backup-document.ts';
import { formatLsn } from '../../connectors/postgres-cluster/lsn.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Repository, SnapshotReader } from '../../repository/contract.ts';
import { availableFrom } from './available.ts';
import { giveTo, writeDataFolder } from './data-folder.ts';
import { recoveryLines, type RecoverySettings } from './recovery-settings.ts';
import { checkTarget } from './target.ts';
import { segmentFile } from '../../repository/wal/segments.ts';
import { wayTo } from './timelines.ts';
import { writeWalFiles } from './wal-files.ts';

export interface ClusterRestoreRequest extends Omit<RecoverySettings, 'timeline'> {
  /** `postgres-cluster/app`. */
  readonly resource: string;
  /** Empty or not there; the data folder becomes `data` in it, tablespaces `tablespaces/<oid>`. */
  readonly directory: string;
  /** Follow this timeline; undefined: the newest that comes from the backup. */
  readonly timeline?: number;
  /** Who the server runs as; undefined: who runs the command. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  readonly signal: AbortSignal;
}

export interface ClusterRestoreReport {
  readonly schema: 1;
  readonly snapshot: string;
  readonly resource: string;
  readonly dataFolder: string;
  readonly files: number;
  readonly bytes: number;
  /** Bytes of WAL put into pg_wal, besides those of the base backup. */
  readonly walBytes: number;
  readonly timeline: number;
  /** Where the copy is consistent, and how far the WAL goes. */
  readonly consistentAt: string;
  readonly walEnd: string;
  /** ISO 8601, by the server's clock; absent where nothing is known. */
  readonly walSentAt?: string;
}

/**
 * Lays a base backup out as a data folder with what recovery to the target needs. What is missing is found before anything is
 * written. The folder is called `data.unfinished` until it is whole. Throws wal.gap, wal.not-found, restore.target-not-empty.
 */
export async function restoreCluster(
  repository: Repository,
  reader: SnapshotReader,
  request: ClusterRestoreRequest,
): Promise<ClusterRestoreReport> {
  const { resource, directory, target, signal } = request;
  const captured = await reader.resource(resource);
  if (!captured)
    throw new HoldfastError('snapshot.path-not-found', `the snapshot does not hold ${resource}`, { resource });
  const backup = await readBackup(captured);
  const { start, stop, segmentSize, timeline } = backup;
  const ownSegment = `pg_wal/${segmentFile(timeline, start, segmentSize)}`;
  const ownWal = (await captured.entry(filesCollection, ownSegment)) !== undefined;
  const wal = repository.wal(backup.systemId);
  const way = await wayTo(wal, backup, request.timeline);
  const base = { timeline, start, stop, segmentSize, ownWal, finishedAt: backup.finishedAt };
  const have = await availableFrom(wal, base, way);
  checkTarget(base, have, target);
  await makeEmpty(directory);
  const unfinished = join(directory, 'data.unfinished');
  const written = await writeDataFolder(repository, captured, {
    data: unfinished,
    tablespaces: join(directory, 'tablespaces'),
    signal,
  });
  // The record at the target may end in the segment after.
  const behind = 2n * BigInt(segmentSize);
  const to = target.kind === 'lsn' ? target.lsn + behind : target.kind === 'immediate' ? stop : have.end;
  const walBytes =
    request.restoreCommand === undefined
      ? await writeWalFiles(wal, {
          folder: join(unfinished, 'pg_wal'),
          segmentSize,
          way,
          from: start,
          to,
          lastTimeline: have.timeline,
          signal,
        })
      : 0;
  const lines = recoveryLines({ ...request, timeline: have.timeline });
  await appendFile(join(unfinished, 'postgresql.auto.conf'), lines, { mode: 0o600 });
  await writeFile(join(unfinished, 'recovery.signal'), '', { mode: 0o600 });
  if (request.owner) await giveTo(directory, request.owner);
  const dataFolder = join(directory, 'data');
  await rename(unfinished, dataFolder);
  return {
    schema: 1,
    snapshot: reader.info.id,
    resource,
    dataFolder,
    ...written,
    walBytes,
    timeline: have.timeline,
    consistentAt: formatLsn(stop),
    walEnd: formatLsn(have.end),
    ...(have.sentAt === 0 ? {} : { walSentAt: new Date(have.sentAt).toISOString() }),
  };
}

async function makeEmpty(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if ((await readdir(directory)).length > 0)
    throw new HoldfastError('restore.target-not-empty', `${directory} is not empty`, {
      hint: 'Choose an empty directory: a data folder is never written over another.',
    });
}
