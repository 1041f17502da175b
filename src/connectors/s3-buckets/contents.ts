import type { CapturedEntry, CapturedResource } from '../../kernel/entry.ts';
import type { RestoreContext } from '../contract.ts';
import { hasContent } from './decide.ts';
import type { S3BucketsOptions } from './options.ts';
import { restoresObjects, versioningAtTarget } from './plan.ts';
import { keepsVersions } from './plan-objects.ts';
import { decideAll } from './restore-objects.ts';
import { readScope } from './scope.ts';
import { findTarget } from './target.ts';

/** The versions that applying the plan would write, and those it would compare once more. */
export async function* contents(
  context: RestoreContext<S3BucketsOptions>,
  captured: CapturedResource,
): AsyncGenerator<CapturedEntry> {
  const scope = await readScope(captured);
  if (!scope.objects || !restoresObjects(context)) return;
  const bucket = await findTarget(context, captured);
  const { willVersion } = await versioningAtTarget(context, captured, bucket);
  const versioned = willVersion || (bucket !== undefined && (await keepsVersions(bucket)));
  for await (const { key, decision } of decideAll({ context, captured, scope, bucket, versioned })) {
    if (decision.action === 'write') yield* decision.entries.filter(hasContent);
    const current = decision.action === 'unknown' ? await captured.entry('objects', key) : undefined;
    if (current) yield current;
  }
}
