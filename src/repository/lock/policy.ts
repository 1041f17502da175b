import { HoldfastError } from '../../kernel/errors.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import type { WritePolicy } from '../format/document.ts';
import { dayMs, type LockSettings } from './contract.ts';

/** What a session may overrun until a pruner counts it as dead. */
const allowanceMs = dayMs;

/** The end of a lock set now, in ms since the epoch; whole seconds, since some stores keep no more. */
export function lockUntil(lock: LockSettings, now: number): number {
  return Math.ceil((now + (lock.days + aheadDays(lock)) * dayMs) / 1000) * 1000;
}

/** What every needed object must at least be locked until, seen from now. */
export function requiredUntil(lock: LockSettings, now: number): number {
  return now + lock.days * dayMs;
}

function aheadDays(lock: LockSettings): number {
  return lock.ahead ?? Math.max(1, Math.ceil(lock.days / 5));
}

export function lockPolicy(
  lock: LockSettings | undefined,
  now: number,
): Pick<WritePolicy, 'retainUntil' | 'retention'> {
  if (lock === undefined) return { retainUntil: 0, retention: 'none' };
  return { retainUntil: lockUntil(lock, now), retention: lock.mode };
}

/**
 * Throws config.invalid for a lock under which packs of a running session could lose theirs before its snapshot is
 * stored, and storage.unsupported where the store has no locks.
 */
export function checkLock(lock: LockSettings | undefined, store: ObjectStore, longestSession: number): void {
  if (lock === undefined) return;
  if (!store.capabilities.lock) {
    throw new HoldfastError(
      'storage.unsupported',
      `objects are to be locked, but ${store.address} has no Object Lock`,
      {
        hint: 'Use a bucket that was created with Object Lock, or take lock out of holdfast.yaml.',
      },
    );
  }
  const least = Math.ceil((longestSession + allowanceMs) / dayMs);
  if (lock.days < least) {
    throw new HoldfastError(
      'config.invalid',
      `repository.lock.days is ${lock.days}: what a session stores first could lose its lock before the session ends`,
      { hint: `Lock for at least ${least} days.` },
    );
  }
}
