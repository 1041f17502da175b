import type { PointContext } from '../../connectors/points/keeping.ts';
import { createLimiter } from '../../kernel/concurrency.ts';
import { resourceKey } from '../../kernel/entry.ts';
import { isPending, pointKey, type RecoveryPoint } from '../../kernel/recovery-point.ts';
import type { Repository, ResourceRecord, SnapshotInfo } from '../../repository/contract.ts';
import type { Estate, Manifest } from '../contract.ts';
import { buildManifest } from '../manifest.ts';
import { accountFor } from '../restore-live.ts';
import { reportedRun } from '../run-events.ts';
import { openContext, openSource, type ConnectorLookup } from '../sources.ts';
import { followPoints, type Followed } from './follow.ts';
import { sourcesFollowed, withFollowed } from './record.ts';

/** Resources whose points are asked for at the same time. */
const atOnce = 16;

/**
 * Follows the pending recovery points of a snapshot until they end, for at most `wait` ms, and puts a snapshot that says what
 * became of them in its place. Returns the one that stands then. Throws snapshot.not-found, config.invalid, run.interrupted.
 */
export async function settleSnapshot(
  estate: Estate,
  repository: Repository,
  info: SnapshotInfo,
  settings: { readonly wait: number },
  lookup?: ConnectorLookup,
): Promise<{ readonly info: SnapshotInfo; readonly manifest: Manifest }> {
  return await reportedRun(
    estate,
    'settle',
    async () => {
      const until = estate.runtime.clock.now() + settings.wait;
      const followed = await followAll(estate, repository, info, until, lookup);
      const settled = await repository.settle(info, {
        signal: estate.signal,
        change(record) {
          const points = followed.get(resourceKey(record.ref));
          return points ? moved(record, points) : record;
        },
        sources: sourcesFollowed,
      });
      return { info: settled, manifest: await buildManifest(await repository.open(settled)) };
    },
    (result) => (result.info.outcome === 'complete' ? 'ok' : 'partial'),
  );
}

async function followAll(
  estate: Estate,
  repository: Repository,
  info: SnapshotInfo,
  until: number,
  lookup: ConnectorLookup | undefined,
): Promise<ReadonlyMap<string, readonly RecoveryPoint[]>> {
  const reader = await repository.open(info);
  const waiting: ResourceRecord[] = [];
  for await (const record of reader.resources()) if (record.points?.some(isPending)) waiting.push(record);
  const limiter = createLimiter(atOnce);
  const results = await Promise.all(
    waiting.map(async (record) => {
      const { points = [] } = record;
      const followed = await openFollowed(estate, info, record, lookup);
      if (!followed) return [resourceKey(record.ref), points] as const;
      return [
        resourceKey(record.ref),
        await limiter.run(async () => await followPoints(followed, points, until)),
      ] as const;
    }),
  );
  return new Map(results);
}

/** Undefined where the configuration no longer says how to ask: that is told, and the points stay as they are. */
async function openFollowed(
  estate: Estate,
  info: SnapshotInfo,
  { ref, source: name, points = [] }: ResourceRecord,
  lookup: ConnectorLookup | undefined,
): Promise<Followed | undefined> {
  const resource = resourceKey(ref);
  const lost = (why: string): undefined => {
    const message = `recovery points of ${resource} cannot be followed: ${why}`;
    estate.events({ type: 'notice', level: 'warning', message });
  };
  const source = estate.config.sources.find((one) => one.name === name && one.type === ref.type);
  if (!source) return lost(`no source of the configuration is called ${name}`);
  const opened = await openSource(estate, source, lookup);
  const { points: keeping } = opened.connector;
  const asked = keeping?.settings(opened.options);
  if (!keeping || !asked) return lost(`source ${name} no longer asks for recovery points`);
  const account = await accountFor(estate, undefined, ref);
  if (!account) return lost(`its account ${ref.account} is not in the configuration`);
  const place = opened.connector.scope === 'regional' ? { account, region: ref.region } : { account };
  const context: PointContext = {
    ...(await openContext(estate, { ...opened, ...place }, estate.signal)),
    settings: asked,
    // That of the capture: names and tags come from it.
    run: points.find(({ run }) => run !== undefined)?.run ?? '',
    estate: info.estate,
  };
  return { source: name, resource, ref, keeping, context };
}

/**
 * The record with what its pending points have become; the same one where that is nothing new: how far one has come is not
 * worth another snapshot. What has ended in it, which may be what somebody else saw meanwhile, stays.
 */
function moved(record: ResourceRecord, now: readonly RecoveryPoint[]): ResourceRecord {
  const { points = [] } = record;
  const merged = points.map((point) => {
    const seen = now.find((one) => pointKey(one) === pointKey(point));
    const isNews = seen && isPending(point) && (seen.state !== point.state || seen.id !== point.id);
    return isNews ? seen : point;
  });
  return merged.every((point, i) => point === points[i]) ? record : withFollowed(record, merged);
}
