import { markReasons } from '../../../repository/marks/mark.ts';
import type { PackCount, PruneReport } from '../../../repository/prune/contract.ts';
import type { Output } from '../../output/output.ts';
import { countOf, formatBytes, formatTime } from '../../output/units.ts';

const reasons: Readonly<Record<(typeof markReasons)[number], string>> = {
  unused: 'needed by no snapshot',
  orphan: 'left by interrupted snapshots',
  rewritten: 'rewritten',
};

/** What was done, or would be, in as many lines as there are things to say. */
export function renderPrune(report: PruneReport, { colors }: Pick<Output, 'colors'>): string[] {
  const { dryRun, swept, spared, rewritten, marked, waiting, locked, archived, indexes, stored, neededBytes } = report;
  const will = (done: string, planned: string): string => (dryRun ? planned : done);
  const lines: string[] = [];
  lines.push(`${amount(stored)} stored, ${formatBytes(neededBytes)} needed.`);
  if (swept.packs > 0) lines.push(colors.green(`${will('deleted', 'would delete')} ${amount(swept)}`));
  if (spared.packs > 0)
    lines.push(`${will('spared', 'would spare')} ${amount(spared)}: needed again since they were marked`);
  if (rewritten.packs > 0) {
    const into = dryRun ? '' : ` into ${countOf(rewritten.intoPacks, 'pack')} of ${formatBytes(rewritten.intoBytes)}`;
    lines.push(`${will('rewrote', 'would rewrite')} ${amount(rewritten)}${into}`);
  }
  for (const reason of markReasons)
    if (marked[reason].packs > 0)
      lines.push(`${will('marked', 'would mark')} ${amount(marked[reason])}: ${reasons[reason]}`);
  for (const mark of waiting) lines.push(`waiting ${amount(mark)}: may be deleted from ${formatTime(mark.until)} on`);
  if (locked.packs > 0) lines.push(`kept    ${amount(locked)}: a retention lock holds them`);
  if (archived.packs > 0) lines.push(`left    ${amount(archived)}: partly unused, in an archive class`);
  if (indexes.after !== indexes.before)
    lines.push(`merged  ${countOf(indexes.before, 'index object')} into ${indexes.after}`);
  if (lines.length === 1) lines.push('Nothing to do.');
  return lines;
}

/** What a person is asked before anything is deleted or rewritten; undefined where nothing would be. */
export function questionOf({ swept, rewritten, marked }: PruneReport): string | undefined {
  const parts: string[] = [];
  const toMark = markReasons.reduce((sum, reason) => sum + marked[reason].packs, 0);
  if (swept.packs > 0) parts.push(`delete ${amount(swept)} for good`);
  if (rewritten.packs > 0) parts.push(`rewrite ${amount(rewritten)}`);
  if (toMark > 0) parts.push(`mark ${countOf(toMark, 'pack')} for deletion after the grace`);
  const text = parts.join(', ');
  return text === '' ? undefined : `${text[0]?.toUpperCase()}${text.slice(1)}?`;
}

export function pruneDocument(report: PruneReport) {
  return {
    schema: 1,
    ...report,
    waiting: report.waiting.map(({ markedAt, until, ...mark }) => ({
      ...mark,
      markedAt: formatTime(markedAt),
      until: formatTime(until),
    })),
  };
}

function amount({ packs, bytes }: PackCount): string {
  return `${countOf(packs, 'pack')} (${formatBytes(bytes)})`;
}
