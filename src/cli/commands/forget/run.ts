import { policiesOfPlan } from '../../../estate/keep.ts';
import { HoldfastError } from '../../../kernel/errors.ts';
import type { ForgetPolicy, ForgetSettings } from '../../../repository/retention/contract.ts';
import type { CommandContext, Exit } from '../../context.ts';
import { countOf } from '../../output/units.ts';
import { confirmChange } from '../../questions.ts';
import { openConfig, openForReading, type ReadingAccess } from '../../wiring.ts';
import { pruneDocument, renderPrune } from '../prune/render.ts';
import { forgetDocument, remarks, renderDecisions, renderOutcome } from './render.ts';
import { keepRulesOf, type KeepOptions } from './rules.ts';
import { runSimulation } from './simulate.ts';

export interface ForgetOptions extends KeepOptions {
  readonly plan?: string;
  readonly estate?: string;
  readonly trustTimes?: true;
  readonly simulate?: string;
  readonly prune?: true;
  readonly dryRun?: true;
  readonly yes?: true;
}

/** Exit 4 when a lock, or the store, kept some of the snapshots. */
export async function runForget(
  context: CommandContext,
  snaps: readonly string[],
  options: ForgetOptions,
): Promise<Exit> {
  const rules = keepRulesOf(options);
  checkUsage(snaps, rules !== undefined, options);
  if (options.simulate !== undefined) {
    const keep = rules ?? policiesOfPlan(await openConfig(context), options.plan ?? '')[0].keep;
    return await runSimulation(context, keep, options.simulate);
  }
  const access = await openForReading(context);
  const wanted = await wantedOf(access, snaps, rules && [{ keep: rules }], options);
  const { repository } = access;
  const { output, signal } = context;
  const planned = await repository.forget({ wanted, dryRun: true });
  const doomed = planned.decisions.filter(({ action }) => action === 'forget').map(({ snapshot }) => snapshot.id);
  const isText = output.format === 'text';
  if (isText) {
    if (planned.decisions.length > 0) await output.lines(renderDecisions(planned.decisions, output));
    else output.say('There is no snapshot yet; take one with holdfast snapshot.');
  }
  for (const line of remarks(planned)) output.say(line);
  const isForReal = options.dryRun !== true;
  const question = questionOf(doomed.length, options.prune === true);
  if (isForReal && question !== undefined) await confirmChange(context, { yes: options.yes === true, question });
  let report = planned;
  if (isForReal && doomed.length > 0) {
    const agreed: ForgetSettings['wanted'] = wanted.type === 'ids' ? wanted : { ...wanted, only: doomed };
    const { forgotten, refused } = await repository.forget({ wanted: agreed, dryRun: false, signal });
    report = { ...planned, forgotten, refused };
    if (isText) await output.lines(renderOutcome(report));
  }
  const pruned = isForReal && options.prune ? await repository.prune({ signal }) : undefined;
  if (isText && pruned) await output.lines(renderPrune(pruned, output));
  if (!isText) {
    const prune = pruned ? { prune: pruneDocument(pruned) } : {};
    await output.document({ ...forgetDocument(report, !isForReal), ...prune });
  }
  return report.refused.length > 0 ? 4 : 0;
}

/** Undefined where nothing would change. */
function questionOf(doomed: number, prune: boolean): string | undefined {
  if (doomed === 0) return prune ? 'Prune: mark what nobody needs, and delete what was marked before?' : undefined;
  return `Forget ${countOf(doomed, 'snapshot')} for good${prune ? ', and prune' : ''}?`;
}

/** Throws usage.invalid unless there is exactly one of: named snapshots, rules, a plan. */
export function checkUsage(snaps: readonly string[], hasRules: boolean, options: ForgetOptions): void {
  const said = [snaps.length > 0, hasRules, options.plan !== undefined].filter(Boolean).length;
  if (said === 1 && !(snaps.length > 0 && options.simulate !== undefined)) return;
  const message =
    said === 0
      ? 'nothing says which snapshots to forget'
      : 'name snapshots, or say what to keep, or name a plan: only one of them';
  throw new HoldfastError('usage.invalid', message, {
    hint: 'For example: holdfast forget --keep-daily 7 --keep-weekly 5 --dry-run.',
  });
}

/** What is to be forgotten, as the repository takes it; named snapshots by their ids. */
async function wantedOf(
  { repository, config, estate }: ReadingAccess,
  snaps: readonly string[],
  policies: [ForgetPolicy] | undefined,
  options: ForgetOptions,
): Promise<ForgetSettings['wanted']> {
  const whose = options.estate ?? estate;
  if (snaps.length > 0) {
    const ids: string[] = [];
    for (const snap of snaps) ids.push((await repository.find(snap, whose)).id);
    return { type: 'ids', ids: [...new Set(ids)] };
  }
  if (whose === undefined)
    throw new HoldfastError('usage.invalid', 'without a configuration nothing says whose snapshots are meant', {
      hint: 'Name the estate with --estate.',
    });
  return {
    type: 'policies',
    estate: whose,
    policies: policies ?? policiesOfPlan(config, options.plan ?? ''),
    ...(options.trustTimes ? { trustTimes: true } : {}),
  };
}
