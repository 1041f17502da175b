import type { PruneReport, PruneSettings } from '../../../repository/prune/contract.ts';
import type { CommandContext, Exit } from '../../context.ts';
import { confirmChange } from '../../questions.ts';
import { openForReading } from '../../wiring.ts';
import { pruneDocument, questionOf, renderPrune } from './render.ts';

export interface PruneOptions {
  readonly dryRun?: true;
  readonly maxRewrite?: number;
  readonly maxUnused?: number;
  readonly archived?: true;
  readonly yes?: true;
}

/** Exit 0, also where locks keep something: what they keep is in the report. */
export async function runPrune(context: CommandContext, options: PruneOptions): Promise<Exit> {
  const { output, signal } = context;
  const { repository } = await openForReading(context);
  const settings: PruneSettings = {
    signal,
    ...(options.maxRewrite === undefined ? {} : { maxRewriteBytes: options.maxRewrite }),
    ...(options.maxUnused === undefined ? {} : { maxUnused: options.maxUnused }),
    ...(options.archived ? { archived: true } : {}),
  };
  let report: PruneReport | undefined;
  if (options.dryRun || options.yes !== true) {
    report = await repository.prune({ ...settings, dryRun: true });
    const question = questionOf(report);
    if (!options.dryRun && question !== undefined) await confirmChange(context, { yes: false, question });
  }
  if (!options.dryRun) report = await repository.prune(settings);
  if (!report) return 0;
  if (output.format === 'text') await output.lines(renderPrune(report, output));
  else await output.document(pruneDocument(report));
  return 0;
}
