import { forEachConcurrent } from '../kernel/concurrency.ts';
import { HoldfastError } from '../kernel/errors.ts';
import { thawHours } from '../storage/archive.ts';
import type { ThawTier } from '../storage/contract.ts';
import type { ArchivedPack, PackArchive } from '../repository/cold/contract.ts';
import type { Estate } from './contract.ts';
import type { ThawPlan } from './thaw-plan.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Requests of one second. S3 takes 1,000 a second and account; others work there too. */
const requestsPerSecond = 100;
const askedAtOnce = 16;
/** A thawed copy that ends sooner is asked for again: a restore may take that long. */
const leastLeft = 12 * hour;
const longestPause = 15 * minute;
/** How often a pack that fell back is asked for again before that is an error. */
const mostRequests = 3;

export interface ThawSettings {
  /** How fast; needed where something is frozen. */
  readonly tier: ThawTier;
}

/**
 * Makes the packs of the plan readable: asks for those that are frozen, all in one go, then waits until every one is
 * there. What an earlier run asked for is recognised and not asked for again, so that an interrupted wait is taken up by
 * running the same command. Throws storage.frozen when a pack falls back again and again, storage.unavailable when the
 * time the provider names is long over, storage.unsupported, run.interrupted.
 */
export async function thawPacks(
  estate: Pick<Estate, 'runtime' | 'events' | 'signal'>,
  archive: PackArchive,
  plan: ThawPlan,
  { tier }: ThawSettings,
): Promise<void> {
  const { days } = plan;
  const { clock } = estate.runtime;
  const soonOver = (pack: ArchivedPack): boolean =>
    pack.state === 'thawed' &&
    pack.until !== undefined &&
    pack.until - clock.now() < Math.min(leastLeft, (days * day) / 2);
  const toAsk = plan.packs.filter((pack) => pack.state === 'frozen' || soonOver(pack));
  await askFor(estate, archive, toAsk, { days, tier });
  const waiting = plan.packs.filter((pack) => pack.state === 'frozen' || pack.state === 'thawing');
  if (waiting.length > 0) await waitFor(estate, archive, waiting, { days, tier });
}

interface Request {
  readonly days: number;
  readonly tier: ThawTier;
}

type Surroundings = Pick<Estate, 'runtime' | 'events' | 'signal'>;

async function askFor(
  { runtime, events, signal }: Surroundings,
  archive: PackArchive,
  packs: readonly ArchivedPack[],
  request: Request,
): Promise<void> {
  let done = 0;
  for (let from = 0; from < packs.length; from += requestsPerSecond) {
    if (from > 0) await clockSleep(runtime, 1000, signal);
    signal.throwIfAborted();
    await forEachConcurrent(packs.slice(from, from + requestsPerSecond), askedAtOnce, async ({ key }) => {
      await archive.thaw(key, request);
      events({ type: 'repository.progress', what: 'packs asked for', done: ++done, total: packs.length });
    });
  }
}

async function waitFor(
  estate: Surroundings,
  archive: PackArchive,
  packs: readonly ArchivedPack[],
  request: Request,
): Promise<void> {
  const { runtime, events, signal } = estate;
  const startedAt = runtime.clock.now();
  // Another tier may have been asked for earlier: the slowest one counts.
  const hours = Math.max(...packs.map(({ storageClass }) => thawHours(storageClass, 'bulk') ?? 48));
  const requests = new Map<string, number>();
  let pending = packs;
  for (;;) {
    const left: ArchivedPack[] = [];
    await forEachConcurrent(pending, askedAtOnce, async (pack) => {
      const { state } = await archive.state(pack.key);
      if (state === 'thawing' || state === 'frozen') left.push({ ...pack, state });
    });
    pending = left;
    events({
      type: 'repository.progress',
      what: 'packs thawed',
      done: packs.length - pending.length,
      total: packs.length,
    });
    if (pending.length === 0) return;
    // A request that was answered and then forgotten, or a copy that ended before the last one came.
    const fallen = pending.filter(({ state }) => state === 'frozen');
    for (const { key } of fallen) {
      const times = (requests.get(key) ?? 1) + 1;
      if (times > mostRequests) throw fellBack(key);
      requests.set(key, times);
    }
    await askFor(estate, archive, fallen, request);
    const waited = runtime.clock.now() - startedAt;
    if (waited > 4 * hours * hour) throw tooLong(pending.length, waited);
    await clockSleep(runtime, pauseAfter(waited, request.tier), signal);
  }
}

/** A tenth of what was waited already: close to the moment it is there, and few questions in a day. */
function pauseAfter(waited: number, tier: ThawTier): number {
  const first = tier === 'expedited' ? 15_000 : minute;
  return Math.min(longestPause, Math.max(first, waited / 10));
}

async function clockSleep({ clock }: Estate['runtime'], ms: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (cause) {
    throw new HoldfastError('run.interrupted', 'the wait for packs from the archive was interrupted', {
      hint: 'Run the same command again: what was asked for goes on thawing, and is not asked for twice.',
      cause,
    });
  }
}

function fellBack(key: string): HoldfastError {
  return new HoldfastError('storage.frozen', `${key} froze again although it was asked for ${mostRequests} times`, {
    resource: key,
    hint: 'Look at the object in the console of the provider; ask for more days with --thaw-days.',
  });
}

function tooLong(packs: number, waited: number): HoldfastError {
  const hours = Math.round(waited / hour);
  return new HoldfastError('storage.unavailable', `${packs} packs are not thawed after ${hours} hours`, {
    hint: 'Run the same command again; look at the objects in the console of the provider.',
  });
}
