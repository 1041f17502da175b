import { HoldfastError, isCode } from '../../kernel/errors.ts';
import { forEachConcurrent } from '../../kernel/concurrency.ts';
import { plainPolicy } from '../format/document.ts';
import { markKey, sealMark, type MarkedPack } from '../marks/mark.ts';
import { acquireLease, keepLease, type Lease } from '../session/lease.ts';
import type { RepositoryState } from '../state.ts';
import { catchUp, nameOf, type ActiveMark, type Survey } from './survey.ts';

/** What is deleted of one mark, for certain. */
export interface Verdict {
  readonly id: string;
  /** Key of the verdict in the store. */
  readonly key: string;
  readonly doomed: readonly MarkedPack[];
  readonly spared: readonly MarkedPack[];
  /** Of the mark, kept by a retention lock. */
  readonly locked: readonly MarkedPack[];
}

const locksAskedAtOnce = 16;

/**
 * Decides on every mark that is due: under the lease, with what is needed read again, and looking once more whether
 * somebody followed (docs/format.md, 9.4). What it returns may be deleted whatever happens to the lease afterwards.
 * Undefined when somebody else decided meanwhile: the survey must begin again. Throws repository.lease-lost.
 */
export async function decide(
  state: RepositoryState,
  survey: Survey,
  settings: { readonly grace: number; readonly signal?: AbortSignal },
): Promise<readonly Verdict[] | undefined> {
  if (survey.marks.length === 0) return [];
  const lease = await acquireLease(state.store, state.runtime);
  const keeping = keepLease(lease, state.runtime);
  try {
    const isDue = ({ markedAt }: ActiveMark): boolean => lease.takenAt - markedAt > settings.grace;
    if (!survey.marks.some(isDue)) return [];
    if (!(await catchUp(state, survey, lease.takenAt))) return undefined;
    const used = usedNames(state, survey);
    const verdicts: Verdict[] = [];
    for (const { mark } of survey.marks.filter(isDue)) {
      settings.signal?.throwIfAborted();
      verdicts.push(await judge(state, mark, used, lease));
    }
    if (await lease.isOvertaken()) {
      throw new HoldfastError(
        'repository.lease-lost',
        'another writer took over while this one decided what to delete; nothing was deleted',
        {
          hint: 'Run holdfast prune again.',
        },
      );
    }
    return verdicts;
  } finally {
    await keeping.stop();
    await lease.release();
  }
}

async function judge(
  state: RepositoryState,
  mark: { readonly id: string; readonly packs: readonly MarkedPack[] },
  used: ReadonlySet<string>,
  lease: Lease,
): Promise<Verdict> {
  const spared = mark.packs.filter(({ name }) => used.has(name));
  const unused = mark.packs.filter(({ name }) => !used.has(name));
  const locks = await locksOf(state, unused.map(keyOf), lease.takenAt);
  const locked = unused.filter((pack) => locks.has(keyOf(pack)));
  const doomed = unused.filter((pack) => !locks.has(keyOf(pack)));
  const { generation } = lease;
  const key = markKey(mark.id, generation);
  const bytes = sealMark({ id: mark.id, generation, packs: doomed }, state.keyring, state.runtime, plainPolicy);
  await lease.check();
  await state.store.put(key, [bytes], { ifAbsent: true });
  return { id: mark.id, key, doomed, spared, locked };
}

/** Names of the packs in which something is needed. */
export function usedNames(state: RepositoryState, { usage }: Survey): Set<string> {
  const used = new Set<string>();
  for (const pack of state.index.packs()) if (usage.isUsed(pack)) used.add(nameOf(pack));
  return used;
}

/** Those of the packs that a retention lock keeps at the time `at`. Empty for stores without locks. */
export async function locksOf(state: RepositoryState, keys: readonly string[], at: number): Promise<Set<string>> {
  const locked = new Set<string>();
  const { readLock, lock: hasLocks } = state.store.capabilities;
  if (!readLock || !hasLocks) return locked;
  await forEachConcurrent(keys, locksAskedAtOnce, async (key) => {
    try {
      // One that is gone already has none, also where another pruner deletes it just now.
      if (!(await state.store.stat(key))) return;
      const lock = await readLock(key);
      if (lock && lock.until > at) locked.add(key);
    } catch (error) {
      if (!isCode(error, 'storage.not-found')) throw error;
    }
  });
  return locked;
}

export function keyOf({ kind, name }: Pick<MarkedPack, 'kind' | 'name'>): string {
  return `${kind === 'data' ? 'data' : 'meta'}/${name.slice(0, 2)}/${name}`;
}
