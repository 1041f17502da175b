import { parseDisplay } from '../../kernel/bytes.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import type { ActionOutcome, PlannedAction, RestoreContext } from '../contract.ts';
import { byteText } from './byte-text.ts';
import { deleteExtra } from './delete-extra.ts';
import { makeDirectories } from './make-directories.ts';
import { makeHardLinks, makeLinks } from './make-links.ts';
import type { LocalOptions } from './options.ts';
import type { Operation } from './plan-actions.ts';
import { openJob } from './plan.ts';
import { setFacts, type CreatedDirectories } from './set-facts.ts';
import type { TreeJob } from './tree-job.ts';
import { writeFiles } from './write-files.ts';

const phases: Readonly<Record<Operation, (job: TreeJob, created: CreatedDirectories) => Promise<unknown>>> = {
  'make-directories': (job) => makeDirectories(job),
  'write-files': (job) => writeFiles(job),
  'make-hard-links': (job) => makeHardLinks(job),
  'make-links': (job) => makeLinks(job),
  'delete-extra': (job) => deleteExtra(job),
  'set-attributes': (job, created) => setFacts(job, created),
};

/**
 * Performs one phase. It compares again and does what is still to be done, so it can be repeated after any end.
 * Throws plan.invalid, machine.disk-full, storage errors; entries that fail are in the outcome.
 */
export async function apply(
  context: RestoreContext<LocalOptions>,
  action: PlannedAction,
  captured: CapturedResource,
): Promise<ActionOutcome> {
  const phase = (phases as Readonly<Record<string, (typeof phases)[Operation] | undefined>>)[action.operation];
  const { root, created } = readInput(action);
  if (phase === undefined) {
    throw new HoldfastError('plan.invalid', `${action.id}: a local source has no operation ${action.operation}`);
  }
  const job = await openJob(context, captured, root);
  await phase(job, created);
  const failures = job.failures.list();
  const notes = action.ledger?.map((note) => `${note.what}: ${note.why}`) ?? [];
  return {
    result: job.done.items > 0 ? 'done' : 'unchanged',
    class: notes.length > 0 ? 'needs-human' : 'exact',
    ...(notes.length > 0 ? { note: notes.join('; ') } : {}),
    items: job.done.items,
    bytes: job.done.bytes,
    ...(failures.length > 0 ? { failures } : {}),
  };
}

function readInput(action: PlannedAction): { root: Uint8Array; created: CreatedDirectories } {
  const input = action.input as Readonly<Record<string, Json | undefined>> | null;
  const root = typeof input === 'object' ? input?.['root'] : undefined;
  const created = typeof input === 'object' ? input?.['created'] : undefined;
  if (typeof root !== 'string' || !root.startsWith('/') || !Array.isArray(created)) {
    throw new HoldfastError('plan.invalid', `${action.id}: its input does not name a folder to restore to`);
  }
  const keys = (created as readonly Json[]).filter((key): key is string => typeof key === 'string');
  return { root: parseDisplay(root), created: new Set(keys.map((key) => byteText(parseDisplay(key)))) };
}
