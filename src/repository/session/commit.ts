import { asHoldfastError, HoldfastError } from '../../kernel/errors.ts';
import { equalBytes, hex } from '../../kernel/bytes.ts';
import { newId } from '../../kernel/runtime.ts';
import type { SnapshotInfo } from '../contract.ts';
import { putOptions, sealDocument } from '../format/document.ts';
import { refreshIndex } from '../index/objects.ts';
import { encodeSnapshot, snapshotPrefix, type SnapshotDocument } from '../snapshots.ts';
import type { RepositoryState } from '../state.ts';
import { acquireLease, type Lease } from './lease.ts';

/** A snapshot about to be stored; all its chunks are durable and indexed (law: packs, index, snapshot). */
export interface NewSnapshot {
  readonly info: Omit<SnapshotInfo, 'id' | 'committedAt'>;
  readonly sources: SnapshotDocument['sources'];
  readonly root: SnapshotDocument['root'];
}

/**
 * Stores the snapshot under the lease. Throws repository.session-too-long, repository.lease-lost and what the store
 * throws, and only when the snapshot is not there: what fails after it is stored is told as a notice.
 */
export async function commitSnapshot(state: RepositoryState, snapshot: NewSnapshot): Promise<SnapshotInfo> {
  const lease = await acquireLease(state.store, state.runtime);
  try {
    const committedAt = state.runtime.clock.now();
    if (committedAt - snapshot.info.startedAt > state.configuration.longestSession) {
      throw new HoldfastError(
        'repository.session-too-long',
        'the session lasted longer than the repository allows; a pruner may no longer know of it',
      );
    }
    await refreshIndex(state);
    const info: SnapshotInfo = { id: hex(newId(state.runtime)), ...snapshot.info, committedAt };
    const { sources, root } = snapshot;
    const plain = encodeSnapshot({ info, sources, root, generation: lease.generation });
    const bytes = sealDocument(state.keyring, 'snapshot', plain, state.runtime, state.policy());
    await lease.check();
    await putSnapshot(state, `${snapshotPrefix}${info.id}`, bytes);
    return info;
  } finally {
    await release(state, lease);
  }
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
