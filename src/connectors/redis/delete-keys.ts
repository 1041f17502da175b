import { HoldfastError } from '../../kernel/errors.ts';
import type { ActionOutcome } from '../contract.ts';
import { createFailureList, type FailureList } from '../failure-list.ts';
import { serverError } from './errors.ts';
import { extraKeys } from './extra-keys.ts';
import { collectionOf, showKey } from './key-entry.ts';
import { keyPath, type RestoreJob } from './target.ts';
import { changedMeanwhile, recordUndo } from './undo.ts';
import { asTheyAre, beforeDeletes } from './undo-keys.ts';

/** Deletes the keys of a database that the snapshot does not hold (UNLINK: memory is freed beside other work). */
export async function deleteKeys(job: RestoreJob, database: number): Promise<ActionOutcome> {
  const failures = createFailureList('keys');
  let items = 0;
  const ending = `.${collectionOf(database)}.delete-keys`;
  const recorded = await recordUndo(job, ending, (shard) => beforeDeletes(job, database, shard));
  for await (const keys of extraKeys(job, database)) {
    if (!recorded) {
      items += await deletePage(job, database, keys, failures);
      continue;
    }
    for await (const batch of asTheyAre(job, database, keys)) {
      const own = batch.filter((one) => recorded.has(one));
      for (const one of batch) if (!own.includes(one)) failures.add(changedMeanwhile(job, one));
      items += await deletePage(
        job,
        database,
        own.map(({ key }) => key),
        failures,
      );
    }
  }
  return { result: items > 0 ? 'done' : 'unchanged', class: 'exact', items, failures: failures.list() };
}

/** How many of them are gone. */
async function deletePage(
  job: RestoreJob,
  database: number,
  keys: readonly Buffer[],
  failures: FailureList,
): Promise<number> {
  if (keys.length === 0) return 0;
  const { router } = job;
  const replies = await router.send(
    database,
    keys.map((key) => ({ key, command: ['UNLINK', key] as const })),
  );
  const left = await router.send(
    database,
    keys.map((key) => ({ key, command: ['EXISTS', key] as const })),
  );
  let gone = 0;
  for (const [i, key] of keys.entries()) {
    const resource = keyPath(job, { database, key });
    const reply = replies[i];
    if (reply instanceof Error) throw serverError(reply.message, `delete ${showKey(key)}`, resource);
    if (left[i] === 0) gone++;
    else
      failures.add(new HoldfastError('item.changed', `${showKey(key)} was deleted, but is there again`, { resource }));
  }
  return gone;
}
