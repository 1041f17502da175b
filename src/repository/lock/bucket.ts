import { HoldfastError } from '../../kernel/errors.ts';
import type { ObjectStore, StoreProtection } from '../../storage/contract.ts';
import type { LockSettings } from './contract.ts';

/** Settings of a bucket under which locked data could disappear early, in words. Empty: none that can be seen. */
export function bucketProblems(lock: LockSettings, protection: StoreProtection): string[] {
  const problems: string[] = [];
  if (protection.lock === false) problems.push('the bucket has no Object Lock: it must be created with it');
  if (protection.versioning === false)
    problems.push('the bucket does not keep versions: what is overwritten or deleted is gone');
  for (const { rule, of, days } of protection.expirations ?? []) {
    const after = days === undefined ? 'at a date' : `after ${days} days`;
    if (of === 'current')
      problems.push(`the lifecycle rule ${rule} expires objects of the repository ${after}: take it out`);
    else if (days === undefined || days < lock.days)
      problems.push(
        `the lifecycle rule ${rule} destroys overwritten and deleted objects ${after}: let it wait ${lock.days} days or more`,
      );
  }
  return problems;
}

/**
 * Throws config.invalid where the bucket defeats the lock. What the credentials may not ask is not held against it. Stores
 * without lifecycle rules have nothing to be asked.
 */
export async function checkBucket(lock: LockSettings | undefined, store: ObjectStore): Promise<void> {
  const { protection } = store.capabilities;
  if (lock === undefined || protection === undefined) return;
  const problems = bucketProblems(lock, await protection());
  if (problems.length === 0) return;
  throw new HoldfastError('config.invalid', `${store.address} cannot keep what is locked: ${problems.join('; ')}`, {
    resource: store.address,
    hint: 'Correct the settings of the bucket, or take lock out of holdfast.yaml.',
  });
}
