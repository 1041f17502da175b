import { formatLsn } from '../../connectors/postgres-cluster/lsn.ts';
import type { RecoveryTarget } from './target.ts';

export interface RecoverySettings {
  readonly target: RecoveryTarget;
  /** Stop right after the target (true), or right before it. */
  readonly inclusive: boolean;
  readonly timeline: number;
  readonly action: 'promote' | 'pause' | 'shutdown';
  /** How the server gets WAL; undefined: all of it lies in pg_wal. */
  readonly restoreCommand?: string;
}

/**
 * Lines for postgresql.auto.conf, which come after all others and so hold. Other targets are emptied: two at once are refused. The copy must
 * not archive over the WAL of the server it is a copy of, and must not wait for its standbys.
 */
export function recoveryLines(settings: RecoverySettings): string {
  const { target, inclusive, timeline, action, restoreCommand } = settings;
  const values: Readonly<Record<string, string>> = {
    // Every asked-for file is "not in the archive": the server then looks into pg_wal.
    restore_command: restoreCommand ?? 'exit 1',
    recovery_target: target.kind === 'immediate' ? 'immediate' : '',
    recovery_target_time: target.kind === 'time' ? new Date(target.time).toISOString() : '',
    recovery_target_lsn: target.kind === 'lsn' ? formatLsn(target.lsn) : '',
    recovery_target_name: target.kind === 'name' ? target.name : '',
    recovery_target_xid: '',
    recovery_target_inclusive: inclusive ? 'on' : 'off',
    recovery_target_timeline: String(timeline),
    recovery_target_action: action,
    primary_conninfo: '',
    archive_mode: 'off',
    synchronous_standby_names: '',
  };
  return [
    '# Written by holdfast wal restore. Once the copy takes over, remove the last two lines and restart.',
    ...Object.entries(values).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`),
    '',
  ].join('\n');
}
