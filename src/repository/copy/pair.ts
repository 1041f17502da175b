import { utf8 } from '../../kernel/bytes.ts';
import { isCode } from '../../kernel/errors.ts';
import type { SnapshotInfo } from '../contract.ts';
import { decodeResource, type Roots } from '../session/record.ts';
import { readSnapshot, snapshotPrefix, type SnapshotDocument } from '../snapshots.ts';
import type { RepositoryState } from '../state.ts';
import { findInTree, type LoadChunk } from '../tree/walk.ts';
import type { CopySource } from './source.ts';
import { unreadable } from './unreadable.ts';

/** A snapshot that both repositories hold. */
export interface SnapshotPair {
  readonly source: SnapshotDocument;
  readonly target: SnapshotDocument;
}

/** A resource of it. */
export interface ResourcePair {
  readonly source: Roots;
  readonly target: Roots;
}

/** Of the estate's snapshots that both hold, the one next in time. */
export async function nearestPair(
  from: RepositoryState,
  target: RepositoryState,
  shared: readonly SnapshotInfo[],
  wanted: SnapshotInfo,
): Promise<SnapshotPair | undefined> {
  const distance = ({ committedAt }: SnapshotInfo): number => Math.abs(committedAt - wanted.committedAt);
  const [nearest] = shared.filter(({ estate }) => estate === wanted.estate).sort((a, b) => distance(a) - distance(b));
  if (!nearest) return undefined;
  const key = `${snapshotPrefix}${nearest.id}`;
  try {
    return {
      source: await readSnapshot(from.store, from.keyring, key),
      target: await readSnapshot(target.store, target.keyring, key),
    };
  } catch (error) {
    // It only saves reading.
    if (isCode(error, ...unreadable)) return undefined;
    throw error;
  }
}

export async function resourcePair(
  source: CopySource,
  target: RepositoryState,
  pair: SnapshotPair | undefined,
  resource: string,
): Promise<ResourcePair | undefined> {
  if (!pair) return undefined;
  const here = await rootsOf((id) => source.state.chunks.chunk('metadata', id), pair.source, resource);
  const there = await rootsOf((id) => target.chunks.chunk('metadata', id), pair.target, resource);
  return here && there ? { source: here, target: there } : undefined;
}

async function rootsOf(load: LoadChunk, { root }: SnapshotDocument, resource: string): Promise<Roots | undefined> {
  try {
    const value = await findInTree(load, root, utf8(resource));
    return value === undefined ? undefined : decodeResource(value).roots;
  } catch (error) {
    if (isCode(error, ...unreadable)) return undefined;
    throw error;
  }
}
