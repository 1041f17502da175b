import type { Manifest } from '../../../estate/contract.ts';
import { findBarrier } from '../../../estate/barrier/barrier.ts';
import { discoverEstate } from '../../../estate/discover.ts';
import { takeSnapshot } from '../../../estate/snapshot.ts';
import { HoldfastError } from '../../../kernel/errors.ts';
import type { CommandContext, Exit } from '../../context.ts';
import { parseTags, selectionOf } from '../../reference.ts';
import { openConfig, openEstate, openRepository } from '../../wiring.ts';
import { renderDiscovery } from '../discover/run.ts';
import { renderCapture } from './render.ts';

export interface SnapshotOptions {
  readonly site?: string;
  readonly tag?: readonly string[];
  readonly resume?: true;
  readonly reread?: true;
  /** ms */
  readonly wait?: number;
  readonly barrier?: string;
  readonly settle?: string | true;
  readonly dryRun?: true;
}

/** Exit 4 when something could not be captured: the snapshot is there, and says what it lacks. */
export async function runSnapshot(
  context: CommandContext,
  selectors: readonly string[],
  options: SnapshotOptions,
): Promise<Exit> {
  if (options.settle !== undefined) return await (await import('./settle.ts')).runSettle(context, selectors, options);
  if (options.reread && options.resume)
    throw new HoldfastError('usage.invalid', '--reread cannot go on with an interrupted snapshot', {
      hint: 'Say --resume to go on, which reads what is left as usual, or --reread to read everything again.',
    });
  const { output } = context;
  const tags = parseTags(options.tag);
  const selection = selectionOf(selectors, options.site);
  const config = await openConfig(context);
  const estate = await openEstate(context, config);
  if (options.dryRun) {
    if (options.barrier !== undefined) findBarrier(config, options.barrier);
    const report = await discoverEstate(estate, selection);
    if (output.format === 'text') await output.lines(renderDiscovery(report, output, output.verbose));
    else await output.document({ ...report, dryRun: true });
    output.say('Nothing was stored (--dry-run).');
    return report.sources.some((source) => source.errors.length > 0) ? 4 : 0;
  }
  const repository = await openRepository(context, config);
  const { resume = false, reread = false, wait, barrier } = options;
  const settings = {
    selection,
    tags,
    resume,
    reread,
    ...(wait === undefined ? {} : { wait }),
    ...(barrier === undefined ? {} : { barrier }),
  };
  const { manifest } = await takeSnapshot(estate, repository, settings);
  await print(context, manifest);
  return manifest.outcome === 'complete' ? 0 : 4;
}

async function print(context: CommandContext, manifest: Manifest): Promise<void> {
  const { output } = context;
  if (output.format === 'text') await output.lines(renderCapture(manifest, output));
  else await output.document(manifest);
}
