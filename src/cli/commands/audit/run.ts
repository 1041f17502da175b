import { HoldfastError } from '../../../kernel/errors.ts';
import type { AuditHead, AuditRecord, AuditReport } from '../../../repository/audit/contract.ts';
import type { CommandContext, Exit } from '../../context.ts';
import type { Output } from '../../output/output.ts';
import { renderTable } from '../../output/table.ts';
import { oneLine, printable } from '../../output/text.ts';
import { countOf, formatTime } from '../../output/units.ts';
import { parseTime } from '../../reference.ts';
import { openForReading } from '../../wiring.ts';

export interface AuditOptions {
  readonly verify?: true;
  readonly since?: string;
  readonly anchor?: readonly string[];
}

/** Exit 3 when the chain is broken, or does not hold an anchor. */
export async function runAudit(context: CommandContext, options: AuditOptions): Promise<Exit> {
  const { output } = context;
  const since = options.since === undefined ? 0 : parseTime('--since', options.since);
  const anchors = (options.anchor ?? []).map(parseAnchor);
  const { repository } = await openForReading(context);
  const report = await repository.audit.verify(anchors);
  const shown = options.verify ? [] : report.records.filter(({ at }) => at >= since);
  if (output.format === 'text') await output.lines(renderAudit(report, shown, output));
  else {
    const { head, problems, unfinished } = report;
    await output.document({
      schema: 1,
      whole: problems.length === 0,
      head: head ?? null,
      records: shown.map(({ at, ...record }) => ({ ...record, at: new Date(at).toISOString() })),
      unfinished,
      problems,
    });
  }
  return report.problems.length === 0 ? 0 : 3;
}

/** `12:9f86d0…`, as the command prints it. */
function parseAnchor(text: string): AuditHead {
  const [, number, digest] = /^(\d{1,10}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (number === undefined || digest === undefined) {
    throw new HoldfastError('usage.invalid', `--anchor ${text}: it must be a number, a colon and 64 hex digits`, {
      hint: 'Give the head that holdfast audit printed earlier.',
    });
  }
  return { number: Number(number), digest };
}

function renderAudit(
  { records, head, problems, unfinished }: AuditReport,
  shown: readonly AuditRecord[],
  output: Pick<Output, 'width' | 'colors'>,
): string[] {
  const { colors } = output;
  const columns = [
    { title: 'NO.', align: 'right' as const },
    { title: 'TIME' },
    { title: 'WHO', shrink: true },
    { title: 'ACTION' },
    { title: 'DETAILS', shrink: true },
  ];
  const rows = shown.map((record) => [
    String(record.number),
    formatTime(record.at),
    printable(`${record.actor.user}@${record.actor.host}`),
    actionOf(record),
    detailsOf(record),
  ]);
  return [
    ...(rows.length > 0 ? renderTable(columns, rows, output.width) : []),
    ...unfinished.map((number) => colors.yellow(`Record ${number} has no outcome: at work still, or died.`)),
    ...problems.map(({ object, problem }) => colors.red(`${object}: ${printable(problem)}`)),
    `${countOf(records.length, 'record')}, ${problems.length === 0 ? 'the chain is whole' : 'the chain is broken'}.`,
    ...(head === undefined ? [] : [`Head: ${head.number}:${head.digest}`]),
  ];
}

function actionOf({ action, phase, intent }: AuditRecord): string {
  if (phase === 'intent') return `${action} begins`;
  return phase === 'outcome' ? `${action} ends (${intent})` : action;
}

function detailsOf({ details }: AuditRecord): string {
  return oneLine(
    Object.entries(details)
      .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
      .join(' '),
  );
}
