import { resourceKey } from '../../kernel/entry.ts';
import type { RecoveryPoint } from '../../kernel/recovery-point.ts';
import type { ResourceRecord } from '../../repository/contract.ts';

/** A recovery point in a manifest: times in ISO 8601. */
export interface ManifestPoint extends Omit<RecoveryPoint, 'startedAt' | 'completedAt' | 'at' | 'expiresAt'> {
  /** `type/name`. */
  readonly resource: string;
  readonly startedAt?: string;
  readonly completedAt?: string;
  readonly at?: string;
  readonly expiresAt?: string;
}

/** The points of a resource, as a manifest lists them. */
export function manifestPoints({ ref, points = [] }: ResourceRecord): ManifestPoint[] {
  return points.map(({ startedAt, completedAt, at, expiresAt, ...facts }) => {
    const times = Object.entries({ startedAt, completedAt, at, expiresAt });
    const told = times.flatMap(([name, time]) =>
      time === undefined ? [] : [[name, new Date(time).toISOString()] as const],
    );
    return { resource: resourceKey(ref), ...facts, ...Object.fromEntries(told) };
  });
}
