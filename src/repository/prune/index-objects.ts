import { mapOrdered } from '../../kernel/concurrency.ts';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import { emptyBytes, hex } from '../../kernel/bytes.ts';
import type { PackRecord } from '../format/pack-directory.ts';
import { indexPrefix, readIndex, storeIndexObjects } from '../index/objects.ts';
import type { RepositoryState } from '../state.ts';
import { removeQuietly } from '../session/lease.ts';
import { refusal } from './roots.ts';

/** An index object as it lies in the store. */
export interface IndexObject {
  readonly key: string;
  readonly packs: readonly PackRecord[];
}

const readAtOnce = 4;
// About 1.7 MB of ids: few requests for a reader, little memory for who merges them.
const chunksPerObject = 50_000;
const smallObjects = 16;

/**
 * Every index object but those of `done`, which grows; one that is merged away meanwhile makes it list again. Throws for
 * what cannot be read: nothing may be deleted then.
 */
export async function* readIndexObjects(state: RepositoryState, done: Set<string>): AsyncGenerator<IndexObject> {
  for (let isComplete = false; !isComplete;) {
    isComplete = true;
    const fresh: string[] = [];
    for await (const { key } of state.store.list(indexPrefix)) if (!done.has(key)) fresh.push(key);
    for await (const object of mapOrdered(fresh, readAtOnce, (key) => readIndexObject(state, key))) {
      if (!object) isComplete = false;
      else {
        done.add(object.key);
        yield object;
      }
    }
  }
}

async function readIndexObject(state: RepositoryState, key: string): Promise<IndexObject | undefined> {
  try {
    return { key, packs: readIndex(state.keyring, await state.store.get(key), key) };
  } catch (error) {
    if (isCode(error, 'storage.not-found')) return undefined;
    throw refusal(key, error);
  }
}

/** What an index object names. */
export interface IndexContents {
  readonly packs: readonly string[];
  readonly chunks: number;
  readonly owner: string;
}

export function contentsOf({ packs }: Pick<IndexObject, 'packs'>): IndexContents {
  return {
    packs: packs.map(({ id }) => hex(id)),
    chunks: packs.reduce((sum, pack) => sum + chunksOf(pack), 0),
    owner: ownerOf(packs[0] ?? {}),
  };
}

function chunksOf({ groups }: PackRecord): number {
  return groups.reduce((sum, { chunkCount }) => sum + chunkCount, 0);
}

/**
 * Takes packs out of the index, and merges small index objects: stores new ones first, then deletes those they replace,
 * of which `objects` tells. Objects that a retention lock keeps stay and name what is gone: a verdict stays as long as they do.
 * Returns how many objects there are now.
 */
export async function mergeIndexes(
  state: RepositoryState,
  objects: ReadonlyMap<string, IndexContents>,
  isDropped: (name: string) => boolean,
): Promise<number> {
  const written = new Set<string>();
  let pending: PackRecord[] = [];
  let chunks = 0;
  let made = 0;
  async function write(): Promise<void> {
    if (pending.length === 0) return;
    made += await storeMerged(state, pending);
    pending = [];
    chunks = 0;
  }
  const replaced = [...chooseReplaced(objects, isDropped)];
  for await (const object of mapOrdered(replaced, readAtOnce, (key) => readIndexObject(state, key))) {
    for (const pack of object?.packs ?? []) {
      const name = hex(pack.id);
      const said = `${ownerOf(pack)}/${name}`;
      if (written.has(said) || isDropped(name)) continue;
      written.add(said);
      pending.push(pack);
      chunks += chunksOf(pack);
      if (chunks >= chunksPerObject) await write();
    }
  }
  await write();
  for (const key of replaced) await removeQuietly(state.store, key);
  return objects.size - replaced.length + made;
}

/** Objects that name what is dropped; with them, or where there are many of one owner, those that are small. */
function chooseReplaced(
  objects: ReadonlyMap<string, IndexContents>,
  isDropped: (name: string) => boolean,
): ReadonlySet<string> {
  const chosen = new Set<string>();
  const small = new Map<string, string[]>();
  for (const [key, { packs, chunks, owner }] of objects) {
    if (packs.some(isDropped)) chosen.add(key);
    if (chunks < chunksPerObject / 2) small.set(owner, [...(small.get(owner) ?? []), key]);
  }
  const isChanging = chosen.size > 0;
  for (const keys of small.values())
    if (keys.length > (isChanging ? 1 : smallObjects)) for (const key of keys) chosen.add(key);
  return chosen;
}

/** Stores them and reads them back: the objects they replace are deleted next. Returns how many there are. */
async function storeMerged(state: RepositoryState, packs: readonly PackRecord[]): Promise<number> {
  const stored = await storeIndexObjects(state, state.runtime, packs, state.policy());
  for (const { key } of stored) readIndex(state.keyring, await readBack(state, key), key);
  return stored.length;
}

/** Gone already: another pruner has merged it into its own. Those it replaces stay, since a store that lost it looks the same. */
async function readBack({ store }: RepositoryState, key: string): Promise<Uint8Array> {
  try {
    return await store.get(key);
  } catch (error) {
    if (!isCode(error, 'storage.not-found')) throw error;
    throw new HoldfastError('repository.lease-lost', `${key} was deleted by another prune as soon as it was stored`, {
      hint: 'Let one prune at a time run; nothing was damaged.',
      cause: error,
    });
  }
}

/** Whose it is: each writer's index objects stay its own, since it can read no others. */
function ownerOf({ writer = emptyBytes }: Pick<PackRecord, 'writer'>): string {
  return hex(writer);
}
