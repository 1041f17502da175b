import { readLedger } from '../../../estate/ledger.ts';
import type { CommandContext, Exit } from '../../context.ts';
import { renderLedger } from '../../output/ledger.ts';
import { selectionOf } from '../../reference.ts';
import { openSnapshot } from '../../wiring.ts';

export interface LedgerOptions {
  readonly select?: readonly string[];
  readonly site?: string;
}

export async function runLedger(context: CommandContext, snap: string, options: LedgerOptions): Promise<Exit> {
  const { output } = context;
  const { reader, path } = await openSnapshot(context, snap);
  const selectors = path === '' ? options.select : [...(options.select ?? []), path];
  const report = await readLedger(reader, selectionOf(selectors, options.site));
  if (output.format !== 'text') {
    await output.document(report);
    return 0;
  }
  const { counts } = report;
  await output.lines([
    ...renderLedger(report.lines, output.colors),
    `${counts.exact} exact, ${counts['new-identity']} with a new identity, ${counts['needs-human']} for a human, ${counts.lost} lost.`,
  ]);
  return 0;
}
