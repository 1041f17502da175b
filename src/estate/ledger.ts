import { HoldfastError } from '../kernel/errors.ts';
import type { SnapshotReader } from '../repository/contract.ts';
import type { LedgerReport, Selection } from './contract.ts';

/** Skeleton: filled in next. */
export async function readLedger(reader: SnapshotReader, selection: Selection): Promise<LedgerReport> {
  await Promise.resolve([reader, selection]);
  throw new HoldfastError('internal.bug', 'not built yet');
}
