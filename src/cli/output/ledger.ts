import type { LedgerLine } from '../../estate/contract.ts';
import type { LedgerClass } from '../../kernel/entry.ts';
import type { Colors } from './colors.ts';
import { printable } from './text.ts';
import { formatCount } from './units.ts';

const titles: Readonly<Record<LedgerClass, string>> = {
  exact: 'Restored exactly',
  'new-identity': 'Back with a new identity',
  'needs-human': 'Needs a human',
  lost: 'Lost by design',
};

const order: readonly LedgerClass[] = ['lost', 'needs-human', 'new-identity', 'exact'];

/** The loss ledger for people, worst first; `limit` lines of each class. */
export function renderLedger(lines: readonly LedgerLine[], colors: Colors, limit = Number.POSITIVE_INFINITY): string[] {
  const rendered: string[] = [];
  for (const wanted of order) {
    const of = lines.filter((line) => line.class === wanted);
    if (of.length === 0) continue;
    const total = of.reduce((sum, line) => sum + (line.count ?? 1), 0);
    rendered.push(colors.bold(`${titles[wanted]} (${formatCount(total)})`));
    for (const line of of.slice(0, limit)) rendered.push(...renderLine(line, colors));
    if (of.length > limit) rendered.push(`  … and ${formatCount(of.length - limit)} more`);
  }
  return rendered;
}

function renderLine(line: LedgerLine, colors: Colors): string[] {
  const times = line.count !== undefined && line.count > 1 ? ` (${formatCount(line.count)})` : '';
  const why = line.why === undefined ? '' : `: ${line.why}`;
  const lines = [`  ${printable(`${line.resource}  ${line.what}${times}${why}`)}`];
  if (line.action !== undefined && line.action !== '') lines.push(colors.cyan(`      → ${printable(line.action)}`));
  return lines;
}
