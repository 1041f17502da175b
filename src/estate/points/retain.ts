import type { PointSettings } from '../../connectors/points/keeping.ts';
import { asHoldfastError } from '../../kernel/errors.ts';
import { isPending, pointKey, type RecoveryPoint } from '../../kernel/recovery-point.ts';
import { timeBefore } from '../../kernel/span.ts';
import type { DiscoveredResource } from '../../connectors/contract.ts';
import type { Followed } from './follow.ts';

/**
 * Points that may go: ours, of a kind and region of which a newer one is available, and older than `retain` before that newest
 * one. Both times are the provider's: a clock of this machine that is wrong deletes nothing, and where no new point comes,
 * none goes.
 */
function expiredPoints(points: readonly RecoveryPoint[], { retain }: PointSettings): readonly RecoveryPoint[] {
  if (!retain) return [];
  const ours = points.filter(({ run }) => run !== undefined);
  return ours.filter((point) => {
    const alike = ours.filter(
      ({ kind, region, state }) => kind === point.kind && region === point.region && state === 'available',
    );
    const newest = Math.max(...alike.map(timeOf));
    const time = timeOf(point);
    // One whose time nobody knows is older than nothing.
    return !isPending(point) && Number.isFinite(time) && Number.isFinite(newest) && time < timeBefore(newest, retain);
  });
}

function timeOf({ at, startedAt }: RecoveryPoint): number {
  return at ?? startedAt ?? Number.NEGATIVE_INFINITY;
}

/** Deletes what has expired of a resource. What cannot be deleted stays and is told: the next run tries again. */
export async function removeExpired(followed: Followed, resource: DiscoveredResource): Promise<void> {
  const { context, keeping } = followed;
  try {
    const points = await keeping.list(context, resource);
    for (const point of expiredPoints(points, context.settings)) {
      context.signal.throwIfAborted();
      await keeping.remove(context, point);
      const message = `${pointKey(point)} of ${followed.resource} is past its retention and was deleted`;
      context.events({ type: 'notice', level: 'info', message });
    }
  } catch (error) {
    const { message } = asHoldfastError(error);
    context.events({
      type: 'notice',
      level: 'warning',
      message: `recovery points of ${followed.resource} past their retention stay: ${message}`,
    });
  }
}
