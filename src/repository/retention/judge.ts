import { HoldfastError } from '../../kernel/errors.ts';
import { keepsAnything, type KeepTag } from '../../kernel/keep-rules.ts';
import type { SnapshotInfo } from '../contract.ts';
import type { Candidate, Decision, ForgetPolicy, KeepReason } from './contract.ts';
import { slotsIn } from './calendar.ts';
import { keptOf } from './rules.ts';
import { newestComplete, streamsOf } from './streams.ts';

/** Times that differ by more than this are not believed. */
export const mostDisagreementMs = 24 * 3_600_000;

/** A tag of this name keeps a snapshot from every rule. */
const pinTag = 'pin';

export interface JudgeSettings {
  /** What the first keeps nothing of is forgotten, unless another keeps it. */
  readonly policies: readonly [ForgetPolicy, ...ForgetPolicy[]];
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly trustTimes: boolean;
}

/**
 * Decides for each of one estate's snapshots whether to keep it, and why; oldest first. Every source is judged by itself,
 * and a snapshot stays when any of its sources keeps it. Snapshots whose time cannot be believed are judged only among
 * themselves, and so are those that a writer sealed who cannot read: none of them pushes out another. Throws usage.invalid for rules that would keep nothing.
 */
export function judge(candidates: readonly Candidate[], settings: JudgeSettings): Decision[] {
  const { policies, now, trustTimes } = settings;
  for (const { name, keep } of policies) if (!keepsAnything(keep)) throw keepsNothing(name);
  const all = newestFirst(candidates);
  const isDoubtful = (candidate: Candidate): boolean => !trustTimes && doubtful(candidate, now);
  const groups = [true, false].flatMap((byWriter) => {
    const group = all.filter(({ info }) => (info.writer === true) === byWriter);
    return [group.filter((candidate) => !isDoubtful(candidate)), group.filter(isDoubtful)];
  });
  const reasons = new Map(candidates.map(({ info }) => [info.id, new Map<string, KeepReason>()]));

  for (const policy of policies) {
    const inScope = (candidate: Candidate): boolean =>
      candidate.sources.every((source) => policy.holds?.(source) ?? true);
    for (const group of groups) addRules(reasons, group.filter(inScope), policy);
  }
  const [first] = policies;
  const scope = all.filter(({ sources }) => sources.every((source) => first.holds?.(source) ?? true));
  if (scope.length > 0 && scope.every(({ info }) => reasons.get(info.id)?.size === 0)) throw keepsNothing(first.name);
  for (const group of groups) addGuards(reasons, group);
  const judged = new Set(scope.map(({ info }) => info.id));
  return all.reverse().map((candidate) => {
    const { id } = candidate.info;
    const why = [...(reasons.get(id)?.values() ?? [])];
    if (!judged.has(id)) why.push({ rule: 'other-plan', of: '', sources: [] });
    return {
      snapshot: candidate.info,
      action: why.length > 0 ? 'keep' : 'forget',
      reasons: why,
      ...(isDoubtful(candidate) ? { doubt: { storedAt: candidate.storedAt } } : {}),
    };
  });
}

/** What would keep one snapshot from any rule. */
export function whatSpeaksFor(info: SnapshotInfo, candidates: readonly Candidate[]): readonly KeepReason[] {
  const ofEstate = candidates.filter((candidate) => candidate.info.estate === info.estate);
  const reasons = new Map([[info.id, new Map<string, KeepReason>()]]);
  addGuards(reasons, newestFirst(ofEstate));
  return [...(reasons.get(info.id)?.values() ?? [])];
}

function newestFirst(candidates: readonly Candidate[]): Candidate[] {
  return [...candidates].sort((a, b) => b.info.committedAt - a.info.committedAt || (a.info.id < b.info.id ? 1 : -1));
}

/** Whoever makes snapshots can give them any date, but not when the store received them. */
function doubtful({ info, storedAt }: Candidate, now: number): boolean {
  const { committedAt } = info;
  return Math.abs(committedAt - storedAt) > mostDisagreementMs || committedAt - now > mostDisagreementMs;
}

type Reasons = ReadonlyMap<string, Map<string, KeepReason>>;

function add(reasons: Reasons, id: string, reason: KeepReason): void {
  const known = reasons.get(id);
  const name = JSON.stringify([reason.rule, reason.of, reason.plan]);
  const same = known?.get(name);
  known?.set(name, same ? { ...same, sources: [...new Set([...same.sources, ...reason.sources])] } : reason);
}

function addRules(reasons: Reasons, candidates: readonly Candidate[], policy: ForgetPolicy): void {
  const plan = policy.name === undefined ? {} : { plan: policy.name };
  const slotOf = slotsIn(policy.keep.timeZone);
  for (const stream of streamsOf(candidates))
    for (const { id, rule, of } of keptOf(stream, policy.keep, slotOf))
      add(reasons, id, { rule, of, sources: stream.source === '' ? [] : [stream.source], ...plan });
  for (const { info } of candidates)
    for (const tag of policy.keep.tags)
      if (carries(info.tags, tag))
        add(reasons, info.id, { rule: 'tag', of: `${tag.name}=${info.tags[tag.name]}`, sources: [], ...plan });
}

function addGuards(reasons: Reasons, candidates: readonly Candidate[]): void {
  for (const id of newestComplete(candidates)) add(reasons, id, { rule: 'newest-complete', of: '', sources: [] });
  for (const { info } of candidates) {
    const pin = Object.hasOwn(info.tags, pinTag) ? info.tags[pinTag] : undefined;
    if (pin !== undefined) add(reasons, info.id, { rule: 'pinned', of: pin, sources: [] });
  }
}

function carries(tags: Readonly<Record<string, string>>, { name, value }: KeepTag): boolean {
  return Object.hasOwn(tags, name) && (value === undefined || tags[name] === value);
}

function keepsNothing(plan: string | undefined): HoldfastError {
  const whose = plan === undefined ? 'these rules' : `the rules of plan ${plan}`;
  return new HoldfastError('usage.invalid', `${whose} would keep nothing; no snapshot was forgotten`, {
    hint: 'Say what to keep, for example --keep-daily 7 --keep-within 30d.',
  });
}
