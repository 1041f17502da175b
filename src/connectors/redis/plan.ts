import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { PlannedAction, RestoreContext } from '../contract.ts';
import { compareBatch } from './compare-keys.ts';
import { databasesAtTarget, extraKeys } from './extra-keys.ts';
import { functionsDiffer } from './functions-restore.ts';
import { collectionOf } from './key-entry.ts';
import { expiredNote } from './notes.ts';
import type { RedisOptions } from './options.ts';
import { keyCollections, serverTime, targetBatches, withTarget, type RestoreJob } from './target.ts';

/** Compares captured keys and functions with the target, reading both side by side. */
export async function plan(
  context: RestoreContext<RedisOptions>,
  captured: CapturedResource,
): Promise<PlannedAction[]> {
  return await withTarget(context, captured, async (job) => {
    const actions: PlannedAction[] = [];
    if (!context.only && (await functionsDiffer(job))) actions.push(functionsAction(job));
    let renamed = 0;
    for (const collection of keyCollections(job)) {
      const found = await compareCollection(job, collection);
      renamed += found.renamed;
      if (found.missing + found.changed > 0) actions.push(writeAction(job, collection, found));
    }
    if (context.mode !== 'exact') return actions;
    if (renamed > 0) {
      throw new HoldfastError('usage.invalid', 'exact deletes by name, which renamed keys do not have any more', {
        resource: job.servers.resource,
        hint: 'Restore renamed keys with --mode revert-changed.',
      });
    }
    for (const database of await databasesAtTarget(job)) {
      let extra = 0;
      for await (const keys of extraKeys(job, database)) extra += keys.length;
      if (extra > 0) actions.push(deleteAction(job, database, extra));
    }
    return actions;
  });
}

interface Found {
  missing: number;
  changed: number;
  bytes: number;
  expired: number;
  renamed: number;
}

async function compareCollection(job: RestoreJob, collection: string): Promise<Found> {
  const found: Found = { missing: 0, changed: 0, bytes: 0, expired: 0, renamed: 0 };
  const now = await serverTime(job);
  for await (const batch of targetBatches(job, collection)) {
    const { wanted, expired } = await compareBatch(job, batch, now);
    found.expired += expired;
    for (const { isRenamed } of batch) if (isRenamed) found.renamed++;
    for (const { there, entry } of wanted) {
      if (there) found.changed++;
      else found.missing++;
      found.bytes += entry.size;
    }
  }
  return found;
}

function writeAction(job: RestoreJob, collection: string, found: Found): PlannedAction {
  const { missing, changed, bytes, expired } = found;
  const counts = [
    ...(missing > 0 ? [`${missing} missing`] : []),
    ...(changed > 0 ? [`${changed} changed`] : []),
    ...(expired > 0 ? [`${expired} expired since and left out`] : []),
  ];
  return {
    ...actionBase(job, collection, 'write-keys'),
    title: `write keys of ${collection} (${counts.join(', ')})`,
    effect: changed > 0 ? 'update' : 'create',
    input: { collection },
    items: missing + changed,
    bytes,
    ...(expired > 0 ? { ledger: [expiredNote(expired)] } : {}),
  };
}

function deleteAction(job: RestoreJob, database: number, extra: number): PlannedAction {
  const collection = collectionOf(database);
  return {
    ...actionBase(job, collection, 'delete-keys'),
    title: `delete keys of ${collection} that are not in the snapshot (${extra} extra)`,
    effect: 'delete',
    input: { collection },
    items: extra,
    bytes: 0,
  };
}

function functionsAction(job: RestoreJob): PlannedAction {
  return { ...actionBase(job, 'functions', 'write-functions'), title: 'load functions', effect: 'update', input: {} };
}

function actionBase(
  { captured }: RestoreJob,
  part: string,
  operation: string,
): Pick<PlannedAction, 'id' | 'resource' | 'operation' | 'dependsOn'> {
  const { ref } = captured;
  return { id: `redis/${ref.name}/${part}/${operation}`, resource: ref, operation, dependsOn: [] };
}
