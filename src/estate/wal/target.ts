import { formatLsn } from '../../connectors/postgres-cluster/lsn.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Available, BasePlace } from './available.ts';

/** Up to where a restored cluster is recovered. */
export type RecoveryTarget =
  /** Everything there is. */
  | { readonly kind: 'latest' }
  /** As soon as the copy is consistent. */
  | { readonly kind: 'immediate' }
  /** Milliseconds since the epoch. */
  | { readonly kind: 'time'; readonly time: number }
  | { readonly kind: 'lsn'; readonly lsn: bigint }
  /** A point made with pg_create_restore_point. */
  | { readonly kind: 'name'; readonly name: string };

/**
 * Throws wal.gap where WAL on the way to the target is missing, and wal.not-found for targets that lie outside of what there is: known
 * before anything is written. Whether a named point was met, only the recovery knows.
 */
export function checkTarget(
  base: BasePlace & { readonly finishedAt: number },
  have: Available,
  target: RecoveryTarget,
): void {
  const { gap, end } = have;
  if (end < base.stop && have.timeline === base.timeline)
    throw missing(have, `the base backup needs WAL up to ${formatLsn(base.stop)} to be consistent`);
  if (target.kind === 'immediate') return;
  if (target.kind === 'lsn') {
    if (target.lsn < base.stop)
      throw outside(
        `the backup ends at ${formatLsn(base.stop)}, after ${formatLsn(target.lsn)}`,
        'Choose an earlier snapshot.',
      );
    if (target.lsn <= end) return;
    if (gap) throw missing(have, `${formatLsn(target.lsn)} lies behind it`);
    throw outside(`the WAL ends at ${formatLsn(end)}, before ${formatLsn(target.lsn)}`, 'See holdfast wal status.');
  }
  if (target.kind === 'time') {
    if (target.time < base.finishedAt)
      throw outside(
        `the backup ended at ${iso(base.finishedAt)}, after ${iso(target.time)}`,
        'Choose an earlier snapshot.',
      );
    if (target.time <= have.sentAt) return;
    if (gap) throw missing(have, `what is before it ends at ${iso(have.sentAt)}`);
    const hint = 'Leave the target out to restore everything there is.';
    throw outside(`the newest WAL was sent at ${iso(have.sentAt)}, before ${iso(target.time)}`, hint);
  }
  if (gap) throw missing(have, 'there is more behind it');
}

function missing({ gap, timeline, end }: Available, why: string): HoldfastError {
  const until = gap ? ` to ${formatLsn(gap.end)}` : '';
  return new HoldfastError('wal.gap', `WAL of timeline ${timeline} is missing from ${formatLsn(end)}${until}: ${why}`, {
    hint: `Restore up to the gap with --target-lsn ${formatLsn(end)}, or use a newer base backup.`,
  });
}

function outside(what: string, hint: string): HoldfastError {
  return new HoldfastError('wal.not-found', `the target cannot be reached: ${what}`, { hint });
}

function iso(time: number): string {
  return time === 0 ? 'an unknown time' : new Date(time).toISOString();
}
