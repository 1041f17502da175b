import { diffSnapshots } from '../../../estate/diff.ts';
import type { DiffReport } from '../../../estate/contract.ts';
import type { CommandContext, Exit } from '../../context.ts';
import type { Colors } from '../../output/colors.ts';
import { printable } from '../../output/text.ts';
import { countOf, formatCount } from '../../output/units.ts';
import { openForReading } from '../../wiring.ts';

/** Exit 0 also when they differ: two snapshots of different days are expected to. */
export async function runDiff(context: CommandContext, before: string, after: string, path: string): Promise<Exit> {
  const { repository, estate } = await openForReading(context, true);
  const [first, second] = await Promise.all([repository.find(before, estate), repository.find(after, estate)]);
  const report = await diffSnapshots(repository, await repository.open(first), await repository.open(second), path);
  const { output } = context;
  if (output.format === 'text') await output.lines(renderDiff(report, output.colors));
  else await output.document(report);
  return 0;
}

const signs = { added: '+', removed: '-', changed: '~' } as const;

function renderDiff(report: DiffReport, colors: Colors): string[] {
  const paint = { added: colors.green, removed: colors.red, changed: colors.yellow };
  const lines: string[] = [];
  for (const resource of report.resources) {
    const count = resource.total > 0 ? `  ${countOf(resource.total, 'entry', 'entries')}` : '';
    lines.push(paint[resource.change](`${signs[resource.change]} ${printable(resource.resource)}`) + count);
    for (const entry of resource.entries) {
      lines.push(`    ${paint[entry.change](`${signs[entry.change]} ${printable(entry.path)}`)}`);
    }
    const more = resource.total - resource.entries.length;
    if (more > 0 && resource.entries.length > 0) lines.push(`    … and ${formatCount(more)} more`);
  }
  const count = report.resources.length;
  lines.push(count === 0 ? 'No difference.' : `${countOf(count, 'resource')} ${count === 1 ? 'differs' : 'differ'}.`);
  return lines;
}
