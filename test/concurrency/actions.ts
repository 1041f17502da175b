import { isCode } from '../../src/kernel/errors.ts';
import type { Repository, SnapshotInfo } from '../../src/repository/contract.ts';
import type { Session } from '../../src/repository/session/contract.ts';
import { contentsOf, fingerprintOf, noise, refOf, type Contents } from '../repository/small-repository.ts';
import { attemptTag, digestOf, type Model } from './model.ts';
import type { Dice } from './seeded.ts';

/** A repository, as one worker has it open, and what must be in it. */
export interface Place {
  readonly repository: Repository;
  readonly model: Model;
}

/** What a worker has at hand. */
export interface Worker {
  readonly dice: Dice;
  readonly estate: string;
  readonly host: string;
  /** What its sources hold now: resource → key → number of a content. Workers of one estate share them. */
  readonly sources: Map<string, Map<string, number>>;
  /** Contents that were captured: checksum of the resource → contents. */
  readonly captured: Map<string, Readonly<Record<string, string>>>;
  readonly main: Place;
  readonly copy: Place;
  readonly pause: (ms: number) => Promise<void>;
  readonly count: (what: string, by?: number) => void;
  /** A session was given up: the repository has to be opened again. */
  readonly endLife: () => void;
  /** Told of the attempt that is under way, for the case that the process dies. */
  readonly attempting: (attempt: string | undefined) => void;
}

export const weights = { write: 5, snapshot: 8, restore: 3, forget: 2, prune: 4, copy: 2, check: 1 };
export type ActionName = keyof typeof weights;

// Few contents, and in no order: what was forgotten comes back while it is being deleted.
const versions = 40;
const resources = ['tools', 'logs'];

export const actions: Readonly<Record<ActionName, (worker: Worker) => Promise<void>>> = {
  async write({ dice, sources }) {
    const files = sources.get(dice.pick(resources)) ?? new Map<string, number>();
    for (let i = 0; i < 3; i++) files.set(`f${dice.below(6)}`, dice.below(versions));
  },
  async snapshot(worker) {
    const { dice, main } = worker;
    const session = await beginSession(worker);
    if (!session) return;
    const contents: Record<string, Readonly<Record<string, string>>> = {};
    for (const [key, { checksum }] of session.finished)
      contents[key.slice('local/'.length)] = worker.captured.get(checksum) ?? {};
    for (const name of resources)
      if (!session.finished.has(`local/${name}`)) contents[name] = await captureResource(worker, session, name);
    if (dice.next() < 0.08) {
      await session.suspend();
      worker.count('suspended');
      return;
    }
    // The tag was given when the session began; what it stands for is known now.
    const attempt = session.attempt;
    expected(main.model, attempt, contents);
    try {
      main.model.committed(attempt, await session.commit([]));
      worker.count('committed');
    } catch (error) {
      main.model.refused(attempt);
      if (!isCode(error, 'repository.session-too-long', 'repository.lease-lost')) throw error;
      worker.count('refused');
      worker.endLife();
    } finally {
      worker.attempting(undefined);
    }
  },
  async restore(worker) {
    const place = somewhere(worker);
    const { list } = await place.repository.snapshots();
    const sure = place.model.sure();
    if (list.length > 0) await restoreOne(worker, place, worker.dice.pick(list));
    const ids = new Set((await place.repository.snapshots()).list.map(({ id }) => id));
    for (const id of sure)
      if (!ids.has(id) && place.model.isSure(id)) throw new Error(`snapshot ${id} is not there any more`);
  },
  async forget(worker) {
    const { repository, model } = somewhere(worker);
    const { list } = await repository.snapshots();
    const ids = list.slice(0, Math.max(0, list.length - 2 - worker.dice.below(4))).map(({ id }) => id);
    if (ids.length === 0) return;
    model.leaving(ids);
    try {
      await repository.forget({ wanted: { type: 'ids', ids }, dryRun: false });
      worker.count('forgotten', ids.length);
    } catch (error) {
      // Somebody else was quicker.
      if (!isCode(error, 'snapshot.not-found')) throw error;
    }
  },
  async prune(worker) {
    const { repository, model } = somewhere(worker);
    const isUnsettled = model.isUnsettled();
    try {
      const report = await repository.prune({ maxUnused: worker.dice.pick([0, 0.1, 1]) });
      worker.count('swept packs', report.swept.packs);
      worker.count('spared packs', report.spared.packs);
      worker.count('rewritten packs', report.rewritten.packs);
    } catch (error) {
      // A snapshot that is about to be withdrawn lacks something: nothing is deleted beside it.
      const isHindered = isCode(error, 'repository.corrupt') && (isUnsettled || model.isUnsettled());
      if (!isHindered && !isCode(error, 'repository.lease-lost')) throw error;
      worker.count('prunes refused');
    }
  },
  async copy(worker) {
    const { dice, main, copy } = worker;
    const { list } = await main.repository.snapshots();
    const snapshots = list.filter(() => dice.next() < 0.4).slice(-2);
    const copied = await main.repository.copyTo(copy.repository, { snapshots }).catch((error: unknown) => {
      // Somebody else is at work on the same copy, or has just finished it.
      if (!isCode(error, 'repository.session-active', 'repository.lease-lost')) throw error;
      worker.endLife();
      return { snapshots: [] };
    });
    for (const { snapshot, outcome, error } of copied.snapshots) {
      if (outcome === 'copied') {
        copy.model.received(snapshot);
        worker.count('copied');
      }
      if (outcome === 'failed') worker.endLife();
      if (outcome === 'failed' && main.model.isSure(snapshot.id))
        throw new Error(`snapshot ${snapshot.id} could not be copied: ${error?.message}`);
    }
  },
  async check(worker) {
    const { repository, model } = somewhere(worker);
    const isUnsettled = model.isUnsettled();
    const { damage } = await repository.verify({ readData: worker.dice.pick([0, 1]) });
    worker.count('checks');
    if (damage.length > 0 && !isUnsettled && !model.isUnsettled()) throw new Error(`damage: ${JSON.stringify(damage)}`);
  },
};

function somewhere({ dice, main, copy }: Worker): Place {
  return dice.next() < 0.75 ? main : copy;
}

/** Reads all of a snapshot. One that is not sure to be there may be gone, or go meanwhile. */
export async function restoreOne(worker: Pick<Worker, 'count'>, place: Place, info: SnapshotInfo): Promise<void> {
  const { model, repository } = place;
  let found: string;
  try {
    found = digestOf(await contentsOf(repository, info));
  } catch (error) {
    if (model.isSure(info.id)) throw error;
    worker.count('restores of what goes');
    return;
  }
  const wanted = digestOf(model.contentsOf(info));
  if (found !== wanted) throw new Error(`snapshot ${info.id} holds ${found}, not ${wanted}`);
  worker.count('restored');
}

async function beginSession(worker: Worker): Promise<(Session & { attempt: string }) | undefined> {
  const { dice, estate, host, main } = worker;
  const attempt = main.model.begin({});
  worker.attempting(attempt);
  const begin = (resume: boolean): Promise<Session> =>
    main.repository.startSession({ estate, host, tags: { [attemptTag]: attempt }, resume });
  try {
    return { ...(await begin(dice.next() < 0.3)), attempt };
  } catch (error) {
    if (isCode(error, 'snapshot.nothing-to-resume')) return { ...(await begin(false)), attempt };
    main.model.refused(attempt);
    worker.attempting(undefined);
    if (!isCode(error, 'repository.session-active', 'repository.session-too-long')) throw error;
    worker.count('sessions refused');
    worker.endLife();
    return undefined;
  }
}

function expected(model: Model, attempt: string, contents: Contents): void {
  Object.assign(model.contentsOf({ tags: { [attemptTag]: attempt } } as unknown as SnapshotInfo), contents);
}

/** Captures what the source holds at this moment; some of it takes its time. */
async function captureResource(
  { dice, sources, captured, pause }: Worker,
  session: Session,
  name: string,
): Promise<Readonly<Record<string, string>>> {
  const files = [...(sources.get(name) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  const contents = Object.fromEntries(files.map(([key, version]) => [key, contentOf(version)]));
  const resource = await session.resource({ ref: refOf(name), source: name, tags: {} });
  const sink = resource.sink.collection('files');
  for (const [key, text] of Object.entries(contents)) {
    if (dice.next() < 0.1) await pause(dice.span(60_000));
    const content = Buffer.from(text, 'latin1');
    await sink.add({ key, kind: 'blob', fingerprint: fingerprintOf(content), load: async () => ({ content }) });
  }
  const { checksum } = await resource.finish();
  captured.set(checksum, contents);
  return contents;
}

const made = new Map<number, string>();

function contentOf(version: number): string {
  const known = made.get(version) ?? noise(400 + (version % 5) * 500, `content ${version}`);
  made.set(version, known);
  return known;
}
