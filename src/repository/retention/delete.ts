import { asHoldfastError, HoldfastError, isCode, toRecord } from '../../kernel/errors.ts';
import { forEachConcurrent } from '../../kernel/concurrency.ts';
import { snapshotPrefix } from '../snapshots.ts';
import type { RepositoryState } from '../state.ts';
import type { ForgetReport } from './contract.ts';

// Each deletion is a question for its lock, the deletion, and a look whether it is gone.
const atOnce = 8;

export interface DeleteSettings {
  /** For the audit log: `named`, or the rules. */
  readonly because: string;
  readonly signal?: AbortSignal;
}

type Deleted = Pick<ForgetReport, 'forgotten' | 'refused'>;

/**
 * Deletes snapshot objects, each for itself: a death between two of them leaves the others whole. The audit log is told
 * before the first what is about to be deleted, and after the last, or after what stopped the work, what was. Throws what the
 * store throws, but for locks: those are in the report.
 */
export async function deleteSnapshots(
  state: RepositoryState,
  ids: readonly string[],
  { because, signal }: DeleteSettings,
): Promise<Deleted> {
  const forgotten: string[] = [];
  const refused: Deleted['refused'][number][] = [];
  let stopped: { readonly error: unknown } | undefined;
  await state.audit.during(
    'forget',
    { because, snapshots: ids },
    async () => {
      try {
        await forEachConcurrent(ids, atOnce, async (id) => {
          signal?.throwIfAborted();
          const refusal = await deleteSnapshot(state, id);
          if (refusal) refused.push({ id, ...refusal });
          else forgotten.push(id);
          const done = forgotten.length + refused.length;
          state.events({ type: 'repository.progress', what: 'snapshots forgotten', done, total: ids.length });
        });
      } catch (error) {
        // Thrown below: the outcome is to say how far it came.
        stopped = { error };
      }
    },
    () => ({
      ...(stopped ? { result: 'stopped', code: asHoldfastError(stopped.error).code } : {}),
      forgotten: [...forgotten].sort(),
      refused: refused.map(({ id }) => id).sort(),
    }),
  );
  if (stopped) throw stopped.error;
  return { forgotten: ids.filter((id) => forgotten.includes(id)), refused: sortedById(refused) };
}

/** Undefined when it is gone; otherwise the lock, or the store, that keeps it. */
async function deleteSnapshot(
  state: RepositoryState,
  id: string,
): Promise<Omit<ForgetReport['refused'][number], 'id'> | undefined> {
  const { store, runtime } = state;
  const key = `${snapshotPrefix}${id}`;
  try {
    // Asked first: a versioned bucket would hide a locked object behind a delete marker and call that success.
    const lock = await store.capabilities.readLock?.(key);
    if (lock && lock.until > runtime.clock.now()) {
      const { until } = lock;
      const message = `snapshot ${id} is locked until ${new Date(until).toISOString()} (${lock.mode})`;
      return { until, error: toRecord(new HoldfastError('storage.locked', message, { resource: key })) };
    }
    await store.delete(key);
  } catch (error) {
    // Somebody else forgot it meanwhile.
    if (isCode(error, 'storage.not-found')) return undefined;
    if (isCode(error, 'storage.locked')) return { error: toRecord(error) };
    throw error;
  }
  if ((await store.stat(key)) === undefined) return undefined;
  const message = `the store accepted the deletion of snapshot ${id}, but still holds it`;
  return { error: toRecord(new HoldfastError('storage.denied', message, { resource: key })) };
}

function sortedById<T extends { readonly id: string }>(list: readonly T[]): T[] {
  return [...list].sort((a, b) => (a.id < b.id ? -1 : 1));
}
