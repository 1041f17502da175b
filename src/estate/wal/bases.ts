import { clusterDocument, readBackup, type CapturedBackup } from '../../connectors/postgres-cluster/backup-document.ts';
import { resourceKey } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Repository, SnapshotInfo } from '../../repository/contract.ts';

/** A base backup of a snapshot that is kept. */
export interface KeptBase extends CapturedBackup {
  readonly snapshot: string;
  readonly resource: string;
}

/** Every base backup of a cluster, oldest snapshot first, whatever name it has. Throws repository.corrupt where one cannot be read. */
export async function* basesOf(repository: Repository, systemId: string): AsyncGenerator<KeptBase> {
  const { list } = await repository.snapshots();
  for (const info of list) yield* basesIn(repository, info, systemId);
}

/** The base backups of one snapshot, of all clusters or of one. Throws as opening the snapshot does, and repository.corrupt. */
export async function* basesIn(
  repository: Repository,
  info: SnapshotInfo,
  systemId?: string,
): AsyncGenerator<KeptBase> {
  const reader = await repository.open(info);
  for await (const { ref } of reader.resources('postgres-cluster/')) {
    if (systemId !== undefined && ref.id !== systemId) continue;
    const resource = resourceKey(ref);
    const captured = await reader.resource(resource);
    // A capture that did not come to its end is no base backup.
    if (!captured || !(await captured.entry('', clusterDocument))) continue;
    yield { ...(await readBackup(captured)), snapshot: info.id, resource };
  }
}

/** Throws where there are snapshots that cannot be read: they may need what looks unneeded. */
export async function requireAllReadable(repository: Repository): Promise<void> {
  const { hidden, damaged } = await repository.snapshots();
  if (damaged.length > 0)
    throw new HoldfastError(
      'repository.corrupt',
      `${damaged.length} snapshots cannot be read; what they need is unknown`,
    );
  if (hidden > 0)
    throw new HoldfastError(
      'repository.newer-format',
      `${hidden} snapshots are of a newer format; what they need is unknown`,
    );
}

/** The number of the cluster with this name in the newest snapshot that has it; for when the server is gone. */
export async function lastSystemId(repository: Repository, estate: string, name: string): Promise<string | undefined> {
  const { list } = await repository.snapshots();
  for (const info of list.toReversed()) {
    if (info.estate !== estate) continue;
    const reader = await repository.open(info);
    for await (const { ref } of reader.resources('postgres-cluster/')) if (ref.name === name) return ref.id;
  }
  return undefined;
}
