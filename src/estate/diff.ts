import { HoldfastError } from '../kernel/errors.ts';
import type { Repository, SnapshotReader } from '../repository/contract.ts';
import type { DiffReport } from './contract.ts';

/** Skeleton: filled in next. */
export async function diffSnapshots(
  repository: Repository,
  before: SnapshotReader,
  after: SnapshotReader,
  path: string,
): Promise<DiffReport> {
  await Promise.resolve([repository, before, after, path]);
  throw new HoldfastError('internal.bug', 'not built yet');
}
