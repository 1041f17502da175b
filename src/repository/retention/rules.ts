import { keepPeriods, type KeepPeriod, type KeepRules } from '../../kernel/keep-rules.ts';
import { formatSpan, timeBefore } from '../../kernel/span.ts';
import type { KeepReason } from './contract.ts';
import type { SlotOf } from './calendar.ts';
import type { Member, Stream } from './streams.ts';

/** Why one snapshot of a stream is kept. */
export interface Kept {
  readonly id: string;
  readonly rule: KeepReason['rule'];
  readonly of: string;
}

/**
 * What the rules keep of a stream; `slotOf` is the calendar of their time zone. Each rule is applied twice: to all snapshots and to the complete ones alone, so that
 * partial ones neither take the place of a complete one in its slot nor use up the count.
 */
export function keptOf(stream: Stream, rules: KeepRules, slotOf: SlotOf): Kept[] {
  const complete = stream.members.filter((member) => member.complete);
  return [stream.members, complete].flatMap((members) =>
    keepPeriods.flatMap((period) => keptOfPeriod(members, period, rules, slotOf)),
  );
}

function keptOfPeriod(members: readonly Member[], period: KeepPeriod, rules: KeepRules, slotOf: SlotOf): Kept[] {
  const count = rules.count[period] ?? 0;
  const span = rules.within[period];
  const newest = members[0];
  if (!newest || (count <= 0 && !span)) return [];
  // Counted back from the newest snapshot and not from now: where no more are made, none runs out.
  const since = span ? timeBefore(newest.candidate.info.committedAt, span) : Number.POSITIVE_INFINITY;
  return inSlots(members, period, slotOf).flatMap(({ slot, member }, place): Kept[] => {
    const { id, committedAt } = member.candidate.info;
    const counted: Kept[] = place < count ? [{ id, rule: period, of: slot }] : [];
    if (!span || committedAt < since) return counted;
    const of = period === 'last' ? formatSpan(span) : `${slot}, ${formatSpan(span)}`;
    return [...counted, { id, rule: 'within', of }];
  });
}

/** One snapshot for each slot, newest slots first: the newest complete one, or where there is none the newest. */
function inSlots(
  members: readonly Member[],
  period: KeepPeriod,
  slotOf: SlotOf,
): readonly { readonly slot: string; readonly member: Member }[] {
  if (period === 'last') return members.map((member, place) => ({ slot: String(place + 1), member }));
  const slots = new Map<string, Member>();
  for (const member of members) {
    const slot = slotOf(period, member.candidate.info.committedAt);
    const known = slots.get(slot);
    if (!known || (member.complete && !known.complete)) slots.set(slot, member);
  }
  return [...slots].map(([slot, member]) => ({ slot, member }));
}
