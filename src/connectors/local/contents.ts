import type { CapturedEntry, CapturedResource } from '../../kernel/entry.ts';
import type { RestoreContext } from '../contract.ts';
import { filesCollection } from './folder.ts';
import type { LocalOptions } from './options.ts';
import { openJob, targetRoot } from './plan.ts';
import { wantedFiles } from './write-files.ts';

/** The files that applying the plan would write. */
export async function* contents(
  context: RestoreContext<LocalOptions>,
  captured: CapturedResource,
): AsyncGenerator<CapturedEntry> {
  if (context.only && context.only.collection !== filesCollection) return;
  const job = await openJob(context, captured, await targetRoot(context, captured));
  for await (const { entry, source } of wantedFiles(job)) yield source ?? entry;
}
