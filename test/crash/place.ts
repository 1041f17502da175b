import { deepStrictEqual, ok } from 'node:assert/strict';
import { resourceKey } from '../../src/kernel/entry.ts';
import { isCode } from '../../src/kernel/errors.ts';
import type { RecoveryPoint } from '../../src/kernel/recovery-point.ts';
import type { Runtime } from '../../src/kernel/runtime.ts';
import type { Repository } from '../../src/repository/contract.ts';
import { newestConfigurationKey } from '../../src/repository/configuration.ts';
import type { ObjectStore } from '../../src/storage/contract.ts';
import {
  contentsOf,
  createSmall,
  fingerprintOf,
  noise,
  openSmall,
  refOf,
  type Contents,
} from '../repository/small-repository.ts';

/** Two stores, and the time in which one process after another works on them. */
export interface Place {
  /** Of the repository at work; for copies the source. */
  readonly vault: ObjectStore;
  /** Empty but for copies. */
  readonly target: ObjectStore;
  readonly runtime: Runtime;
  readonly workers?: number;
}

/** One row of the matrix. */
export interface Verb {
  readonly name: string;
  /** What was there before. */
  prepare(place: Place): Promise<void>;
  /** All that one process does, from opening the repository on. False when there was nothing left to do. */
  run(place: Place): Promise<boolean>;
  /** What whoever finds the rest does; absent: the same. */
  next?(place: Place): Promise<boolean>;
  /** Names of the snapshots that must be there whatever dies. */
  readonly keeps: { readonly vault: readonly string[]; readonly target?: readonly string[] };
  /** The repository is damaged until the verb has come to its end: what `keeps` names is not. */
  readonly damaged?: boolean;
  /** What else must hold after a death, and once all is done. */
  afterDeath?(place: Place): Promise<void>;
  atEnd?(place: Place): Promise<void>;
}

function files(count: number, version: string): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `f${String(i).padStart(3, '0')}`,
      noise(i % 9 === 0 ? 3000 : 150, `${version}/${i}`),
    ]),
  );
}

const tools = files(24, 'tools');
const film = noise(290_000, 'film');

/** What snapshots hold, by the name that they carry as a tag: several chunks, groups and packs, and little to read. */
export const known: Readonly<Record<string, Contents>> = {
  first: { tools: { ...tools, film }, logs: files(5, 'logs') },
  second: { tools: { ...tools, film, f003: 'changed', f004: noise(40_000, 'new') }, logs: { new: 'one' } },
  third: { tools: { ...tools, film, f005: noise(5000, 'third') }, gone: files(6, 'gone') },
  fourth: { tools: { ...tools, film, f005: noise(5000, 'third') } },
  fifth: { tools: { ...tools, film, f006: noise(700, 'fifth') }, logs: files(5, 'logs') },
};

export const estate = 'acme';
export const nameTag = 'contents';
/** What the names of snapshots begin with that hold a base backup. */
export const baseName = 'base';
export const hour = 3_600_000;
/** Of all repositories here: a day, so that grace is a day and an hour. */
export const longestSession = 24 * hour;
export const overGrace = longestSession + 2 * hour;
const packTarget = 16 * 1024;

export async function create({ runtime, workers = 0 }: Place, store: ObjectStore): Promise<Repository> {
  return await createSmall({ store, runtime, workers, longestSession, packTarget });
}

export async function open({ runtime, workers = 0 }: Place, store: ObjectStore): Promise<Repository> {
  return await openSmall({ store, runtime, workers });
}

/** The repository with one snapshot of each of the names, an hour apart, and an hour later. */
export async function prepared(place: Place, ...names: readonly string[]): Promise<void> {
  await create(place, place.vault);
  for (const name of names) {
    await takeSnapshot(place, await open(place, place.vault), name);
    await place.runtime.clock.sleep(hour);
  }
}

export interface SnapshotPlan {
  /** Goes on with the interrupted one, where there is one. */
  readonly resume?: boolean;
  /** Time passes while it captures, so that checkpoints and signs of life fall due. */
  readonly slow?: boolean;
  /** Ends in the middle of the last resource, with a checkpoint. */
  readonly suspend?: boolean;
  /** Recovery points of its first resource. */
  readonly points?: readonly RecoveryPoint[];
}

/** A snapshot of the contents of that name. True when anything was captured that had to be read or stored. */
export async function takeSnapshot(
  { runtime }: Place,
  repository: Repository,
  name: string,
  { resume = false, slow = false, suspend = false, points }: SnapshotPlan = {},
): Promise<boolean> {
  const session = await repository.startSession({ estate, host: 'test', tags: { [nameTag]: name }, resume });
  const resources = Object.entries(known[name] ?? {});
  for (const [i, [resourceName, contents]] of resources.entries()) {
    if (session.finished.has(`local/${resourceName}`)) continue;
    const resource = await session.resource({ ref: refOf(resourceName), source: resourceName, tags: {} });
    const sink = resource.sink.collection('files');
    for (const [n, key] of Object.keys(contents).sort().entries()) {
      const content = Buffer.from(contents[key] as string, 'latin1');
      await sink.add({ key, kind: 'blob', fingerprint: fingerprintOf(content), load: async () => ({ content }) });
      if (slow && n === 12) await runtime.clock.sleep(40_000);
    }
    if (!suspend || i < resources.length - 1) await resource.finish();
  }
  if (suspend) {
    await session.suspend();
    return true;
  }
  const [first] = session.records();
  if (points && first) session.amend(resourceKey(first.ref), { ...first, points });
  const { totals } = await session.commit([
    { source: 'all', type: 'local', expected: 1, captured: 1, partial: 0, failures: [] },
  ]);
  return totals.reused < totals.entries;
}

export function isNothingToResume(error: unknown): boolean {
  return isCode(error, 'snapshot.nothing-to-resume');
}

const harmless: readonly string[] = ['orphan-packs', 'dangling-index'];

/** Every byte is read; every snapshot that is listed holds what it was made of; those that must be there are. */
export async function expectWhole(place: Place, verb: Verb, isDamaged = false): Promise<void> {
  for (const side of ['vault', 'target'] as const) {
    const keeps = verb.keeps[side] ?? [];
    if ((await newestConfigurationKey(place[side])) === undefined) {
      deepStrictEqual(keeps, []);
      continue;
    }
    const repository = await open(place, place[side]);
    if (!isDamaged) {
      const { damage, notes } = await repository.check({ readData: 1 });
      deepStrictEqual(damage, [], 'check finds damage');
      deepStrictEqual(
        notes.filter(({ kind }) => !harmless.includes(kind)),
        [],
        'check has other notes',
      );
    }
    const { list, hidden, damaged } = await repository.snapshots();
    if (!isDamaged) deepStrictEqual({ hidden, damaged }, { hidden: 0, damaged: [] });
    const names = list.map(({ tags }) => tags[nameTag] ?? '');
    for (const name of keeps) ok(names.includes(name), `the ${name} snapshot is gone`);
    for (const [i, info] of list.entries()) {
      const name = names[i] ?? '';
      // What a repair saved of a damaged one, and base backups, are for their own rows to judge.
      if ('repaired-from' in info.tags || name.startsWith(baseName) || (isDamaged && !keeps.includes(name))) continue;
      deepStrictEqual(
        await contentsOf(repository, info),
        known[name],
        `the ${name} snapshot came back with other bytes`,
      );
    }
    deepStrictEqual((await repository.audit.verify()).problems, [], 'the audit log is broken');
    await repository.close();
  }
}
