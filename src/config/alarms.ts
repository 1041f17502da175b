import { z } from 'zod';

/** The `alarms:` key of holdfast.yaml: from when on a change between snapshots is worth an alarm; `true`: by the defaults, `false`: never. */

const share = z.number().min(0, 'expected a share from 0 to 1').max(1, 'expected a share from 0 to 1').optional();

const least = z.number().int().min(0).optional();

const thresholds = z.strictObject({
  removed: share,
  shrunk: share,
  changed: share,
  dense: share,
  gone: share,
  'least-entries': least,
  'least-bytes': least,
});

export const alarmsGrammar = z.union([z.boolean(), thresholds], {
  error: 'expected true, false or a map of thresholds',
});

/** What is not said has a default: `src/repository/alarms/contract.ts`. */
export interface AlarmConfig {
  readonly removed?: number;
  readonly shrunk?: number;
  readonly changed?: number;
  readonly dense?: number;
  readonly gone?: number;
  readonly leastEntries?: number;
  readonly leastBytes?: number;
}

export function alarmConfig(written: z.output<typeof alarmsGrammar>): AlarmConfig | false {
  if (typeof written === 'boolean') return written ? {} : false;
  const { 'least-entries': leastEntries, 'least-bytes': leastBytes, ...shares } = written;
  const said = Object.entries({ ...shares, leastEntries, leastBytes }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said);
}
