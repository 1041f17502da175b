import { createHash } from 'node:crypto';
import type { PointContext, PointSettings } from '../../connectors/points/keeping.ts';
import { createLimiter } from '../../kernel/concurrency.ts';
import { isItemError, toRecord } from '../../kernel/errors.ts';
import type { RecoveryPoint } from '../../kernel/recovery-point.ts';
import type { Session } from '../../repository/session/contract.ts';
import type { Part } from '../barrier/turns.ts';
import type { Estate } from '../contract.ts';
import { openContext, type FoundResource } from '../sources.ts';
import { followPoints, type Followed } from './follow.ts';
import { pointError, type KeptPoints } from './record.ts';
import { removeExpired } from './retain.ts';

/** The recovery points of one snapshot. */
export interface PointRun {
  /**
   * Starts the points of a resource and follows them to their end or to the time limit; undefined where its source asks for
   * none. `part`: when they may be started, and who is told that they were. What the provider refuses is in the result. Throws what is not about an item.
   */
  keep(resource: FoundResource, part: Part): Promise<KeptPoints | undefined>;
  /** Once the snapshot is committed: deletes what is past its retention, of the resources that got points. */
  retain(): Promise<void>;
}

/** Starting is a call or two; the provider allows few at a time. */
const startsAtOnce = 8;

export interface PointRunSettings {
  readonly repository: string;
  readonly session: () => Promise<Session>;
  readonly signal: AbortSignal;
  /** How long to wait for points from now on, ms. */
  readonly wait: number;
}

export function openPointRun(estate: Estate, settings: PointRunSettings): PointRun {
  const { repository, session, signal, wait } = settings;
  const until = estate.runtime.clock.now() + wait;
  const limiter = createLimiter(startsAtOnce);
  const kept: { readonly followed: Followed; readonly resource: FoundResource }[] = [];

  async function start(
    { context, keeping }: Followed,
    { discovered }: FoundResource,
    part: Part,
  ): Promise<RecoveryPoint[]> {
    let isStarted = false;
    try {
      await part.start();
      const points = await limiter.run(async () => {
        signal.throwIfAborted();
        return await keeping.start(context, discovered);
      });
      isStarted = true;
      return points;
    } finally {
      part.end(isStarted);
    }
  }
  return {
    async keep(resource, part) {
      const { target, discovered, key } = resource;
      const { points: keeping } = target.connector;
      const asked = pointsAsked(resource);
      if (!keeping || !asked) return undefined;
      const run = runOf(repository, estate.config.estate, (await session()).startedAt);
      const context: PointContext = {
        ...(await openContext(estate, target, signal)),
        settings: asked,
        run,
        estate: estate.config.estate,
      };
      const followed: Followed = { source: target.source.name, resource: key, ref: discovered.ref, keeping, context };
      try {
        const points = await followPoints(followed, await start(followed, resource, part), until);
        kept.push({ followed, resource });
        tellFailures(followed, points);
        return { points };
      } catch (error) {
        if (!isItemError(error) || signal.aborted) throw error;
        estate.events({ type: 'item.failed', source: followed.source, resource: key, error: toRecord(error) });
        return { points: [], failure: error };
      }
    },
    async retain() {
      for (const { followed, resource } of kept)
        if (followed.context.settings.retain) await removeExpired(followed, resource.discovered);
    },
  };
}

/** What the source asks of the points of a resource; undefined where there are none. */
export function pointsAsked({ target, discovered }: FoundResource): PointSettings | undefined {
  const { points: keeping } = target.connector;
  return keeping?.covers(discovered.ref) === true ? keeping.settings(target.options) : undefined;
}

function tellFailures({ context, source, resource }: Followed, points: readonly RecoveryPoint[]): void {
  for (const point of points) {
    const error = pointError(resource, point);
    if (error) context.events({ type: 'item.failed', source, resource, error: toRecord(error) });
  }
}

/**
 * `20261121t225500-1a2b3c4d`: names the snapshot at work before it has an id, and says the same when it goes on after an
 * interruption. Two that begin in the same millisecond in one repository are one run: their points are of the same moment.
 */
function runOf(repository: string, estate: string, startedAt: number): string {
  const time = new Date(startedAt)
    .toISOString()
    .replaceAll(/[-:]|\.\d+Z$/g, '')
    .toLowerCase();
  const digest = createHash('sha256').update(`${repository}\n${estate}\n${startedAt}`).digest('hex');
  return `${time}-${digest.slice(0, 8)}`;
}
