import { discoverEstate } from '../../../estate/discover.ts';
import type { DiscoveryReport } from '../../../estate/contract.ts';
import type { CommandContext, Exit } from '../../context.ts';
import type { Output } from '../../output/output.ts';
import { renderTable } from '../../output/table.ts';
import { oneLine, printable } from '../../output/text.ts';
import { formatCount } from '../../output/units.ts';
import { selectionOf } from '../../reference.ts';
import { openConfig, openEstate } from '../../wiring.ts';

export interface DiscoverOptions {
  readonly site?: string;
  readonly all?: true;
}

/** Exit 4 when a part of the estate could not be listed. */
export async function runDiscover(
  context: CommandContext,
  selectors: readonly string[],
  options: DiscoverOptions,
): Promise<Exit> {
  const config = await openConfig(context);
  const estate = await openEstate(context, config);
  const report = await discoverEstate(estate, selectionOf(selectors, options.site));
  const { output } = context;
  if (output.format === 'text') await output.lines(renderDiscovery(report, output, options.all === true));
  else await output.document(report);
  return report.sources.some((source) => source.errors.length > 0) ? 4 : 0;
}

export function renderDiscovery(
  report: DiscoveryReport,
  output: Pick<Output, 'width' | 'colors'>,
  all: boolean,
): string[] {
  const lines = all ? eachResource(report, output.width) : eachSource(report, output.width);
  for (const source of report.sources) {
    for (const error of source.errors) {
      lines.push(`${output.colors.red('not listed:')} ${oneLine(error.message)} [${error.code}]`);
    }
  }
  const unprotected = report.unprotected
    .filter(({ error }) => error === undefined)
    .map(({ type, resources = 0 }) => `${type} (${formatCount(resources)})`);
  if (unprotected.length > 0) lines.push(`${output.colors.yellow('Nothing protects:')} ${unprotected.join(', ')}`);
  return [...lines, ...notLooked(report.unprotected, output)];
}

/** Types that no source protects and that could not be listed, by reason: without credentials it is the same for all. */
function notLooked(rows: DiscoveryReport['unprotected'], { colors }: Pick<Output, 'colors'>): string[] {
  const reasons = new Map<string, string[]>();
  for (const { type, error } of rows)
    if (error) reasons.set(error.message, [...(reasons.get(error.message) ?? []), type]);
  return [...reasons].map(
    ([reason, types]) =>
      `${colors.yellow('Not looked for, and not protected:')} ${types.join(', ')} (${oneLine(reason)})`,
  );
}

function eachSource(report: DiscoveryReport, width: number): string[] {
  const rows = report.sources.map((source) => [
    source.source,
    formatCount(source.resources.length),
    distinct(source.resources.map((resource) => resource.region)),
    distinct(source.resources.map((resource) => resource.site)),
  ]);
  return renderTable(
    [
      { title: 'SOURCE' },
      { title: 'RESOURCES', align: 'right' },
      { title: 'REGIONS', shrink: true },
      { title: 'SITES', shrink: true },
    ],
    rows,
    width,
  );
}

function eachResource(report: DiscoveryReport, width: number): string[] {
  const rows = report.sources.flatMap((source) =>
    source.resources.map((resource) => [
      printable(resource.key),
      resource.region,
      resource.site ?? '',
      resource.environment ?? '',
    ]),
  );
  return renderTable(
    [{ title: 'RESOURCE', shrink: true }, { title: 'REGION' }, { title: 'SITE' }, { title: 'ENVIRONMENT' }],
    rows,
    width,
  );
}

function distinct(values: readonly (string | undefined)[]): string {
  return [...new Set(values.filter((value) => value !== undefined))].sort().join(', ');
}
