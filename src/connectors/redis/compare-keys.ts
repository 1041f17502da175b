import type { DumpedKey } from './dump.ts';
import { serverError } from './errors.ts';
import { expiryOf, readKey, showKey } from './key-entry.ts';
import { sameValue } from './same-value.ts';
import { keyPath, type RestoreJob, type TargetKey } from './target.ts';

/** A captured key that is to be written. */
export interface WantedKey extends TargetKey {
  /** Where comparing read it already. */
  readonly value?: DumpedKey;
  /** What else is there under its name. */
  readonly there?: DumpedKey;
}

export interface ComparedBatch {
  readonly wanted: readonly WantedKey[];
  /** Keys whose time has passed: not restored, not deleted. */
  readonly expired: number;
}

/**
 * Which keys of a batch are to be written: those that are not there, and, unless the mode is create-missing, those that
 * differ in value or expiry. Memory holds the batch, captured and live.
 */
export async function compareBatch(job: RestoreJob, batch: readonly TargetKey[], now: number): Promise<ComparedBatch> {
  const { captured, context, router } = job;
  const due = dueOf(batch, now);
  const expired = batch.length - due.length;
  const database = batch[0]?.database ?? 0;
  const keys = due.map(({ key }) => key);
  const wanted: WantedKey[] = [];
  if (context.mode === 'create-missing') {
    const replies = await router.send(
      database,
      keys.map((key) => ({ key, command: ['EXISTS', key] as const })),
    );
    for (const [i, target] of due.entries()) {
      const reply = replies[i];
      if (reply instanceof Error)
        throw serverError(reply.message, `look for ${showKey(target.key)}`, keyPath(job, target));
      if (reply === 0) wanted.push(target);
    }
    return { wanted, expired };
  }
  const live = await router.read(database, keys);
  for (const target of due) {
    const there = live.get(target.key.toString('latin1'));
    const value = await readKey(captured, target.entry);
    if (there && isSameKey(there, value)) continue;
    wanted.push({ ...target, value, ...(there ? { there } : {}) });
  }
  return { wanted, expired };
}

/** Those whose time has not passed. */
export function dueOf(batch: readonly TargetKey[], now: number): TargetKey[] {
  return batch.filter(({ entry }) => !hasExpired(expiryOf(entry), now));
}

export function isSameKey(a: DumpedKey, b: DumpedKey): boolean {
  return a.expiresAt === b.expiresAt && sameValue(a.payload, b.payload);
}

export function hasExpired(expiresAt: number | undefined, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}
