import type { LedgerLine } from '../../estate/restore-contract.ts';
import type { LedgerClass } from '../../kernel/entry.ts';
import type { Colors } from './colors.ts';
import { oneLine } from './text.ts';
import { formatCount } from './units.ts';

const titles: Readonly<Record<LedgerClass, string>> = {
  exact: 'Restored exactly',
  'new-identity': 'Back with a new identity',
  'needs-human': 'Needs a human',
  lost: 'Lost by design',
};

const order: readonly LedgerClass[] = ['lost', 'needs-human', 'new-identity', 'exact'];

/** The loss ledger for people, worst first: what is said of several resources is said once. `limit`: groups of each class. */
export function renderLedger(lines: readonly LedgerLine[], colors: Colors, limit = Number.POSITIVE_INFINITY): string[] {
  const rendered: string[] = [];
  for (const wanted of order) {
    const groups = grouped(lines.filter((line) => line.class === wanted));
    if (groups.length === 0) continue;
    const total = groups.flat().reduce((sum, line) => sum + (line.count ?? 1), 0);
    rendered.push(colors.bold(`${titles[wanted]} (${formatCount(total)})`));
    if (wanted === 'exact') {
      rendered.push(...exactly(groups.flat(), limit));
      continue;
    }
    for (const group of groups.slice(0, limit)) rendered.push(...renderGroup(group, colors, limit));
    if (groups.length > limit) rendered.push(`  … and ${formatCount(groups.length - limit)} more`);
  }
  return rendered;
}

/** Of what came back as it was, how many items of which resource is all there is to say. */
function exactly(lines: readonly LedgerLine[], limit: number): string[] {
  const counts = new Map<string, number>();
  for (const { resource, count = 1 } of lines) counts.set(resource, (counts.get(resource) ?? 0) + count);
  const shown = [...counts]
    .slice(0, limit)
    .map(([resource, count]) => `  ${oneLine(resource)} (${formatCount(count)})`);
  return counts.size > limit ? [...shown, `  … and ${formatCount(counts.size - limit)} more`] : shown;
}

function grouped(lines: readonly LedgerLine[]): LedgerLine[][] {
  const groups = new Map<string, LedgerLine[]>();
  for (const line of lines) {
    const key = JSON.stringify([line.what, line.why, line.action]);
    const known = groups.get(key);
    if (known) known.push(line);
    else groups.set(key, [line]);
  }
  return [...groups.values()];
}

/** So many resources of a group are named where the ledger is limited. */
const mostResources = 5;

function renderGroup(group: readonly LedgerLine[], colors: Colors, limit: number): string[] {
  const [line] = group;
  if (!line) return [];
  const named = limit === Number.POSITIVE_INFINITY ? group : group.slice(0, mostResources);
  const resources = named.map(({ resource, count = 1 }) =>
    count > 1 ? `${resource} (${formatCount(count)})` : resource,
  );
  const more = group.length - named.length;
  const list = `${resources.join(', ')}${more > 0 ? ` and ${formatCount(more)} more` : ''}`;
  const why = line.why === undefined ? '' : `: ${line.why}`;
  const rendered = [`  ${oneLine(`${line.what}${why}`)}`, colors.dim(`      ${oneLine(list)}`)];
  if (line.action !== undefined && line.action !== '') rendered.push(colors.cyan(`      → ${oneLine(line.action)}`));
  return rendered;
}
