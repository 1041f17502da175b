import { HoldfastError, isCode } from '../../kernel/errors.ts';
import { forEachConcurrent } from '../../kernel/concurrency.ts';
import type { LockMode, ObjectLock, ObjectStore } from '../../storage/contract.ts';
import type { Suspicion } from './contract.ts';
import { note, writeLockRecord, type KnownLocks } from './records.ts';
import type { RepositoryState } from '../state.ts';

/** One object to be locked. */
export interface LockTarget {
  readonly key: string;
  /** The version that counts, where a newer one or a deletion hides it. */
  readonly versionId?: string;
}

export interface Extension {
  readonly mode: LockMode;
  /** A lock that ends at or after this is long enough. */
  readonly required: number;
  /** What a lock that is not is extended to. */
  readonly until: number;
}

export interface ExtensionResult {
  enough: number;
  extended: number;
  failed: number;
  readonly failures: Suspicion[];
  /** Keys of the records written. */
  readonly records: string[];
}

// What a death in the middle makes the next run ask for again.
export const batchSize = 500;
const callsAtOnce = 16;
const failuresKept = 100;

/**
 * Extends locks that are too short. What the records say is believed; of all others the store is asked, and after each
 * extension asked again: only what it then says is recorded. Throws where nothing can be extended at all (storage.denied,
 * credentials, an outage); an object that fails by itself is reported.
 */
export async function extendLocks(
  state: Pick<RepositoryState, 'store' | 'keyring' | 'runtime'>,
  targets: Iterable<LockTarget>,
  extension: Extension,
  known: KnownLocks,
  signal?: AbortSignal,
): Promise<ExtensionResult> {
  const result: ExtensionResult = { enough: 0, extended: 0, failed: 0, failures: [], records: [] };
  let batch: LockTarget[] = [];

  async function one(target: LockTarget, found: Map<string, ObjectLock>): Promise<void> {
    try {
      const { lock, extended } = await ensureLock(state.store, target, extension);
      result[extended ? 'extended' : 'enough']++;
      found.set(target.key, lock);
    } catch (error) {
      if (!isCode(error, 'storage.not-found', 'storage.unsupported', 'storage.precondition')) throw error;
      result.failed++;
      if (result.failures.length < failuresKept) result.failures.push({ key: target.key, problem: error.message });
    }
  }
  async function flush(): Promise<void> {
    const taken = batch;
    batch = [];
    if (taken.length === 0) return;
    const found = new Map<string, ObjectLock>();
    try {
      await forEachConcurrent(taken, callsAtOnce, async (target) => {
        signal?.throwIfAborted();
        await one(target, found);
      });
    } finally {
      // Also of a run that is broken off: what holds need not be asked for again.
      if (found.size > 0) {
        result.records.push(await writeLockRecord(state, found));
        for (const [key, lock] of found) note(known, key, lock);
      }
    }
  }
  for (const target of targets) {
    if (isEnough(known.get(target.key), extension)) result.enough++;
    else if (batch.push(target) >= batchSize) await flush();
  }
  await flush();
  return result;
}

export function isEnough(lock: ObjectLock | undefined, { mode, required }: Extension): boolean {
  return lock !== undefined && lock.until >= required && (mode === 'governance' || lock.mode === 'compliance');
}

async function ensureLock(
  store: ObjectStore,
  { key, versionId }: LockTarget,
  extension: Extension,
): Promise<{ readonly lock: ObjectLock; readonly extended: boolean }> {
  const { readLock, extendLock } = store.capabilities;
  if (!readLock || !extendLock)
    throw new HoldfastError('storage.unsupported', `${store.address} has no Object Lock`, { resource: key });
  const before = await readLock(key, versionId);
  if (before && isEnough(before, extension)) return { lock: before, extended: false };
  await extendLock(key, extension.until, extension.mode, versionId);
  const after = await readLock(key, versionId);
  if (after && isEnough(after, extension)) return { lock: after, extended: true };
  const said = after === undefined ? 'no lock' : `a lock until ${new Date(after.until).toISOString()}`;
  throw new HoldfastError('storage.unsupported', `the store accepted a longer lock of ${key} and then showed ${said}`, {
    resource: key,
  });
}
