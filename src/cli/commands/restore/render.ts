import type { LedgerLine, RestorePlan, RestoreReport } from '../../../estate/restore-contract.ts';
import type { PlannedAction } from '../../../connectors/contract.ts';
import { estimatePrices, type RestoreEstimate } from '../../../estate/estimate.ts';
import { quotaText } from '../../../estate/quotas.ts';
import { resourceKey } from '../../../kernel/entry.ts';
import { renderLedger } from '../../output/ledger.ts';
import type { Output } from '../../output/output.ts';
import { renderTable } from '../../output/table.ts';
import { oneLine, printable } from '../../output/text.ts';
import { countOf, formatBytes, formatCount } from '../../output/units.ts';
import type { Proof } from './prove.ts';

/** A longer plan is summed up per type and effect; --verbose and --plan-out have every action. */
const mostActions = 40;
const mostSkipped = 5;
const mostLedgerLines = 20;

type Look = Pick<Output, 'colors' | 'verbose' | 'width'>;

/** Order, counts, bytes, what is skipped and why, and the ledger that is to be expected. */
export function renderPlan(plan: RestorePlan, look: Look): string[] {
  const { to } = plan.request;
  const target = 'directory' in to ? to.directory : `the live estate ${plan.estate}`;
  const { path, tenant } = plan.request;
  const part = tenant === undefined ? path : `tenant ${tenant}`;
  const what = part === '' ? `snapshot ${plan.snapshot}` : `${part} of snapshot ${plan.snapshot}`;
  const lines = [look.colors.bold(printable(`Restore ${what} to ${target} (${plan.request.mode})`))];
  if (plan.actions.length > 0) {
    const all = look.verbose || plan.actions.length <= mostActions;
    lines.push('', ...(all ? eachAction(plan.actions, look) : summed(plan.actions, look)));
  }
  if (plan.skipped.length > 0) lines.push('', ...renderReasons('Skipped', plan.skipped, look));
  const { uncaptured = [] } = plan;
  if (uncaptured.length > 0) {
    lines.push('', ...renderReasons('Not in this snapshot', uncaptured, look));
    lines.push('  → An earlier snapshot may hold it: list them with holdfast snapshots.');
  }
  const expected = plan.ledger.filter((line) => !saysSkipped(line, plan.skipped));
  if (expected.length > 0) {
    lines.push('', look.colors.bold('To be expected'));
    lines.push(...renderLedger(expected, look.colors, look.verbose ? undefined : mostLedgerLines));
  }
  lines.push('', planTotal(plan));
  const removed = plan.leftOut?.length ?? 0;
  if (removed > 0) lines.push(`${countOf(removed, 'action')} removed from the plan: not done.`);
  lines.push(...renderQuotas(plan.quotas ?? [], look));
  if (plan.estimate && plan.actions.length > 0) lines.push(...renderEstimate(plan.estimate));
  return lines;
}

/** What does not fit, and what could not be looked at; with --verbose what fits too. */
function renderQuotas(quotas: NonNullable<RestorePlan['quotas']>, look: Look): string[] {
  return quotas.flatMap((quota) => {
    if ('unknown' in quota)
      return [look.colors.yellow(oneLine(`Quotas of ${quota.type} not checked: ${quota.unknown}`))];
    const fits = quota.used + quota.needed <= quota.limit;
    if (!fits) return [look.colors.red(`Does not fit: ${quotaText(quota)}.`)];
    return look.verbose ? [`Fits: ${quotaText(quota)}.`] : [];
  });
}

/** Rough, and said to be. */
function renderEstimate({ seconds, once, monthly, unpriced }: RestoreEstimate): string[] {
  const { region, asOf } = estimatePrices;
  const time =
    seconds < 90
      ? `${seconds} s`
      : seconds < 5400
        ? `${Math.ceil(seconds / 60)} min`
        : `${Math.ceil(seconds / 3600)} h`;
  const prices = `${once.toFixed(2)} USD once, ${monthly.toFixed(2)} USD a month (list prices of ${region}, ${asOf})`;
  const without = unpriced.length === 0 ? '' : `; without ${unpriced.join(', ')}`;
  return [`About ${time} at the rates AWS grants by default; ${prices}${without}.`];
}

/** Each reason once, with the resources it holds for. */
function renderReasons(title: string, skipped: RestorePlan['skipped'], look: Look): string[] {
  const reasons = new Map<string, string[]>();
  for (const { resource, reason } of skipped) reasons.set(reason, [...(reasons.get(reason) ?? []), resource]);
  const lines = [look.colors.bold(`${title} (${formatCount(skipped.length)})`)];
  for (const [reason, resources] of reasons) {
    const named = look.verbose ? resources : resources.slice(0, mostSkipped);
    const more = resources.length > named.length ? ` and ${formatCount(resources.length - named.length)} more` : '';
    lines.push(`  ${oneLine(reason)}`, look.colors.dim(`      ${oneLine(named.join(', '))}${more}`));
  }
  return lines;
}

/** The ledger has a line for each skipped resource; people have just read them. */
function saysSkipped(line: LedgerLine, skipped: RestorePlan['skipped']): boolean {
  return (
    line.class === 'needs-human' &&
    skipped.some(({ resource, reason }) => resource === line.resource && reason === line.why)
  );
}

function planTotal(plan: RestorePlan): string {
  if (plan.actions.length === 0)
    return (plan.leftOut?.length ?? 0) > 0 || plan.skipped.length > 0
      ? 'Nothing to do.'
      : 'Nothing to do: the target has everything this restore would bring.';
  const count = (effect: PlannedAction['effect']): number => plan.actions.filter((a) => a.effect === effect).length;
  const effects = `${count('create')} create, ${count('update')} update, ${count('delete')} delete`;
  return `${countOf(plan.actions.length, 'action')} (${effects}), ${countOf(plan.items, 'item')}, ${formatBytes(plan.bytes)}.`;
}

function eachAction(actions: readonly PlannedAction[], look: Look): string[] {
  const rows = actions.map((action, i) => [
    formatCount(i + 1),
    paintEffect(action.effect, look),
    printable(action.title),
    action.items === undefined ? '' : formatCount(action.items),
    action.bytes === undefined ? '' : formatBytes(action.bytes),
  ]);
  return renderTable(
    [
      { title: '', align: 'right' },
      { title: 'EFFECT' },
      { title: 'ACTION', shrink: true },
      { title: 'ITEMS', align: 'right' },
      { title: 'SIZE', align: 'right' },
    ],
    rows,
    look.width,
  );
}

interface Sum {
  readonly type: string;
  readonly effect: PlannedAction['effect'];
  readonly resources: Set<string>;
  actions: number;
  items: number;
  bytes: number;
}

function summed(actions: readonly PlannedAction[], look: Look): string[] {
  const sums = new Map<string, Sum>();
  for (const action of actions) {
    const key = `${action.resource.type} ${action.effect}`;
    const sum: Sum = sums.get(key) ?? {
      type: action.resource.type,
      effect: action.effect,
      resources: new Set(),
      actions: 0,
      items: 0,
      bytes: 0,
    };
    sum.resources.add(resourceKey(action.resource));
    sum.actions++;
    sum.items += action.items ?? 0;
    sum.bytes += action.bytes ?? 0;
    sums.set(key, sum);
  }
  const rows = [...sums.values()].map((sum, i) => [
    formatCount(i + 1),
    paintEffect(sum.effect, look),
    sum.type,
    formatCount(sum.resources.size),
    formatCount(sum.actions),
    formatCount(sum.items),
    formatBytes(sum.bytes),
  ]);
  return renderTable(
    [
      { title: '', align: 'right' },
      { title: 'EFFECT' },
      { title: 'TYPE' },
      { title: 'RESOURCES', align: 'right' },
      { title: 'ACTIONS', align: 'right' },
      { title: 'ITEMS', align: 'right' },
      { title: 'SIZE', align: 'right' },
    ],
    rows,
    look.width,
  );
}

function paintEffect(effect: PlannedAction['effect'], look: Look): string {
  const { colors } = look;
  return { create: colors.green, update: colors.yellow, delete: colors.red }[effect](effect);
}

/** What was done, new identities, failures, and the ledger as it turned out. */
export function renderReport(report: RestoreReport, plan: RestorePlan, look: Look): string[] {
  const done = `${countOf(report.applied, 'action')} applied, ${formatCount(report.unchanged)} already so`;
  const lines = ['', `${done}, ${countOf(report.items, 'item')}, ${formatBytes(report.bytes)} written.`];
  for (const failure of report.failures) {
    lines.push(`${look.colors.red('not restored:')} ${oneLine(failure.message)} [${failure.code}]`);
  }
  for (const { resource, reason } of report.uncaptured) {
    lines.push(`${look.colors.yellow('not in the snapshot:')} ${oneLine(`${resource}: ${reason}`)}`);
  }
  const identities = look.verbose ? report.identities : report.identities.slice(0, mostLedgerLines);
  for (const { from, to } of identities) lines.push(`  ${printable(`${from} → ${to}`)}`);
  const ledger = report.ledger.filter((line) => !saysSkipped(line, plan.skipped));
  if (ledger.length > 0) {
    const limit = look.verbose ? undefined : mostLedgerLines;
    lines.push('', look.colors.bold('Ledger'), ...renderLedger(ledger, look.colors, limit));
  }
  return lines;
}

export function renderProof(proof: Proof, look: Look): string[] {
  if (proof.result === 'none') return ['', `Not compared again: ${proof.reason}.`];
  const compared = `${countOf(proof.compared.resources, 'resource')} and ${countOf(proof.compared.entries, 'entry', 'entries')}`;
  const left = proof.left.map(
    ({ resource, differences, expected }) =>
      `  ${printable(resource)}: ${countOf(differences, 'difference')}${expected ? ', left by the mode' : ''}`,
  );
  const verdict = {
    equal: look.colors.green(`Verified: ${compared} read back and equal to the snapshot.`),
    differs: look.colors.red(`Not equal: ${compared} read back; these differ from the snapshot:`),
    incomplete: look.colors.yellow(`Verified in part: ${compared} read back; the rest could not be read.`),
  }[proof.result];
  return ['', verdict, ...left];
}
