import type { ReachedMoment } from '../../kernel/moment.ts';

/** One resource of a barrier's sources: `type/name`. */
export interface Member {
  readonly key: string;
  readonly source: string;
  /** It awaits the barrier itself: whatever instant it tells lies after that. */
  readonly awaits: boolean;
  /** Prepared: it waits for the barrier. */
  isReady: boolean;
  /** It has ended, or has failed: nothing waits for it any more. */
  isOver: boolean;
  /** When its consistent part had begun, by this machine's clock: ms. */
  begunAt?: number;
  moment?: ReachedMoment;
}

/** From when to when the barrier was held, by this machine's clock: ms. */
export interface HeldSpan {
  readonly heldAt: number;
  readonly releasedAt: number;
}

/** Whether what was captured began while the barrier was held. */
export function isWithin({ awaits, begunAt, moment }: Member, { heldAt, releasedAt }: HeldSpan): boolean {
  if (begunAt === undefined || begunAt < heldAt || begunAt > releasedAt) return false;
  // An instant may lie before it was asked for: a file that was begun for somebody else, an export of the past. By the server's
  // clock, which may be wrong, that is looked at only where nothing else says it.
  return moment?.kind !== 'instant' || moment.from >= heldAt || (awaits && moment.clock === 'server');
}
