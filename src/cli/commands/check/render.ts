import type { CheckReport, DamagedObject, Touched } from '../../../repository/check/contract.ts';
import type { Output } from '../../output/output.ts';
import { printable } from '../../output/text.ts';
import { countOf, formatBytes } from '../../output/units.ts';

const touchesShown = 20;

export function renderCheck(report: CheckReport, { colors }: Pick<Output, 'colors'>): string[] {
  const lines: string[] = [];
  for (const damage of report.damage) {
    lines.push(`${colors.red('damaged:')} ${printable(`${damage.object}: ${damage.problem}`)}`);
    if (damage.healable) lines.push('    its parity makes it whole again: holdfast repair');
    lines.push(...renderTouches(damage));
  }
  for (const { object, text } of report.notes) lines.push(`note: ${printable(`${object}: ${text}`)}`);
  const checked = [
    countOf(report.snapshots, 'snapshot'),
    countOf(report.packs, 'pack'),
    `${countOf(report.chunks, 'chunk')} checked`,
  ].join(', ');
  const read =
    report.packsRead > 0 ? `, ${countOf(report.packsRead, 'pack')} (${formatBytes(report.bytesRead)}) read` : '';
  const { length } = report.damage;
  lines.push(`${checked}${read}: ${length === 0 ? 'no damage found.' : `${countOf(length, 'object')} damaged.`}`);
  const { wal } = report;
  if (wal && wal.objects > 0) {
    const whole = wal.read > 0 ? `, ${formatBytes(wal.bytesRead)} of them read` : '';
    lines.push(`${countOf(wal.objects, 'object')} of WAL (${formatBytes(wal.bytes)}) checked${whole}.`);
    for (const { timeline, from, to } of wal.lost)
      lines.push(colors.red(`WAL of timeline ${timeline} is lost in ${from === to ? from : `${from} to ${to}`}.`));
  }
  if (wal && wal.left > 0)
    lines.push(`${countOf(wal.left, 'object')} of WAL not read for want of time: go on with --resume.`);
  if (report.packsLeft > 0)
    lines.push(`${countOf(report.packsLeft, 'pack')} not read for want of time: go on with --resume.`);
  if (length > 0) lines.push('See what can be saved with holdfast repair --dry-run.');
  return lines;
}

/** What damage touches, one line per resource of a snapshot, and the first entries below it. */
function renderTouches({ touches, more }: Pick<DamagedObject, 'touches' | 'more'>): string[] {
  const lines = touches.slice(0, touchesShown).flatMap(renderTouched);
  const hidden = touches.length - touchesShown + more;
  if (hidden > 0) lines.push(`    and ${countOf(hidden, 'resource')} more`);
  return lines;
}

function renderTouched({ snapshot, resource, lost, entries }: Touched): string[] {
  const whom = `${snapshot.slice(0, 12)}${resource === undefined ? '' : `:${printable(resource)}`}`;
  const first = entries.map((entry) => `        ${printable(entry)}`);
  const rest = lost > entries.length ? [`        and ${countOf(lost - entries.length, 'entry', 'entries')} more`] : [];
  return [`    touches ${whom}`, ...first, ...(entries.length === 0 ? [] : rest)];
}
