import { HoldfastError, isCode } from '../../kernel/errors.ts';
import type { StoredObject } from '../../storage/contract.ts';
import { isSignOfLife, openCheckpoint, sessionPrefix } from '../session/checkpoint.ts';
import { readSnapshot, snapshotPrefix } from '../snapshots.ts';
import type { RepositoryState } from '../state.ts';
import type { TreeRef } from '../tree/page.ts';

/** A tree that something in the repository needs. */
export interface Root {
  /** Key of the snapshot or checkpoint that names it. */
  readonly of: string;
  /** `snapshot`: a tree of resources. `collection`: the tree of one collection. */
  readonly type: 'snapshot' | 'collection';
  readonly tree: TreeRef;
}

// A session without a sign for so long stores nothing any more.
const quietMs = 3_600_000;

/** Looks for everything that is needed; each call of `next` gives what was not seen before. */
export interface RootReader {
  next(now: number): Promise<readonly Root[]>;
  readonly snapshots: number;
  /** Since when, by the store's time, a session may be storing packs that nothing names yet; Infinity where there is none. */
  readonly busySince: number;
}

/**
 * Checkpoints are read before snapshots, since sessions go from one to the other, and both are listed until nothing new
 * shows. `now` is the store's time: sessions announced more than `deadAfter` ms before are dead. Throws repository.corrupt
 * and repository.newer-format for what cannot be read: nothing may be deleted then. `own` is the pruner's own session.
 */
export function createRootReader(state: RepositoryState, deadAfter: number, own: string): RootReader {
  const seen = new Set<string>();
  let snapshots = 0;
  let busySince = Infinity;

  async function checkpointRoots({ key, modifiedAt, lastSign }: SessionTrace, now: number): Promise<Root[]> {
    try {
      const checkpoint = openCheckpoint(state.keyring, await state.store.get(key), key);
      if (now - checkpoint.announcedAt > deadAfter) return [];
      if (now - lastSign < quietMs) busySince = Math.min(busySince, checkpoint.announcedAt);
      const trees = [...checkpoint.finished.values()].map(({ roots }) => roots);
      return [...trees, ...checkpoint.partial.values()].flatMap((roots) =>
        [...roots.values()].map((tree): Root => ({ of: key, type: 'collection', tree })),
      );
    } catch (error) {
      if (isCode(error, 'storage.not-found')) return [];
      // Older than any session may get.
      if (isCode(error, 'repository.corrupt', 'repository.newer-format') && now - modifiedAt > deadAfter) return [];
      throw refusal(key, error);
    }
  }
  async function snapshotRoots(key: string): Promise<Root[]> {
    try {
      const { root } = await readSnapshot(state.store, state.keyring, key);
      snapshots++;
      return root ? [{ of: key, type: 'snapshot', tree: root }] : [];
    } catch (error) {
      // Forgotten between the listing and now.
      if (isCode(error, 'storage.not-found')) return [];
      throw refusal(key, error);
    }
  }
  return {
    async next(now) {
      const roots: Root[] = [];
      for (let isNew = true; isNew;) {
        isNew = false;
        for (const session of await tracesOfSessions(state, own)) {
          if (seen.has(session.key)) continue;
          isNew = true;
          seen.add(session.key);
          if (!isSignOfLife(session.key)) roots.push(...(await checkpointRoots(session, now)));
          else if (now - session.lastSign < quietMs) busySince = Math.min(busySince, session.modifiedAt);
        }
        for await (const { key } of state.store.list(snapshotPrefix)) {
          if (seen.has(key)) continue;
          isNew = true;
          seen.add(key);
          roots.push(...(await snapshotRoots(key)));
        }
      }
      return roots;
    },
    get snapshots() {
      return snapshots;
    },
    get busySince() {
      return busySince;
    },
  };
}

/** What a session shows: its newest checkpoint, or its sign of life where it has none yet. */
interface SessionTrace extends StoredObject {
  /** Store's time of its sign of life; 0 where it has none, and so has ended. */
  readonly lastSign: number;
}

async function tracesOfSessions(state: RepositoryState, own: string): Promise<SessionTrace[]> {
  const traces = new Map<string, SessionTrace>();
  for await (const stored of state.store.list(sessionPrefix)) {
    const session = stored.key.split('/')[1] as string;
    if (session === own) continue;
    const known = traces.get(session);
    const lastSign = Math.max(isSignOfLife(stored.key) ? stored.modifiedAt : 0, known?.lastSign ?? 0);
    const shown = known && isSignOfLife(stored.key) && !isSignOfLife(known.key) ? known : stored;
    traces.set(session, { ...shown, lastSign });
  }
  return [...traces.values()];
}

/** What cannot be read, and that nothing is deleted because of it. */
export function refusal(key: string, cause: unknown): unknown {
  if (!isCode(cause, 'repository.corrupt', 'repository.newer-format')) return cause;
  return new HoldfastError(
    cause.code,
    `${key} cannot be read, and may need anything: nothing was deleted. ${cause.message}`,
    {
      resource: key,
      cause,
      ...(cause.code === 'repository.corrupt'
        ? { hint: 'Run holdfast check to see what is damaged, and holdfast repair; then prune again.' }
        : {}),
    },
  );
}
