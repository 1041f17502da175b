import { repeat } from '../../kernel/background.ts';
import { hex } from '../../kernel/bytes.ts';
import { HoldfastError, asHoldfastError, isCode } from '../../kernel/errors.ts';
import { newId } from '../../kernel/runtime.ts';
import { writeOnly } from '../keys/keyring.ts';
import { checkWritable } from '../configuration.ts';
import { plainPolicy } from '../format/document.ts';
import {
  markKey,
  markReasons,
  parseMarkKey,
  sealMark,
  type Mark,
  type MarkedPack,
  type MarkReason,
} from '../marks/mark.ts';
import { listMarks } from '../marks/read.ts';
import { tidyParity } from '../parity/tidy.ts';
import { announceSession, beatMs } from '../session/presence.ts';
import type { RepositoryState } from '../state.ts';
import {
  countPacks,
  noPacks,
  type PackCount,
  type PruneReport,
  type PruneSettings,
  type WaitingMark,
} from './contract.ts';
import { planPrune, type PrunePlan } from './plan.ts';
import { rewritePacks } from './rewrite.ts';
import { nameOf, surveyRepository, type ActiveMark, type Survey } from './survey.ts';
import { sweep } from './sweep.ts';
import { tidySessions, tidyVerdicts } from './tidy.ts';
import { decide, usedNames, type Verdict } from './verdict.ts';

/** What a pruner waits beyond the longest session, at most, ms; where sessions are shorter than that, as long again. */
const longestAllowance = 3_600_000;
// How often others may decide in between before this one gives up.
const attempts = 5;

/**
 * Deletes what no snapshot needs any more, in two runs: what is marked now is deleted by a run after the grace, when still
 * nothing needs it. Works beside any number of writers and pruners, and may die at any moment (docs/format.md, 9.4).
 * Throws repository.corrupt and repository.newer-format where something cannot be read or is missing, before anything is
 * changed; repository.lease-lost; repository.write-only; usage.invalid for a grace that is too short.
 */
export async function pruneRepository(state: RepositoryState, settings: PruneSettings): Promise<PruneReport> {
  if (state.keyring.writer) throw writeOnly('prune');
  const { longestSession } = state.configuration;
  const deadAfter = longestSession + Math.min(longestAllowance, longestSession);
  const grace = settings.grace ?? deadAfter;
  if (grace < deadAfter) {
    throw new HoldfastError('usage.invalid', `a grace of ${grace} ms is shorter than the longest session and an hour`);
  }
  const { maxUnused = 0.1, maxRewriteBytes = Infinity, archived: rewriteArchived = false, signal } = settings;
  const wanted = { maxUnused, maxRewriteBytes, rewriteArchived };
  const run = { grace, deadAfter, ...(signal ? { signal } : {}) };
  if (settings.dryRun) {
    const now = state.runtime.clock.now();
    const survey = await surveyRepository(state, { ...run, now, own: '' });
    const plan = await planPrune(state, survey, { ...wanted, dueAt: now + grace });
    return forecast(state, survey, plan, { now, grace });
  }
  checkWritable(state.configuration);
  // Shows others that somebody stores packs, and tells the store's time.
  const own = hex(newId(state.runtime));
  const presence = await announceSession(state, own);
  const beating = repeat(state.runtime.clock, beatMs, async () => {
    try {
      await presence.beat();
    } catch (error) {
      // It costs nobody more than a mark that is spared later, so the work goes on.
      const { message } = asHoldfastError(error);
      state.events({
        type: 'notice',
        level: 'warning',
        message: `no sign of life of this prune is stored: ${message}`,
      });
    }
  });
  try {
    const now = presence.announcedAt;
    const { survey, verdicts } = await surveyAndDecide(state, { ...run, now, own });
    const stored = countPacks(survey.packs.values());
    const result = await audited(state, verdicts, () => sweep(state, survey, verdicts, signal));
    survey.marks.splice(0, survey.marks.length, ...survey.marks.filter(({ mark }) => !isIn(verdicts, mark)));
    for (const { name } of result.swept) survey.packs.delete(name);
    const plan = await planPrune(state, survey, { ...wanted, dueAt: now + grace });
    const rewrite = await rewritePacks(state, survey, plan.rewrites, signal);
    const marked = [...plan.unneeded, ...rewrite.rewritten.map(asRewritten)];
    const added = await storeMark(state, marked);
    await tidySessions(state, now, deadAfter);
    await tidyVerdicts(state, survey, now);
    await tidyParity(state.store, (name) => survey.packs.has(name), now, signal);
    const refused = [...verdicts.flatMap(({ locked }) => locked), ...result.refused];
    const locked = new Map<string, { readonly size: number }>([
      ...plan.locked.map((one) => [nameOf(one), one] as const),
      ...refused.map((one) => [one.name, one] as const),
    ]);
    return {
      dryRun: false,
      stored,
      neededBytes: plan.neededBytes,
      marked: byReason(marked),
      waiting: [...survey.marks, ...added].map((one) => waiting(one, grace)),
      swept: countPacks(result.swept),
      spared: countPacks(verdicts.flatMap(({ spared }) => spared)),
      rewritten: {
        packs: rewrite.rewritten.length,
        bytes: rewrite.readBytes,
        intoPacks: rewrite.intoPacks,
        intoBytes: rewrite.intoBytes,
      },
      locked: countPacks(locked.values()),
      archived: countPacks(plan.archived),
      indexes: { before: survey.indexes.size, after: result.indexes },
    };
  } finally {
    await beating.stop();
    await presence.leave();
  }
}

/** Begins again where another pruner decided in between. */
async function surveyAndDecide(
  state: RepositoryState,
  run: {
    readonly now: number;
    readonly own: string;
    readonly grace: number;
    readonly deadAfter: number;
    readonly signal?: AbortSignal;
  },
): Promise<{ readonly survey: Survey; readonly verdicts: readonly Verdict[] }> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const before = await verdictKeys(state);
    try {
      const survey = await surveyRepository(state, run);
      const verdicts = await decide(state, survey, run);
      if (verdicts) return { survey, verdicts };
    } catch (error) {
      // Of two copies of a chunk somebody else may just be deleting the one that was counted on here.
      if (!isCode(error, 'repository.corrupt') || (await verdictKeys(state)) === before) throw error;
    }
  }
  throw new HoldfastError('repository.lease-lost', 'other pruners decided again and again while this one looked', {
    hint: 'Let one prune at a time run; nothing was damaged.',
  });
}

async function verdictKeys({ store }: RepositoryState): Promise<string> {
  const keys = (await listMarks(store)).map(({ key }) => key);
  return keys.filter((key) => parseMarkKey(key)?.generation !== undefined).join(' ');
}

async function audited<T>(state: RepositoryState, verdicts: readonly Verdict[], work: () => Promise<T>): Promise<T> {
  const doomed = verdicts.flatMap((verdict) => verdict.doomed);
  if (doomed.length === 0) return await work();
  const details = { marks: verdicts.map(({ id }) => id), ...countPacks(doomed) };
  return await state.audit.during('prune', details, work);
}

async function storeMark(state: RepositoryState, packs: readonly MarkedPack[]): Promise<ActiveMark[]> {
  if (packs.length === 0) return [];
  const mark: Mark = { id: hex(newId(state.runtime)), packs };
  const key = markKey(mark.id);
  const bytes = sealMark(mark, state.keyring, state.runtime, plainPolicy);
  await state.store.put(key, [bytes], { ifAbsent: true });
  const stored = await state.store.stat(key);
  // Executed already, in a repository with a very short grace.
  return stored ? [{ mark, markedAt: stored.modifiedAt }] : [];
}

/** What a run now would do, by this machine's clock. */
function forecast(
  state: RepositoryState,
  survey: Survey,
  plan: PrunePlan,
  { now, grace }: { readonly now: number; readonly grace: number },
): PruneReport {
  const used = usedNames(state, survey);
  const due = survey.marks.filter(({ markedAt }) => now - markedAt > grace).flatMap(({ mark }) => mark.packs);
  const bytes = plan.rewrites.reduce((sum, { usedBytes }) => sum + usedBytes, 0);
  return {
    dryRun: true,
    stored: countPacks(survey.packs.values()),
    neededBytes: plan.neededBytes,
    marked: byReason([...plan.unneeded, ...plan.rewrites.map(({ pack }) => asRewritten(pack))]),
    waiting: survey.marks.filter(({ markedAt }) => now - markedAt <= grace).map((one) => waiting(one, grace)),
    swept: countPacks(due.filter(({ name }) => !used.has(name))),
    spared: countPacks(due.filter(({ name }) => used.has(name))),
    rewritten: { packs: plan.rewrites.length, bytes, intoPacks: 0, intoBytes: bytes },
    locked: countPacks(plan.locked),
    archived: countPacks(plan.archived),
    indexes: { before: survey.indexes.size, after: survey.indexes.size },
  };
}

function byReason(packs: readonly MarkedPack[]): Record<MarkReason, PackCount> {
  const counts: Record<MarkReason, PackCount> = { unused: noPacks, orphan: noPacks, rewritten: noPacks };
  for (const reason of markReasons) counts[reason] = countPacks(packs.filter((pack) => pack.reason === reason));
  return counts;
}

function asRewritten(pack: {
  readonly key: string;
  readonly kind: MarkedPack['kind'];
  readonly size: number;
}): MarkedPack {
  return { name: nameOf(pack), kind: pack.kind, size: pack.size, reason: 'rewritten' };
}

function waiting({ mark, markedAt }: ActiveMark, grace: number): WaitingMark {
  return { id: mark.id, ...countPacks(mark.packs), markedAt, until: markedAt + grace };
}

function isIn(verdicts: readonly Verdict[], { id }: Mark): boolean {
  return verdicts.some((verdict) => verdict.id === id);
}
