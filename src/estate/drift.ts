import { HoldfastError } from '../kernel/errors.ts';
import type { Repository, SnapshotReader } from '../repository/contract.ts';
import type { DriftReport, Estate, Selection } from './contract.ts';

/** Skeleton: filled in next. */
export async function findDrift(
  estate: Estate,
  repository: Repository,
  reader: SnapshotReader,
  selection: Selection,
): Promise<DriftReport> {
  await Promise.resolve([estate, repository, reader, selection]);
  throw new HoldfastError('internal.bug', 'not built yet');
}
