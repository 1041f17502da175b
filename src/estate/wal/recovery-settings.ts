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
  const wanted = targetSetting(target);
  // Emptied first: the server refuses a target after another one, even an empty one.
  const emptied = targets.filter((name) => name !== wanted?.[0]).map((name) => [name, ''] as const);
  const values: readonly (readonly [string, string])[] = [
    // Every asked-for file is "not in the archive": the server then looks into pg_wal.
    ['restore_command', restoreCommand ?? 'exit 1'],
    ...emptied,
    ...(wanted ? [wanted] : []),
    ['recovery_target_inclusive', inclusive ? 'on' : 'off'],
    ['recovery_target_timeline', String(timeline)],
    ['recovery_target_action', action],
    ['primary_conninfo', ''],
    ['archive_mode', 'off'],
    ['synchronous_standby_names', ''],
  ];
  return [
    '# Written by holdfast wal restore. Once the copy takes over, remove the last two lines and restart.',
    ...values.map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`),
    '',
  ].join('\n');
}

const targets = [
  'recovery_target',
  'recovery_target_time',
  'recovery_target_lsn',
  'recovery_target_name',
  'recovery_target_xid',
];

function targetSetting(target: RecoveryTarget): readonly [string, string] | undefined {
  if (target.kind === 'latest') return undefined;
  if (target.kind === 'immediate') return ['recovery_target', 'immediate'];
  if (target.kind === 'time')
    return ['recovery_target_time', new Date(target.time).toISOString().replace('T', ' ').replace('Z', '+00')];
  if (target.kind === 'lsn') return ['recovery_target_lsn', formatLsn(target.lsn)];
  return ['recovery_target_name', target.name];
}
