import { asHoldfastError, HoldfastError } from '../../kernel/errors.ts';
import { equalBytes, hex } from '../../kernel/bytes.ts';
import { newId } from '../../kernel/runtime.ts';
import type { SnapshotInfo } from '../contract.ts';
import { putOptions, sealDocument } from '../format/document.ts';
import { refreshLocations } from '../index/objects.ts';
import { unreadableMark, verdictsUnknownTo } from '../marks/read.ts';
import { encodeSnapshot, snapshotPrefix, type SnapshotDocument } from '../snapshots.ts';
import type { RepositoryState } from '../state.ts';
import type { CommittedAs } from './import.ts';
import { acquireLease, keepLease, type Lease } from './lease.ts';
import { findLoss } from './wholeness.ts';

/** A snapshot about to be stored; all its chunks are durable and indexed (law: packs, index, snapshot). */
export interface NewSnapshot {
  readonly info: Omit<SnapshotInfo, 'id' | 'committedAt'>;
  readonly sources: SnapshotDocument['sources'];
  readonly root: SnapshotDocument['root'];
  /** When the session was announced, by the store's clock: ms. */
  readonly announcedAt: number;
  /** Ids of the marks it knew of when it began. */
  readonly marks: ReadonlySet<string>;
  /** What it is known as where it is the copy of another repository's. */
  readonly as?: CommittedAs;
}

/**
 * Stores the snapshot under the lease. Throws repository.session-too-long, repository.lease-lost and what the store
 * throws, and only when the snapshot is not there: what fails after it is stored is told as a notice.
 */
export async function commitSnapshot(state: RepositoryState, snapshot: NewSnapshot): Promise<SnapshotInfo> {
  return await underLease(state, (lease) => commitUnder(state, snapshot, lease));
}

/** Takes the lease, keeps it while the work goes on, and releases it. */
export async function underLease<T>(state: RepositoryState, work: (lease: Lease) => Promise<T>): Promise<T> {
  const lease = await acquireLease(state.store, state.runtime);
  const keeping = keepLease(lease, state.runtime);
  try {
    return await work(lease);
  } finally {
    await keeping.stop();
    await release(state, lease);
  }
}

async function commitUnder(state: RepositoryState, snapshot: NewSnapshot, lease: Lease): Promise<SnapshotInfo> {
  const { sources, root } = snapshot;
  if (lease.takenAt - snapshot.announcedAt > state.configuration.longestSession) throw tooLong();
  await refreshLocations(state);
  await refuseLostChunks(state, snapshot);
  const committedAt = state.runtime.clock.now();
  const info: SnapshotInfo = { id: hex(newId(state.runtime)), ...snapshot.info, committedAt, ...snapshot.as };
  await storeSnapshot(state, { info, sources, root }, snapshot.marks, lease);
  return state.keyring.writer ? { ...info, writer: true } : info;
}

/**
 * Puts a snapshot and makes sure that no pruner decided without it. Throws repository.lease-lost, and then it is not there.
 * Marks and index must have been read under the lease; `marks` are those that were known before.
 */
export async function storeSnapshot(
  state: RepositoryState,
  document: Omit<SnapshotDocument, 'generation'>,
  marks: ReadonlySet<string>,
  lease: Lease,
): Promise<void> {
  const plain = encodeSnapshot({ ...document, generation: lease.generation });
  const bytes = sealDocument(state.keyring, 'snapshot', plain, state.runtime, state.policy());
  await lease.check();
  const key = `${snapshotPrefix}${document.info.id}`;
  await putSnapshot(state, key, bytes);
  await withdrawIfLost(state, key, { root: document.root, marks }, lease);
}

/**
 * A pruner's verdict on a mark this session did not know of: chunks it takes for stored may be gone. Time forbids that
 * (docs/format.md, 9.4), but clocks lie.
 */
async function refuseLostChunks(state: RepositoryState, { root, marks }: NewSnapshot): Promise<void> {
  const verdicts = verdictsUnknownTo(marks, state.marks);
  if (verdicts.length === 0) return;
  const hidden = [...state.marks.unreadable.keys()].find((key) => verdicts.some((id) => key.includes(id)));
  const loss = hidden === undefined ? await findLoss(state, root) : `${hidden} cannot be read`;
  if (loss === undefined) return;
  throw new HoldfastError(
    'repository.session-too-long',
    `packs were deleted while the session was at work, and it took chunks in them for stored: ${loss}`,
  );
}

/**
 * Where somebody took a later lease before the snapshot was there (this process was stopped, say), a pruner may have
 * decided without it: then it must be whole without anything that a mark names, or go.
 */
async function withdrawIfLost(
  state: RepositoryState,
  key: string,
  { root, marks }: Pick<NewSnapshot, 'root' | 'marks'>,
  lease: Lease,
): Promise<void> {
  if (!(await lease.isOvertaken())) return;
  await refreshLocations(state);
  const hidden = unreadableMark(marks, state.marks);
  const loss = hidden === undefined ? await findLoss(state, root) : `${hidden} cannot be read`;
  if (loss === undefined) return;
  await state.store.delete(key);
  throw new HoldfastError('repository.lease-lost', `a pruner took over while the snapshot was being stored: ${loss}`);
}

export function tooLong(): HoldfastError {
  return new HoldfastError(
    'repository.session-too-long',
    'the session lasted longer than the repository allows; a pruner may no longer know of it',
  );
}

async function putSnapshot(state: RepositoryState, key: string, bytes: Uint8Array): Promise<void> {
  try {
    await state.store.put(key, [bytes], { ifAbsent: true, ...putOptions(state.policy(), 'metadata') });
  } catch (error) {
    // The answer may have been lost after the effect: what is there now decides.
    if (!(await holds(state, key, bytes))) throw error;
  }
}

async function holds(state: RepositoryState, key: string, bytes: Uint8Array): Promise<boolean> {
  try {
    return equalBytes(await state.store.get(key), bytes);
  } catch {
    // Not there, or not to be asked: the error of the put is the one to be told.
    return false;
  }
}

/** A lease that cannot be released runs out by itself: neither a commit nor the error of one is changed by that. */
async function release(state: RepositoryState, lease: Lease): Promise<void> {
  try {
    await lease.release();
  } catch (error) {
    const { message } = asHoldfastError(error);
    state.events({
      type: 'notice',
      level: 'warning',
      message: `the next commit waits a moment, because the lease of this one could not be released: ${message}`,
    });
  }
}
