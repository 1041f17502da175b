import type { DumpedKey } from './dump.ts';
import { serverError } from './errors.ts';
import { expiryOf, readKey, showKey } from './key-entry.ts';
import { sameValue } from './same-value.ts';
import { keyPath, type RestoreJob, type TargetKey } from './target.ts';

/** A captured key that is to be written. */
export interface WantedKey extends TargetKey {
  /** Where comparing read it already. */
  readonly value?: DumpedKey;
  /** Something else is there under its name. */
  readonly isThere: boolean;
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
  const due = batch.filter(({ entry }) => !hasExpired(expiryOf(entry), now));
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
      if (reply === 0) wanted.push({ ...target, isThere: false });
    }
    return { wanted, expired };
  }
  const live = await router.read(database, keys);
  for (const target of due) {
    const there = live.get(target.key.toString('latin1'));
    const value = await readKey(captured, target.entry);
    if (there && there.expiresAt === value.expiresAt && sameValue(there.payload, value.payload)) continue;
    wanted.push({ ...target, value, isThere: there !== undefined });
  }
  return { wanted, expired };
}

export function hasExpired(expiresAt: number | undefined, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}
