import { isCode } from '../../kernel/errors.ts';
import type { ObjectStore, StoredObject } from '../../storage/contract.ts';
import type { LocationIndex } from '../index/locations.ts';
import type { Keyring } from '../keys/keyring.ts';
import { markKey, markPrefix, openMark, parseMarkKey, type Mark } from './mark.ts';

/** Marks and verdicts a process knows of. */
export interface MarkBook {
  /** Keys of those that were read. */
  readonly read: Set<string>;
  /** Key → why it cannot be read. */
  readonly unreadable: Map<string, string>;
}

export interface MarkedRepository {
  readonly store: ObjectStore;
  readonly keyring: Keyring;
  readonly index: LocationIndex;
  readonly marks: MarkBook;
}

export function createMarkBook(): MarkBook {
  return { read: new Set(), unreadable: new Map() };
}

/**
 * Reads marks and verdicts that are new since the last time and demotes their packs. MUST run before the index is read
 * that writers rely on. True when a pack was live until now. What cannot be read demotes nothing: a pruner deletes nothing while it is there.
 */
export async function refreshMarks({ store, keyring, index, marks }: MarkedRepository): Promise<boolean> {
  let hasFallen = false;
  for (;;) {
    let isComplete = true;
    marks.unreadable.clear();
    for (const { key } of await listMarks(store)) {
      if (marks.read.has(key)) continue;
      try {
        const mark = openMark(keyring, await store.get(key), key);
        const names = mark.packs.map(({ name }) => name);
        if (index.demote(names, mark.generation === undefined ? 'marked' : 'condemned')) hasFallen = true;
        marks.read.add(key);
      } catch (error) {
        // Executed meanwhile: its verdict may have come behind the listing.
        if (isCode(error, 'storage.not-found')) isComplete = false;
        else if (isCode(error, 'repository.corrupt', 'repository.newer-format'))
          marks.unreadable.set(key, error.message);
        else throw error;
      }
    }
    if (isComplete) return hasFallen;
  }
}

/** Marks and verdicts as they lie in the store, those of a mark together. */
export async function listMarks(store: ObjectStore): Promise<StoredObject[]> {
  const found: StoredObject[] = [];
  for await (const stored of store.list(markPrefix)) if (parseMarkKey(stored.key)) found.push(stored);
  return found;
}

/** Reads one; undefined where it is gone. Throws repository.corrupt and repository.newer-format. */
export async function readMark(store: ObjectStore, keyring: Keyring, key: string): Promise<Mark | undefined> {
  try {
    return openMark(keyring, await store.get(key), key);
  } catch (error) {
    if (isCode(error, 'storage.not-found')) return undefined;
    throw error;
  }
}

/**
 * Ids of all marks of which the mark or a verdict was read; and of executed ones (the verdict alone is left) also where it
 * cannot be read: what it names is gone from the index.
 */
export function knownMarks({ read, unreadable }: MarkBook): Set<string> {
  const known = new Set([...read].map((key) => parseMarkKey(key)?.id ?? ''));
  for (const key of unreadable.keys()) {
    const { id = '', generation } = parseMarkKey(key) ?? {};
    if (generation !== undefined && !unreadable.has(markKey(id))) known.add(id);
  }
  return known;
}

/** A mark or verdict unknown to the holder of `known` that cannot be read: its key. */
export function unreadableMark(known: ReadonlySet<string>, { unreadable }: MarkBook): string | undefined {
  return [...unreadable.keys()].find((key) => !known.has(parseMarkKey(key)?.id ?? ''));
}

/** Ids of marks with a verdict of which `known` has nothing: packs were deleted without its holder's knowledge. */
export function verdictsUnknownTo(known: ReadonlySet<string>, { read, unreadable }: MarkBook): string[] {
  const verdicts = [...read, ...unreadable.keys()].map((key) => parseMarkKey(key));
  return verdicts.filter((one) => one?.generation !== undefined && !known.has(one.id)).map((one) => one?.id ?? '');
}
