import { displayBytes } from '../../../kernel/bytes.ts';
import type { Json } from '../../../kernel/json.ts';
import type { DriftReport, ResourceDrift } from '../../../estate/contract.ts';
import type { Difference } from '../../../repository/read/contract.ts';
import { fieldChanges } from '../../output/fields.ts';
import { escapeHtml, renderPage } from '../../output/page.ts';
import { countOf } from '../../output/units.ts';

/** Entries of a resource, and characters of a value, on a page. */
const mostEntries = 200;
const longestValue = 2000;

const meaning = {
  missing: 'in the snapshot, not live',
  extra: 'live, not in the snapshot',
  changed: 'differs',
} as const;

/** The report as a page; `at`: when it was made, ISO time. Values of secrets are not in it. */
export function driftPage(report: DriftReport, estate: string, at: string): string {
  const { resources, failures, compared } = report;
  const of = `${countOf(compared.resources, 'resource')} and ${countOf(compared.entries, 'entry', 'entries')} compared`;
  const count = resources.length;
  const result = count === 0 ? 'no difference' : `${countOf(count, 'resource')} ${count === 1 ? 'differs' : 'differ'}`;
  const body = [
    ...resources.map(renderResource),
    ...(resources.length === 0 ? ['<p class="empty">What was compared equals the snapshot.</p>'] : []),
    ...(failures.length === 0 ? [] : [renderFailures(failures)]),
  ];
  return renderPage({
    title: `Drift of ${estate}`,
    summary: `Snapshot ${report.snapshot} against the live estate at ${at}: ${of}, ${result}.`,
    body: body.join('\n'),
  });
}

function renderResource(drift: ResourceDrift): string {
  const { change, differences, total } = drift;
  const shown = differences.slice(0, mostEntries);
  const more = total - shown.length;
  const inside = [
    ...shown.map(renderDifference),
    ...(more > 0 ? [`<p>… and ${countOf(more, 'more difference')}.</p>`] : []),
  ].join('\n');
  const count = change === 'changed' ? countOf(total, 'difference') : meaning[change];
  const head = `<span class="change ${change}">${change}</span><span class="name">${escapeHtml(drift.resource)}</span><span class="count">${count}</span>`;
  return `<details${total <= 20 ? ' open' : ''}><summary>${head}</summary><div class="inside">${inside}</div></details>`;
}

function renderDifference(difference: Difference): string {
  const key = displayBytes(difference.key);
  const path = difference.collection === '' ? key : `${difference.collection}/${key}`;
  const head = `<p class="path"><span class="${difference.change}">${meaning[difference.change]}</span> ${escapeHtml(path)}</p>`;
  if (difference.secret) return `${head}<p>A secret: its values are not shown.</p>`;
  const rows = difference.parts.flatMap((part) =>
    fieldChanges(part.before, part.after).map(
      ({ field, before, after }) =>
        `<tr><td>${escapeHtml(field === '' ? part.part : field)}</td>${cell('was', before)}${cell('is', after)}</tr>`,
    ),
  );
  if (rows.length === 0) return head;
  return `${head}<table><thead><tr><th>field</th><th>snapshot</th><th>live</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function cell(kind: 'was' | 'is', value: Json | undefined): string {
  const text = value === undefined ? '' : JSON.stringify(value);
  const cut = text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
  return `<td class="value ${kind}">${escapeHtml(cut)}</td>`;
}

function renderFailures(failures: DriftReport['failures']): string {
  const rows = failures.map(
    ({ message, code }) => `<tr><td>${escapeHtml(message)}</td><td>${escapeHtml(code)}</td></tr>`,
  );
  return `<h2>Not compared</h2><table><tbody>${rows.join('')}</tbody></table>`;
}
