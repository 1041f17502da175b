import type { CapturedEntry } from '../kernel/entry.ts';
import { HoldfastError } from '../kernel/errors.ts';
import type { SnapshotReader } from '../repository/contract.ts';
import type { Listing } from './contract.ts';

/** Skeleton: filled in next. */
export async function list(reader: SnapshotReader, path: string): Promise<Listing> {
  await Promise.resolve([reader, path]);
  throw new HoldfastError('internal.bug', 'not built yet');
}

/** Skeleton: filled in next. */
export async function show(
  reader: SnapshotReader,
  path: string,
  reveal: boolean,
): Promise<{ readonly entry: CapturedEntry; readonly content: AsyncIterable<Uint8Array> }> {
  await Promise.resolve([reader, path, reveal]);
  throw new HoldfastError('internal.bug', 'not built yet');
}
