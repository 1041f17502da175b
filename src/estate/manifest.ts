import { HoldfastError } from '../kernel/errors.ts';
import type { SnapshotReader } from '../repository/contract.ts';
import type { Manifest } from './contract.ts';

/** Skeleton: filled in next. */
export async function buildManifest(reader: SnapshotReader): Promise<Manifest> {
  await Promise.resolve(reader);
  throw new HoldfastError('internal.bug', 'not built yet');
}

/** Skeleton: filled in next. */
export function renderManifest(manifest: Manifest): string {
  return manifest.snapshot;
}
