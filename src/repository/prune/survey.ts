import type { StoredObject } from '../../storage/contract.ts';
import type { PackRecord } from '../format/pack-directory.ts';
import { listMarks, readMark, refreshMarks } from '../marks/read.ts';
import { parseMarkKey, type Mark } from '../marks/mark.ts';
import type { RepositoryState } from '../state.ts';
import { contentsOf, readIndexObjects, type IndexContents } from './index-objects.ts';
import { createRootReader, refusal, type RootReader } from './roots.ts';
import { createUsage, missing, type Usage } from './usage.ts';

/** A mark in the store that is not executed yet. */
export interface ActiveMark {
  readonly mark: Mark;
  readonly markedAt: number;
}

/** What a pruner knows of a repository: what there is, and what of it is needed. */
export interface Survey {
  readonly roots: RootReader;
  readonly usage: Usage;
  /** Marks that are not executed yet, oldest first. */
  readonly marks: ActiveMark[];
  /** All verdicts: key → when it was made, by the store's time. */
  readonly verdicts: Map<string, number>;
  readonly indexes: Map<string, IndexContents>;
  /** Names of packs that an index object names. */
  readonly indexed: Set<string>;
  /** Name → the pack as the store lists it. */
  readonly packs: Map<string, StoredObject>;
}

/**
 * Reads what there is and walks all that is needed. Checkpoints, snapshots, marks, indexes, packs: in this order nothing is
 * seen as unneeded whose use was there before. Throws for what cannot be read or is missing.
 */
export async function surveyRepository(
  state: RepositoryState,
  settings: { readonly now: number; readonly deadAfter: number; readonly own: string; readonly signal?: AbortSignal },
): Promise<Survey> {
  const roots = createRootReader(state, settings.deadAfter, settings.own);
  const usage = createUsage(state);
  const survey: Survey = {
    roots,
    usage,
    marks: [],
    verdicts: new Map(),
    indexes: new Map(),
    indexed: new Set(),
    packs: new Map(),
  };
  const found = await roots.next(settings.now);
  await readMarks(state, survey);
  await readIndexes(state, survey);
  for (const prefix of ['data/', 'meta/'])
    for await (const pack of state.store.list(prefix)) survey.packs.set(nameOf(pack), pack);
  await usage.add(found, settings.signal);
  await refuseMissing(state, survey);
  return survey;
}

/**
 * Takes in what came since, under a lease taken after the survey. False when a verdict came meanwhile: what was counted on
 * may be going, and the survey must begin again.
 */
export async function catchUp(state: RepositoryState, survey: Survey, now: number): Promise<boolean> {
  const found = await survey.roots.next(now);
  const before = new Set(survey.verdicts.keys());
  survey.marks.length = 0;
  survey.verdicts.clear();
  await readMarks(state, survey);
  if ([...survey.verdicts.keys()].some((key) => !before.has(key))) return false;
  await readIndexes(state, survey);
  await survey.usage.add(found);
  await refuseMissing(state, survey);
  return true;
}

async function readMarks(state: RepositoryState, survey: Survey): Promise<void> {
  await refreshMarks(state);
  for (const { key, modifiedAt } of await listMarks(state.store)) {
    if (parseMarkKey(key)?.generation !== undefined) {
      survey.verdicts.set(key, modifiedAt);
      continue;
    }
    const mark = await readMark(state.store, state.keyring, key).catch((error: unknown) => {
      throw refusal(key, error);
    });
    if (mark) survey.marks.push({ mark, markedAt: modifiedAt });
  }
  survey.marks.sort((a, b) => a.markedAt - b.markedAt);
}

async function readIndexes(state: RepositoryState, survey: Survey): Promise<void> {
  // What owners say of a pack comes first: the first is believed.
  const byWriters: PackRecord[] = [];
  for await (const object of readIndexObjects(state, new Set(survey.indexes.keys()))) {
    const contents = contentsOf(object);
    survey.indexes.set(object.key, contents);
    for (const name of contents.packs) survey.indexed.add(name);
    for (const pack of object.packs) {
      if (pack.keyMode === 'epoch') state.index.add(pack, true);
      else byWriters.push(pack);
    }
  }
  for (const pack of byWriters) state.index.add(pack, true);
}

/** What is needed must be named by an index object that is there now, and be in the store whole. */
async function refuseMissing(state: RepositoryState, survey: Survey): Promise<void> {
  for (const pack of state.index.packs()) {
    if (!survey.usage.isUsed(pack)) continue;
    const name = nameOf(pack);
    if (!survey.packs.has(name)) {
      const stored = await state.store.stat(pack.key);
      if (stored) survey.packs.set(name, stored);
    }
    const size = survey.packs.get(name)?.size;
    if (size === undefined) throw missing('a snapshot', `${pack.key}, which is not in the store`);
    if (size !== pack.size) throw missing('a snapshot', `${pack.key}, which has ${size} bytes instead of ${pack.size}`);
    if (!survey.indexed.has(name)) throw missing('a snapshot', `${pack.key}, which no index object names any more`);
  }
}

/** The last part of a pack's key: hex SHA-256. */
export function nameOf({ key }: { readonly key: string }): string {
  return key.slice(key.lastIndexOf('/') + 1);
}
