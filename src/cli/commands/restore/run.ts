import { resolve } from 'node:path';
import type { Estate } from '../../../estate/contract.ts';
import type { RestorePlan, RestoreReport } from '../../../estate/restore-contract.ts';
import { escapeSegment } from '../../../estate/escape.ts';
import { undoFolder } from '../../../estate/undo.ts';
import { utf8 } from '../../../kernel/bytes.ts';
import { applyRestore } from '../../../estate/restore-apply.ts';
import { withoutActions } from '../../../estate/plan-edit.ts';
import { planRestore } from '../../../estate/restore-plan.ts';
import { checkQuotas } from '../../../estate/quotas.ts';
import { planThaw } from '../../../estate/thaw-plan.ts';
import type { Repository, SnapshotReader } from '../../../repository/contract.ts';
import type { CommandContext, Exit } from '../../context.ts';
import { HoldfastError } from '../../../kernel/errors.ts';
import { confirmChange } from '../../questions.ts';
import { agreeToThaw, renderThaw, thawAndWait, thawDocument } from '../../thaw.ts';
import { defaultThawDays } from '../../thaw-options.ts';
import { openEstate, openSnapshot } from '../../wiring.ts';
import { proveRestore, type Proof } from './prove.ts';
import { snapshotNotices } from './notices.ts';
import { readPlan, writePlan } from './plan-file.ts';
import { renderPlan, renderProof, renderReport } from './render.ts';
import { toRequest, type RestoreOptions } from './request.ts';

interface Work {
  readonly estate: Estate;
  readonly repository: Repository;
  readonly reader: SnapshotReader;
  readonly plan: RestorePlan;
}

/** Plan, question, apply, proof, ledger. Exit 4 when a part could not be restored, 1 when the proof finds a difference. */
export async function runRestore(
  context: CommandContext,
  reference: string | undefined,
  options: RestoreOptions,
): Promise<Exit> {
  const { output } = context;
  const work = await prepare(context, reference, options);
  const { plan } = work;
  const people = output.format === 'text';
  const days = options.thawDays ?? defaultThawDays;
  const thaw = await planThaw(work.estate, work.repository, work.reader, plan, { days });
  if (people) await output.lines([...renderPlan(plan, output), ...(thaw ? renderThaw(thaw) : [])]);
  if (options.planOut !== undefined) {
    await writePlan(options.planOut, context.folder, plan);
    output.say(`Plan written to ${options.planOut}; apply it with holdfast restore --plan ${options.planOut}.`);
  }
  if (options.dryRun || options.planOut !== undefined) {
    if (!people) await output.document({ ...plan, ...(thaw ? { thaw: thawDocument(thaw) } : {}) });
    output.say('Nothing was changed.');
    return (plan.uncaptured ?? []).length > 0 || plan.skipped.some(({ failed }) => failed) ? 4 : 0;
  }
  checkQuotas(plan.quotas ?? []);
  const tier = thaw ? await agreeToThaw(context, thaw, options) : undefined;
  if (plan.actions.length > 0) await ask(context, plan, options.yes === true);
  if (thaw && tier) await thawAndWait(context, work.estate, work.repository.archive, thaw, tier);
  const undo = undoOf(context, work, options);
  if (undo)
    output.say(
      `What takes changes back is written to ${undo.folder} before they are made: in clear, readable by you only.`,
    );
  const estate = undo ? { ...work.estate, undo: undoFolder(undo.folder) } : work.estate;
  const report = await applyRestore(estate, work.repository, work.reader, plan);
  const proof = await proveRestore(work.estate, work.repository, work.reader, plan, report.identities);
  if (people) await output.lines([...renderReport(report, plan, output), ...renderProof(proof, output)]);
  else await output.document({ ...report, request: plan.request, skipped: plan.skipped, proof });
  return exitOf(report, proof);
}

/** Types whose connectors write what takes a tenant's restore back. */
const takenBack: ReadonlySet<string> = new Set(['postgres', 'redis', 'dynamodb', 's3-buckets']);

/** Undefined: it is no restore of a tenant, or changes nothing that could be taken back. */
function undoOf(
  context: CommandContext,
  { estate, plan }: Work,
  { undo }: RestoreOptions,
): { readonly folder: string } | undefined {
  const { tenant } = plan.request;
  if (tenant === undefined || !plan.actions.some(({ resource }) => takenBack.has(resource.type))) return undefined;
  // Of its own for each run: one that goes on must not write over what takes the first one back.
  const at = new Date(estate.runtime.clock.now()).toISOString().replaceAll(/[:.]/g, '-');
  const own = `undo-${escapeSegment(utf8(tenant))}-${at}`;
  return { folder: resolve(context.folder, undo ?? '.', own) };
}

async function prepare(context: CommandContext, reference: string | undefined, options: RestoreOptions): Promise<Work> {
  if (options.plan !== undefined) {
    const { plan: stored, renamed } = await readPlan(options.plan, context.folder);
    const { repository, reader, config } = await openSnapshot(context, stored.snapshot);
    const estate = await openEstate(context, config);
    if (!renamed) return { estate, repository, reader, plan: stored };
    // Under other names other things are there or missing: what is shown, asked and done is a plan for those names.
    const again = await planRestore(estate, repository, reader, stored.request);
    return { estate, repository, reader, plan: withoutActions(again, stored.leftOut ?? []) };
  }
  if (reference === undefined) {
    throw new HoldfastError('usage.invalid', 'restore needs a snapshot: SNAP[:PATH], for example latest', {
      hint: 'List them with holdfast snapshots.',
    });
  }
  // Wrong options are told before the repository is opened.
  const request = toRequest(options, context.folder);
  const { repository, reader, config, path } = await openSnapshot(context, reference);
  const estate = await openEstate(context, config);
  const now = estate.runtime.clock.now();
  for (const message of await snapshotNotices(config, reader, { ...request, path }, now))
    context.events({ type: 'notice', level: 'warning', message });
  const plan = await planRestore(estate, repository, reader, { ...request, path });
  return { estate, repository, reader, plan };
}

async function ask(context: CommandContext, plan: RestorePlan, yes: boolean): Promise<void> {
  const { to } = plan.request;
  if ('directory' in to) {
    await confirmChange(context, { yes, question: `Write ${plan.items} items to ${to.directory}?` });
    return;
  }
  const question = `${plan.actions.length} actions will change the live estate ${plan.estate}.`;
  await confirmChange(context, { yes, question, typed: plan.estate });
}

function exitOf(report: RestoreReport, proof: Proof): Exit {
  if (report.outcome === 'partial' || report.failures.length > 0) return 4;
  if (proof.result === 'differs') return 1;
  return proof.result === 'incomplete' ? 4 : 0;
}
