import { HoldfastError } from '../../../kernel/errors.ts';
import { openCheckJournal } from '../../../repository/check/journal.ts';
import type { CommandContext, Exit } from '../../context.ts';
import { openForReading } from '../../wiring.ts';
import { journalFile } from './journal-file.ts';
import { renderCheck } from './render.ts';

export interface CheckOptions {
  readonly sample?: number;
  readonly readData?: true;
  readonly timeLimit?: number;
  readonly resume?: true;
}

/** Exit 3 when there is damage, 0 otherwise; also where the time did not suffice to read everything that was asked for. */
export async function runCheck(context: CommandContext, options: CheckOptions): Promise<Exit> {
  const { output } = context;
  const readData = options.readData ? 1 : (options.sample ?? 0);
  if (readData === 0 && (options.resume || options.timeLimit !== undefined))
    throw new HoldfastError(
      'usage.invalid',
      '--resume and --time-limit are about reading: add --read-data or --sample',
    );
  const { repository } = await openForReading(context);
  const journal =
    readData > 0
      ? await openCheckJournal(journalFile(context, repository.id), repository.id, options.resume === true)
      : undefined;
  if (journal) context.onClose(() => journal.close());
  const report = await repository.check({
    readData,
    signal: context.signal,
    ...(options.timeLimit === undefined ? {} : { timeLimit: options.timeLimit }),
    ...(journal ? { journal } : {}),
  });
  if (output.format === 'text') await output.lines(renderCheck(report, output));
  else await output.document({ schema: 1, whole: report.damage.length === 0, ...report });
  return report.damage.length > 0 ? 3 : 0;
}
