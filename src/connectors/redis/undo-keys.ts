import { dueOf, compareBatch, isSameKey } from './compare-keys.ts';
import { extraKeys } from './extra-keys.ts';
import { readKey } from './key-entry.ts';
import { serverTime, targetBatches, type RestoreJob, type TargetKey } from './target.ts';
import type { KeyBefore, Shard } from './undo.ts';

/** Keys of a collection that are about to be written, as they are. Memory holds the captured keys of a batch and some live ones. */
export async function* beforeWrites(
  job: RestoreJob,
  collection: string,
  shard: Shard,
): AsyncGenerator<readonly KeyBefore[]> {
  for await (const batch of targetBatches(job, collection)) {
    const own = batch.filter(({ key }) => shard.has(key));
    const now = await serverTime(job);
    if (job.context.mode === 'create-missing') yield (await compareBatch(job, own, now)).wanted;
    else yield* differing(job, dueOf(own, now));
  }
}

async function* differing(job: RestoreJob, due: readonly TargetKey[]): AsyncGenerator<readonly KeyBefore[]> {
  const { captured, router } = job;
  const missing = new Map(due.map((target) => [target.key.toString('latin1'), target]));
  const keys = due.map(({ key }) => key);
  for await (const found of router.readPaced(due[0]?.database ?? 0, keys)) {
    const changed: KeyBefore[] = [];
    for (const there of found) {
      const name = there.key.toString('latin1');
      const target = missing.get(name);
      missing.delete(name);
      if (target && !isSameKey(there, await readKey(captured, target.entry))) changed.push({ ...target, there });
    }
    yield changed;
  }
  yield [...missing.values()];
}

/** Keys of a database that are about to be deleted, as they are. */
export async function* beforeDeletes(
  job: RestoreJob,
  database: number,
  shard: Shard,
): AsyncGenerator<readonly KeyBefore[]> {
  for await (const keys of extraKeys(job, database, [shard.primary])) yield* asTheyAre(job, database, keys);
}

/** Those that are still there. */
export async function* asTheyAre(
  { router }: RestoreJob,
  database: number,
  keys: readonly Buffer[],
): AsyncGenerator<readonly KeyBefore[]> {
  for await (const found of router.readPaced(database, keys))
    yield found.map((there) => ({ database, key: there.key, there }));
}
