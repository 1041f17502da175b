import { HoldfastError } from '../kernel/errors.ts';
import type { Repository, SnapshotReader } from '../repository/contract.ts';
import type { Estate, RestorePlan, RestoreReport } from './contract.ts';

/** Skeleton: filled in next. */
export async function applyRestore(
  estate: Estate,
  repository: Repository,
  reader: SnapshotReader,
  plan: RestorePlan,
): Promise<RestoreReport> {
  await Promise.resolve([estate, repository, reader, plan]);
  throw new HoldfastError('internal.bug', 'not built yet');
}
