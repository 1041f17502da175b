import type { PointContext, PointKeeping } from '../../connectors/points/keeping.ts';
import type { ResourceRef } from '../../kernel/entry.ts';
import { isItemError } from '../../kernel/errors.ts';
import { isPending, pointKey, type RecoveryPoint } from '../../kernel/recovery-point.ts';

/** Whose points are followed, and with what. */
export interface Followed {
  readonly source: string;
  /** `type/name`. */
  readonly resource: string;
  readonly ref: ResourceRef;
  readonly keeping: PointKeeping;
  readonly context: PointContext;
}

/** Between two questions for the same point, in ms: providers take minutes, and count calls. */
const firstPause = 5000;
const longestPause = 60_000;

/**
 * Asks for the state of the points until each has come to an end, or until `until` (ms since the epoch). A question that fails
 * is asked again; what will not be answered (denied) is left pending, with the reason. Throws what is not about an item.
 */
export async function followPoints(
  followed: Followed,
  points: readonly RecoveryPoint[],
  until: number,
): Promise<RecoveryPoint[]> {
  const { clock } = followed.context.runtime;
  const { signal } = followed.context;
  let steps: readonly Step[] = points.map((point) => ({ point, isOpen: isPending(point) }));
  for (const { point } of steps) tell(followed, point);
  for (let pause = firstPause; steps.some(({ isOpen }) => isOpen); pause = Math.min(pause * 1.5, longestPause)) {
    const left = until - clock.now();
    if (left <= 0) break;
    await clock.sleep(Math.min(pause, left), signal);
    signal.throwIfAborted();
    steps = await Promise.all(steps.map(async (step) => (step.isOpen ? await ask(followed, step.point) : step)));
  }
  return steps.map(({ point }) => point);
}

interface Step {
  readonly point: RecoveryPoint;
  /** Whether it is worth asking again. */
  readonly isOpen: boolean;
}

async function ask(followed: Followed, before: RecoveryPoint): Promise<Step> {
  try {
    const point = await followed.keeping.follow(followed.context, followed.ref, before);
    tell(followed, point);
    return { point, isOpen: isPending(point) };
  } catch (error) {
    if (!isItemError(error)) throw error;
    return { point: { ...before, reason: error.message }, isOpen: error.row.nature === 'retriable' };
  }
}

function tell({ context, source, resource }: Followed, point: RecoveryPoint): void {
  const { state, percent } = point;
  context.events({
    type: 'point.progress',
    source,
    resource,
    point: pointKey(point),
    state,
    ...(percent === undefined ? {} : { percent }),
  });
}
