import { HoldfastError } from '../../kernel/errors.ts';
import type { ActionOutcome } from '../contract.ts';
import { serverError } from './errors.ts';
import { forEachExtra } from './extra-keys.ts';
import { createFailureList } from '../failure-list.ts';
import { keyPath, type RestoreJob } from './target.ts';
import { showKey } from './key-entry.ts';

/** Deletes the keys of a database that the snapshot does not hold (UNLINK: memory is freed beside other work). */
export async function deleteKeys(job: RestoreJob, database: number): Promise<ActionOutcome> {
  const { router } = job;
  const failures = createFailureList('keys');
  let items = 0;
  await forEachExtra(job, database, async (keys) => {
    const replies = await router.send(
      database,
      keys.map((key) => ({ key, command: ['UNLINK', key] as const })),
    );
    const left = await router.send(
      database,
      keys.map((key) => ({ key, command: ['EXISTS', key] as const })),
    );
    for (const [i, key] of keys.entries()) {
      const resource = keyPath(job, { database, key });
      const reply = replies[i];
      if (reply instanceof Error) throw serverError(reply.message, `delete ${showKey(key)}`, resource);
      if (left[i] === 0) items++;
      else {
        failures.add(
          new HoldfastError('item.changed', `${showKey(key)} was deleted, but is there again`, { resource }),
        );
      }
    }
  });
  return { result: items > 0 ? 'done' : 'unchanged', class: 'exact', items, failures: failures.list() };
}
