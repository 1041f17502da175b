import { createLimiter } from '../kernel/concurrency.ts';
import { asHoldfastError, HoldfastError } from '../kernel/errors.ts';
import type { Repository, ResourceRecord, SnapshotInfo } from '../repository/contract.ts';
import type { Session } from '../repository/session/contract.ts';
import { openBarrier, type Barrier } from './barrier/barrier.ts';
import type { Part } from './barrier/turns.ts';
import { captureResource, openInSession } from './capture-resource.ts';
import type { Estate, Manifest, SnapshotSettings } from './contract.ts';
import { discoverTargets } from './discovery.ts';
import { buildManifest } from './manifest.ts';
import { openPlanPoints } from './points/held.ts';
import { withPoints } from './points/record.ts';
import { openPointRun } from './points/run.ts';
import { createProgress } from './progress.ts';
import { reportedRun } from './run-events.ts';
import { compileSelection, selectedSources } from './selection.ts';
import { listTargets, openContext, type ConnectorLookup, type FoundResource } from './sources.ts';
import { sharedSignal } from '../kernel/signals.ts';
import { suspend } from './suspend.ts';
import { createTally, type SourceTally } from './tally.ts';

/** Resources captured at the same time; calls and bytes in flight have limits of their own. */
const resourcesAtOnce = 32;

/** How long a snapshot waits for recovery points that the provider makes, where nothing else is said: 30 minutes. */
export const defaultWait = 30 * 60_000;

/**
 * Discovers and captures what the selection covers, and commits it. What could not be captured makes the snapshot partial:
 * it is committed and returned, and its manifest says why. Throws run.interrupted when the estate's signal was aborted, and
 * whatever is not about one item (credentials, the repository); what was stored until then is kept for `resume`.
 */
export async function takeSnapshot(
  estate: Estate,
  repository: Repository,
  settings: SnapshotSettings,
  lookup?: ConnectorLookup,
): Promise<{ readonly info: SnapshotInfo; readonly manifest: Manifest }> {
  return await reportedRun(
    estate,
    'snapshot',
    async () => await snapshot(estate, repository, settings, lookup),
    ({ info }) => (info.outcome === 'complete' ? 'ok' : 'partial'),
  );
}

async function snapshot(
  estate: Estate,
  repository: Repository,
  settings: SnapshotSettings,
  lookup: ConnectorLookup | undefined,
): Promise<{ readonly info: SnapshotInfo; readonly manifest: Manifest }> {
  const sources = selectedSources(estate.config, settings.selection);
  const selected = compileSelection(settings.selection);
  const targets = await listTargets(estate, sources, lookup);
  const tallies = new Map(
    sources.map((source) => {
      const listings = targets.filter((target) => target.source.name === source.name).length;
      return [source.name, createTally(source, listings, estate.events)] as const;
    }),
  );
  const fatal = new AbortController();
  const signal = sharedSignal(estate.signal, fatal.signal);
  const { barrier: name, resume } = settings;
  const barrier = await openBarrier(estate, { name, resume, sources, targets, signal });
  const work = openWork(estate, repository, settings, { tallies, barrier, fatal, signal });
  try {
    // To go on with an unfinished session must fail before anything is listed, when there is none.
    if (settings.resume) await work.session();
    await discoverTargets(estate, targets, selected, signal, {
      found: (resource) => work.start(resource),
      failed: (target, error) => {
        const where = [target.source.name, target.account?.name, target.region].filter((part) => part !== undefined);
        tallies.get(target.source.name)?.listingFailed(error, where.join(' '));
      },
      done(target) {
        barrier.listed(target);
        tallies.get(target.source.name)?.targetDone();
      },
    });
    await work.finished();
    await barrier.settled();
    const records = [...tallies.values()].map((tally) => {
      const selection = selected.partOf(tally.source);
      return { ...tally.record(), ...(selection === undefined ? {} : { selection }) };
    });
    if (records.every((record) => record.expected === 0)) {
      throw new HoldfastError('snapshot.nothing-selected', 'nothing in the estate matches the selection');
    }
    const session = await work.session();
    const info = await session.commit(barrier.recorded(records));
    await work.retainPoints();
    // Read back, but for a writer that cannot.
    const stored = repository.writeOnly
      ? { info, sources: barrier.recorded(records), resources: () => session.records() }
      : await repository.open(info);
    return { info, manifest: await buildManifest(stored) };
  } catch (error) {
    throw await work.stop(error);
  } finally {
    await barrier.close();
  }
}

interface Work {
  /** Begun with the first resource: a run that finds nothing leaves nothing behind. */
  session(): Promise<Session>;
  /** Queues a resource. */
  start(resource: FoundResource): void;
  /** Waits for all that was queued; throws the first error that is not an item's. */
  finished(): Promise<void>;
  /** Once the snapshot is committed: recovery points past their retention go. */
  retainPoints(): Promise<void>;
  /** Keeps what was stored for --resume, and returns what to throw. */
  stop(error: unknown): Promise<HoldfastError>;
}

interface WorkSettings {
  readonly tallies: ReadonlyMap<string, SourceTally>;
  readonly barrier: Barrier;
  /** Aborted when something failed that no further work can repair. */
  readonly fatal: AbortController;
  /** Aborted then, and when the estate's is. */
  readonly signal: AbortSignal;
}

function openWork(
  estate: Estate,
  repository: Repository,
  settings: SnapshotSettings,
  { tallies, barrier, fatal, signal }: WorkSettings,
): Work {
  const { config, host, events } = estate;
  const limiter = createLimiter(resourcesAtOnce);
  const progress = createProgress(estate);
  const running: Promise<void>[] = [];
  let opening: Promise<Session> | undefined;
  let failure: { readonly error: unknown } | undefined;

  function session(): Promise<Session> {
    const { tags, resume, reread = false } = settings;
    opening ??= repository.startSession({ estate: config.estate, host, tags, resume, reread });
    return opening;
  }
  const points = openPointRun(estate, {
    repository: repository.id,
    session,
    signal,
    wait: settings.wait ?? defaultWait,
  });
  /** Points are begun before the capture and followed beside it, so that neither waits for the other. */
  async function take(resource: FoundResource): Promise<void> {
    const turn = barrier.turn(resource);
    const [record, kept, held] = await Promise.all([
      begin(resource, turn.capture, turn.isMember),
      points.keep(resource, turn.points),
      pointsOfPlans(resource),
    ]);
    if (!record) return;
    const isAmended = kept !== undefined || held.length > 0;
    const whole = isAmended ? withPoints(record, { ...kept, points: [...(kept?.points ?? []), ...held] }) : record;
    if (isAmended) (await session()).amend(resource.key, whole);
    tallies.get(resource.target.source.name)?.resourceDone(resource.key, whole);
  }
  const pointsOfPlans = openPlanPoints(estate, (source) => tallies.get(source));
  async function begin(resource: FoundResource, part: Part, isMember: boolean): Promise<ResourceRecord | undefined> {
    let isDone = false;
    try {
      await part.start();
      const run = async (): Promise<ResourceRecord | undefined> => await capture(resource, part);
      const record = isMember ? await run() : await limiter.run(run);
      isDone = record !== undefined;
      return record;
    } finally {
      part.end(isDone);
    }
  }
  async function capture(resource: FoundResource, part: Part): Promise<ResourceRecord | undefined> {
    signal.throwIfAborted();
    const { key, target } = resource;
    const source = target.source.name;
    const current = await session();
    const known = current.finished.get(key);
    const finished = (record: ResourceRecord): ResourceRecord => {
      progress.tell(source, key, record);
      const outcome = record.outcome === 'complete' ? 'ok' : 'partial';
      events({ type: 'resource.finished', source, resource: key, outcome });
      return record;
    };
    events({ type: 'resource.started', source, resource: key });
    if (known) return finished(known);
    const context = await openContext(estate, target, signal);
    const opened = await openInSession(current, resource);
    const watch = progress.watch(source, key, opened);
    try {
      const record = await captureResource(context, resource, opened, part.moment);
      if (!record) return undefined;
      return finished(record);
    } finally {
      watch.end();
    }
  }
  return {
    session,
    start(resource) {
      tallies.get(resource.target.source.name)?.found();
      running.push(
        take(resource).catch((error: unknown) => {
          failure ??= { error };
          fatal.abort(error);
        }),
      );
    },
    async finished() {
      await Promise.all(running);
      if (failure) throw failure.error;
      signal.throwIfAborted();
    },
    retainPoints: () => points.retain(),
    async stop(error) {
      fatal.abort(error);
      await Promise.all(running);
      // The first failure is the cause; what discovery threw after it is only the echo.
      const cause = estate.signal.aborted ? undefined : asHoldfastError(failure?.error ?? error);
      const kept = await suspend(opening, events);
      if (cause) return cause;
      return new HoldfastError('run.interrupted', 'the snapshot was interrupted before it was committed', {
        hint:
          kept && !repository.writeOnly && !barrier.isAsked && !settings.reread
            ? 'Go on with holdfast snapshot --resume: what was stored is not read again.'
            : 'Run the command again.',
        cause: error,
      });
    },
  };
}
