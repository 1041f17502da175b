import { HoldfastError } from '../../../kernel/errors.ts';
import { showKeepRules, type KeepRules } from '../../../kernel/keep-rules.ts';
import { parseSpan, type Span } from '../../../kernel/span.ts';
import { mostSimulated, simulateRetention } from '../../../repository/retention/simulate.ts';
import type { CommandContext, Exit } from '../../context.ts';
import { renderTable } from '../../output/table.ts';
import { countOf, formatTime } from '../../output/units.ts';
import { showReasons } from './render.ts';

/** Shows which snapshots of a schedule that ends now the rules would leave. Needs no repository. */
export async function runSimulation(context: CommandContext, rules: KeepRules, schedule: string): Promise<Exit> {
  const { output, runtime } = context;
  const { every, during } = parseSchedule(schedule);
  const decisions = simulateRetention(rules, { every, during, end: runtime.clock.now() });
  if (!decisions)
    throw new HoldfastError('usage.invalid', `--simulate ${schedule}: these are more than ${mostSimulated} snapshots`);
  const kept = decisions.filter(({ action }) => action === 'keep');
  if (output.format !== 'text') {
    const shown = kept.map(({ snapshot, reasons }) => ({
      committedAt: new Date(snapshot.committedAt).toISOString(),
      reasons: reasons.map(({ rule, of }) => ({ rule, of })),
    }));
    await output.document({ schema: 1, simulated: decisions.length, kept: shown });
    return 0;
  }
  const rows = kept.map(({ snapshot, reasons }) => [formatTime(snapshot.committedAt), showReasons(reasons)]);
  await output.lines([
    ...renderTable([{ title: 'COMMITTED' }, { title: 'KEPT', shrink: true }], rows, output.width),
    `${countOf(decisions.length, 'snapshot')}, ${kept.length} kept by: ${showKeepRules(rules)}.`,
  ]);
  return 0;
}

const words: Readonly<Record<string, string>> = {
  hourly: '1h',
  daily: '1d',
  weekly: '1w',
  monthly: '1m',
  yearly: '1y',
};

/** `daily for 2 years`, `every 6h for 90d`. Throws usage.invalid. */
export function parseSchedule(text: string): { readonly every: Span; readonly during: Span } {
  const [, often = '', length = ''] = /^\s*(\w+|every\s+.+?)\s+for\s+(.+?)\s*$/i.exec(text) ?? [];
  const every = parseSpan(words[often.toLowerCase()] ?? short(often.replace(/^every\s+/i, '')));
  const during = parseSpan(short(length));
  const isSomething = (span: Span): boolean => Object.values(span).some((part) => part > 0);
  if (every && during && isSomething(every) && isSomething(during)) return { every, during };
  throw new HoldfastError('usage.invalid', `--simulate ${text}: it must say how often and for how long`, {
    hint: "Write for example 'daily for 2 years' or 'every 6h for 90d'.",
  });
}

/** `2 years` → `2y`. */
function short(text: string): string {
  return text.replace(
    /\s*\b(\d+)\s*([ymwdh])[a-z]*\s*/gi,
    (_, digits: string, unit: string) => digits + unit.toLowerCase(),
  );
}
