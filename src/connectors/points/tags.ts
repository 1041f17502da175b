import { createHash } from 'node:crypto';
import type { PointContext } from './keeping.ts';
import type { PointTags } from './contract.ts';

/** The tag without which Holdfast deletes nothing. */
export const runTag = 'holdfast:run';
const estateTag = 'holdfast:estate';
/** ARN of the resource that a point is of: what finds copies in another region. */
export const resourceTag = 'holdfast:resource';

/** What every point of ours carries: who asked for it, and what it is of. */
export function pointTags({ run, estate }: Pick<PointContext, 'run' | 'estate'>, id: string): PointTags {
  return { [runTag]: run, [estateTag]: estate, [resourceTag]: id };
}

/**
 * `holdfast-20261121t225500-1a2b3c4d-0123456789`: of one run and one resource always the same. Lower case letters, digits and
 * single hyphens, 42 characters: what RDS (63, for clusters) and Lightsail take.
 */
export function pointName(run: string, id: string): string {
  return `holdfast-${run}-${createHash('sha256').update(id).digest('hex').slice(0, 10)}`;
}
