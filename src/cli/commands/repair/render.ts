import type { LostWalRange, RepairedSnapshot, RepairReport } from '../../../repository/repair/contract.ts';
import type { Output } from '../../output/output.ts';
import { printable } from '../../output/text.ts';
import { countOf, formatBytes, formatTime } from '../../output/units.ts';

export function renderRepair(report: RepairReport, { colors }: Pick<Output, 'colors'>): string[] {
  const would = report.dryRun ? 'would be ' : '';
  const lines: string[] = [];
  for (const pack of report.healed) lines.push(`${pack}: ${would}put back as it was, out of its parity`);
  if (report.parity.length > 0) lines.push(`parity of ${countOf(report.parity.length, 'pack')} ${would}made again`);
  for (const pack of report.indexed) lines.push(`${pack}: ${would}indexed again`);
  for (const { pack, problem, chunks, bytes } of report.salvaged) {
    lines.push(`${colors.red('damaged:')} ${printable(`${pack}: ${problem}`)}`);
    lines.push(`    ${countOf(chunks, 'chunk')} (${formatBytes(bytes)}) ${would}stored again`);
  }
  for (const key of report.replacedIndexes) lines.push(`${key}: ${would}replaced`);
  for (const snapshot of report.snapshots) lines.push(...renderSnapshot(snapshot, report.dryRun, colors));
  for (const id of report.unreadable)
    lines.push(
      `${colors.red('lost:')} snapshot ${id}: its own object cannot be read, and nothing else says what it held`,
    );
  for (const lost of report.wal) lines.push(`${colors.red('lost:')} ${walOf(lost)}`);
  for (const key of report.removed) lines.push(`${printable(key)}: ${would}deleted`);
  for (const { object, why } of report.left) lines.push(`left: ${printable(`${object}: ${why}`)}`);
  if (lines.length === 0) return ['Nothing to repair was found.'];
  if (report.dryRun) lines.push('Nothing was changed.');
  else if (report.snapshots.some(({ lost }) => lost > 0))
    lines.push('The next snapshot captures again what is lost here and still there in the estate.');
  return lines;
}

function renderSnapshot(
  { id, repaired, existed, resources, entries, lost }: RepairedSnapshot,
  dryRun: boolean,
  colors: Output['colors'],
): string[] {
  const kept = resources.whole + resources.partial > 0;
  const what = kept
    ? dryRun && !existed
      ? 'a repaired one would be stored beside it'
      : `${existed ? 'was repaired before as' : 'repaired as'} ${repaired ?? ''}`
    : 'nothing of it can be saved';
  const parts = [
    `${countOf(resources.whole, 'resource')} whole`,
    `${resources.partial} in part`,
    `${resources.lost} lost`,
    `${countOf(entries, 'entry', 'entries')} saved`,
    `${lost} lost`,
  ];
  return [`${kept ? 'snapshot' : colors.red('lost: snapshot')} ${id}: ${what}`, `    ${parts.join(', ')}`];
}

function walOf({ timeline, from, to, after, before }: LostWalRange): string {
  const what = `WAL of timeline ${timeline} in ${from === to ? from : `${from} to ${to}`}`;
  const until = before === undefined ? 'a later base backup' : `a base backup of after ${formatTime(before)}`;
  const reach = after === undefined ? 'nothing behind it' : `no moment after ${formatTime(after)}`;
  return `${what}: ${reach} can be restored without ${until}`;
}
