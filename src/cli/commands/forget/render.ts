import type { Decision, ForgetReport, KeepReason } from '../../../repository/retention/contract.ts';
import type { Output } from '../../output/output.ts';
import { renderTable } from '../../output/table.ts';
import { printable } from '../../output/text.ts';
import { countOf, formatTime } from '../../output/units.ts';
import { shortestIds } from '../snapshots/run.ts';

/** What would become of each snapshot, oldest first, and why. */
export function renderDecisions(decisions: readonly Decision[], output: Pick<Output, 'width' | 'colors'>): string[] {
  const length = shortestIds(decisions.map(({ snapshot }) => snapshot.id));
  const rows = decisions.map(({ snapshot, action, reasons }) => [
    snapshot.id.slice(0, length),
    formatTime(snapshot.committedAt),
    snapshot.outcome,
    action,
    printable(showReasons(reasons, sourcesOf(decisions))),
  ]);
  const columns = [
    { title: 'ID' },
    { title: 'COMMITTED' },
    { title: 'OUTCOME' },
    { title: '' },
    { title: 'WHY', shrink: true },
  ];
  const gone = decisions.filter(({ action }) => action === 'forget').length;
  return [
    ...renderTable(columns, rows, output.width),
    `${countOf(gone, 'snapshot')} to forget, ${decisions.length - gone} to keep.`,
  ];
}

/** `daily 2026-11-20, last 2 (tools)`; sources are told where a reason is not about all there are. */
export function showReasons(reasons: readonly KeepReason[], sources = 0): string {
  return reasons
    .map((reason) => {
      const about =
        reason.sources.length === 0 || reason.sources.length === sources ? '' : ` (${reason.sources.join(', ')})`;
      const plan = reason.plan === undefined ? '' : `${reason.plan}: `;
      return `${plan}${wordsOf(reason)}${about}`;
    })
    .join(', ');
}

function wordsOf({ rule, of }: KeepReason): string {
  if (rule === 'newest-complete') return 'newest complete';
  if (rule === 'other-plan') return 'not of this plan';
  if (rule === 'pinned') return of === '' ? 'pinned' : `pinned: ${of}`;
  return `${rule} ${of}`;
}

/** How many sources the decisions speak of at all. */
function sourcesOf(decisions: readonly Decision[]): number {
  return new Set(decisions.flatMap(({ reasons }) => reasons.flatMap(({ sources }) => sources))).size;
}

/** What a person should know before answering. */
export function remarks({ decisions, hidden, damaged }: ForgetReport): string[] {
  const lines: string[] = [];
  for (const { snapshot, action, reasons, doubt } of decisions) {
    const id = snapshot.id.slice(0, 12);
    // Named ones are deleted whatever speaks for them.
    if (action === 'forget' && reasons.length > 0)
      lines.push(`${id} would be kept: ${printable(showReasons(reasons))}.`);
    if (!doubt) continue;
    const times = `says it was committed at ${formatTime(snapshot.committedAt)}, the store received it at ${formatTime(doubt.storedAt)}`;
    lines.push(`${id} ${times}: it is judged only among those of which that is so.`);
  }
  if (hidden.length > 0)
    lines.push(`${countOf(hidden.length, 'snapshot')} of a newer format left alone: ${hidden.join(', ')}.`);
  if (damaged.length > 0)
    lines.push(`${countOf(damaged.length, 'damaged snapshot')} left alone: ${damaged.join(', ')}.`);
  return lines;
}

/** What was done. */
export function renderOutcome({ forgotten, refused }: Pick<ForgetReport, 'forgotten' | 'refused'>): string[] {
  return [
    ...refused.map(({ error }) => `kept all the same: ${printable(error.message)}`),
    `${countOf(forgotten.length, 'snapshot')} forgotten. What only they needed stays in the store until it is pruned.`,
  ];
}

/** `--json`. */
export function forgetDocument(report: ForgetReport, dryRun: boolean): object {
  return {
    schema: 1,
    dryRun,
    decisions: report.decisions.map(({ snapshot, action, reasons, doubt }) => ({
      id: snapshot.id,
      committedAt: new Date(snapshot.committedAt).toISOString(),
      outcome: snapshot.outcome,
      action,
      reasons,
      ...(doubt ? { storedAt: new Date(doubt.storedAt).toISOString() } : {}),
    })),
    forgotten: report.forgotten,
    refused: report.refused.map(({ id, until, error }) => ({
      id,
      ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
      error,
    })),
    hidden: report.hidden,
    damaged: report.damaged,
  };
}
