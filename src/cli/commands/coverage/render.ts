import type { CoverageGap, CoverageReport, GapReason } from '../../../estate/coverage/contract.ts';
import type { Output } from '../../output/output.ts';
import { oneLine, printable } from '../../output/text.ts';
import { countOf, formatCount } from '../../output/units.ts';

/** Printed without --verbose. */
const mostOfAReason = 20;

const headings: Readonly<Record<GapReason, (within: string) => string>> = {
  'no-connector': () => 'No connector knows their type:',
  'no-source': () => 'No source of the configuration has their type:',
  excluded: () => 'Their source leaves them out:',
  'no-plan': () => 'No backup plan selects them:',
  'never-captured': () => 'No snapshot holds them:',
  stale: (within) => `The newest snapshot that holds them is older than ${within}:`,
  partial: () => 'The newest snapshot that holds them could not read all of them:',
};

/** What is not protected, by reason; then how much there is. */
export function renderCoverage(
  report: CoverageReport,
  within: string,
  { colors, verbose }: Pick<Output, 'colors' | 'verbose'>,
): string[] {
  const lines: string[] = [];
  for (const reason of Object.keys(headings) as GapReason[]) {
    const gaps = report.gaps.filter((gap) => gap.reason === reason);
    if (gaps.length === 0) continue;
    lines.push(colors.yellow(headings[reason](within)));
    const shown = verbose ? gaps : gaps.slice(0, mostOfAReason);
    lines.push(...shown.map((gap) => `  ${lineOf(gap)}`));
    const more = gaps.length - shown.length;
    if (more > 0) lines.push(`  … and ${formatCount(more)} more (--verbose lists them)`);
  }
  for (const { message, code } of report.failures)
    lines.push(`${colors.red('not listed:')} ${oneLine(message)} [${code}]`);
  for (const { name, found, limits } of report.lists) lines.push(`${name}: ${countOf(found, 'resource')} (${limits})`);
  const protectedPart = `${formatCount(report.protected)} of ${countOf(report.existing, 'resource')}`;
  const others = report.byAwsBackup > 0 ? ` (${formatCount(report.byAwsBackup)} by a point of AWS Backup alone)` : '';
  const how = `protected by a snapshot of the last ${within}${others}`;
  lines.push(`${protectedPart} ${how}; ${formatCount(report.gaps.length)} not.`);
  return lines;
}

function lineOf({ resource, region, site, capturedAt }: CoverageGap): string {
  const facts = [region === 'global' ? '' : region, site ?? '', capturedAt ? `last ${capturedAt.slice(0, 16)}Z` : ''];
  return [printable(resource), ...facts.filter((fact) => fact !== '')].join('  ');
}
