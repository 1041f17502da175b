import { displayBytes } from '../../../kernel/bytes.ts';
import type { Json } from '../../../kernel/json.ts';
import type { DriftReport, ResourceDrift } from '../../../estate/contract.ts';
import type { Difference } from '../../../repository/read/contract.ts';
import type { Colors } from '../../output/colors.ts';
import { fieldChanges } from '../../output/fields.ts';
import type { Output } from '../../output/output.ts';
import { cut, oneLine, printable, shorten } from '../../output/text.ts';
import { countOf, formatCount } from '../../output/units.ts';

/** So many entries of a resource, and fields of an entry, are printed; --verbose prints all that the report holds. */
const mostEntries = 12;
const mostFields = 8;
const hiddenValue = '(secret)';

/** Per resource, per entry, per field: what the snapshot says (-) and what is live (+). */
export function renderDrift(report: DriftReport, output: Pick<Output, 'colors' | 'verbose' | 'width'>): string[] {
  const lines = report.resources.flatMap((resource) => renderResource(resource, output));
  for (const failure of report.failures) {
    lines.push(`${output.colors.red('not compared:')} ${oneLine(failure.message)} [${failure.code}]`);
  }
  const { resources, entries } = report.compared;
  const compared = `${countOf(resources, 'resource')} and ${countOf(entries, 'entry', 'entries')} compared`;
  const differing = report.resources.length;
  const result =
    differing > 0
      ? `${countOf(differing, 'resource')} ${differing === 1 ? 'differs' : 'differ'} from snapshot ${report.snapshot}`
      : `${report.failures.length > 0 ? 'what was compared' : 'the live estate'} equals snapshot ${report.snapshot}`;
  lines.push(`${compared}: ${result}.`);
  return lines;
}

function renderResource(drift: ResourceDrift, output: Pick<Output, 'colors' | 'verbose' | 'width'>): string[] {
  const { colors } = output;
  const count = drift.change === 'changed' ? `  ${countOf(drift.total, 'difference')}` : '';
  const lines = [`${paint(drift.change, colors)(drift.change.padEnd(7))}  ${printable(drift.resource)}${count}`];
  if (drift.change !== 'changed') return lines;
  const shown = output.verbose ? drift.differences : drift.differences.slice(0, mostEntries);
  for (const difference of shown) lines.push(...renderDifference(difference, output));
  const more = drift.total - shown.length;
  if (more > 0)
    lines.push(`           … and ${formatCount(more)} more${output.verbose ? '' : ' (--verbose lists them)'}`);
  return lines;
}

function renderDifference(difference: Difference, output: Pick<Output, 'colors' | 'verbose' | 'width'>): string[] {
  const { colors } = output;
  const what = difference.change === 'changed' ? difference.parts.map((part) => part.part).join(', ') : '';
  const path = shorten(printable(pathOf(difference)), Math.max(20, output.width - what.length - 16));
  const lines = [
    `    ${paint(difference.change, colors)(difference.change.padEnd(7))}  ${path}${what === '' ? '' : ` (${what})`}`,
  ];
  const changes = difference.parts.flatMap((part) => fieldChanges(part.before, part.after));
  const shown = output.verbose ? changes : changes.slice(0, mostFields);
  for (const { field, before, after } of shown) {
    const name = field === '' ? '' : `${printable(field)}: `;
    if (before !== undefined)
      lines.push(colors.red(cut(`      - ${name}${valueText(before, difference.secret)}`, output.width)));
    if (after !== undefined)
      lines.push(colors.green(cut(`      + ${name}${valueText(after, difference.secret)}`, output.width)));
  }
  if (changes.length > shown.length)
    lines.push(`      … and ${formatCount(changes.length - shown.length)} more fields`);
  return lines;
}

/** Text of one value; a long one is cut, a secret one is never shown. */
function valueText(value: Json, secret: boolean): string {
  return secret ? hiddenValue : cut(printable(JSON.stringify(value)), 200);
}

function pathOf(difference: Difference): string {
  const key = displayBytes(difference.key);
  return difference.collection === '' ? key : `${difference.collection}/${key}`;
}

function paint(change: 'missing' | 'extra' | 'changed', colors: Colors): (text: string) => string {
  return { missing: colors.red, extra: colors.green, changed: colors.yellow }[change];
}

/** The report as --json prints it (schema 1): keys are paths, values of secret entries are left out. */
export function driftDocument(report: DriftReport): object {
  return {
    ...report,
    equal: report.resources.length === 0 && report.failures.length === 0,
    resources: report.resources.map((resource) => ({
      ...resource,
      differences: resource.differences.map((difference) => ({
        path: pathOf(difference),
        kind: difference.kind,
        change: difference.change,
        secret: difference.secret,
        parts: difference.parts.map((part) => ({
          part: part.part,
          ...(difference.secret ? {} : { fields: fieldChanges(part.before, part.after) }),
        })),
      })),
    })),
  };
}
