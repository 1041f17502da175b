import { findGaps } from '../../../estate/coverage/coverage.ts';
import { HoldfastError } from '../../../kernel/errors.ts';
import { parseSpan, timeBefore } from '../../../kernel/span.ts';
import type { CommandContext, Exit } from '../../context.ts';
import { openConfig, openEstate, openRepository } from '../../wiring.ts';
import { renderCoverage } from './render.ts';

export interface CoverageOptions {
  readonly within: string;
  readonly site?: string;
}

/** Exit 0 when everything is protected, 1 when something is not, 4 when a list could not be had. */
export async function runCoverage(context: CommandContext, options: CoverageOptions): Promise<Exit> {
  const { output, runtime } = context;
  const span = parseSpan(options.within);
  if (!span)
    throw new HoldfastError('usage.invalid', `--within ${options.within}: write a length of time such as 7d or 36h`);
  const config = await openConfig(context);
  const { site } = options;
  if (site !== undefined && !(site in config.sites))
    throw new HoldfastError('usage.invalid', `no site is named ${site} in ${config.file}`);
  const estate = await openEstate(context, config);
  const repository = await openRepository(context, config);
  const now = runtime.clock.now();
  const within = now - timeBefore(now, span);
  const report = await findGaps(estate, repository, { within, ...(site === undefined ? {} : { site }) });
  if (output.format === 'text') await output.lines(renderCoverage(report, options.within, output));
  else await output.document(report);
  if (report.gaps.length > 0) return 1;
  return report.failures.length > 0 ? 4 : 0;
}
