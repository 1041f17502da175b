import { HoldfastError } from '../kernel/errors.ts';
import type { Repository, SnapshotInfo } from '../repository/contract.ts';
import type { Estate, Manifest, SnapshotSettings } from './contract.ts';

/** Skeleton: filled in next. */
export async function takeSnapshot(
  estate: Estate,
  repository: Repository,
  settings: SnapshotSettings,
): Promise<{ readonly info: SnapshotInfo; readonly manifest: Manifest }> {
  await Promise.resolve([estate, repository, settings]);
  throw new HoldfastError('internal.bug', 'not built yet');
}
