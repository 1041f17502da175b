import { HoldfastError } from '../kernel/errors.ts';
import type { Repository, SnapshotReader } from '../repository/contract.ts';
import type { Estate, RestorePlan, RestoreRequest } from './contract.ts';

/** Skeleton: filled in next. */
export async function planRestore(
  estate: Estate,
  repository: Repository,
  reader: SnapshotReader,
  request: RestoreRequest,
): Promise<RestorePlan> {
  await Promise.resolve([estate, repository, reader, request]);
  throw new HoldfastError('internal.bug', 'not built yet');
}
