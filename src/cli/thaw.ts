import type { Estate } from '../estate/contract.ts';
import { thawPacks } from '../estate/thaw.ts';
import type { ThawPlan } from '../estate/thaw-plan.ts';
import { HoldfastError } from '../kernel/errors.ts';
import type { PackArchive } from '../repository/cold/contract.ts';
import type { ThawTier } from '../storage/contract.ts';
import type { CommandContext } from './context.ts';
import { countOf, formatBytes } from './output/units.ts';
import { confirmChange } from './questions.ts';
import type { ThawOptions } from './thaw-options.ts';

/** What lies in the archive, and what each way of bringing it back takes and costs. */
export function renderThaw(plan: ThawPlan): string[] {
  const { frozen, thawing, thawed, offers, days, prices } = plan;
  const lines = ['', `Archived: ${of(frozen)} frozen, ${of(thawing)} thawing, ${of(thawed)} thawed.`];
  for (const { tier, hours, price } of offers)
    lines.push(`  --thaw-tier ${tier.padEnd(9)}  up to ${duration(hours).padEnd(10)}  about $${price.toFixed(2)}`);
  if (offers.length > 0) {
    const kept = countOf(days, 'day');
    lines.push(`  Prices of ${prices.region} as of ${prices.asOf}, copies kept for ${kept} (--thaw-days) included.`);
  }
  return lines;
}

function of({ packs, bytes }: ThawPlan['frozen']): string {
  return packs === 0 ? 'none' : `${countOf(packs, 'pack')} (${formatBytes(bytes)})`;
}

function duration(hours: number): string {
  return hours < 1 ? countOf(Math.round(hours * 60), 'minute') : countOf(hours, 'hour');
}

/**
 * Asks whether what is frozen shall be thawed for that price. --yes does not stand for the price: then --thaw-tier must.
 * Throws storage.frozen, usage.invalid for a tier the packs do not have, and what confirmChange throws.
 */
export async function agreeToThaw(context: CommandContext, plan: ThawPlan, options: ThawOptions): Promise<ThawTier> {
  const { frozen, offers } = plan;
  if (frozen.packs === 0) return options.thawTier ?? 'standard';
  const tier = options.thawTier ?? 'standard';
  const offer = offers.find((one) => one.tier === tier);
  if (!offer) {
    const others = offers.map((one) => one.tier).join(' or ');
    throw new HoldfastError('usage.invalid', `these packs have no ${tier} retrieval`, { hint: `Choose ${others}.` });
  }
  if (options.thawTier === undefined) {
    if (options.yes === true || !context.ask) {
      throw new HoldfastError('storage.frozen', `${of(frozen)} must be thawed first, which takes time and money`, {
        hint: `Add --thaw-tier ${offers.map((one) => one.tier).join('|')}; --dry-run says what each takes and costs.`,
      });
    }
    const question = `Thaw ${of(frozen)}, up to ${duration(offer.hours)}, about $${offer.price.toFixed(2)}?`;
    await confirmChange(context, { yes: false, question });
  }
  return tier;
}

/** Thaws what was agreed to and waits for it. */
export async function thawAndWait(
  context: CommandContext,
  estate: Pick<Estate, 'runtime' | 'events' | 'signal'>,
  archive: PackArchive | undefined,
  plan: ThawPlan,
  tier: ThawTier,
): Promise<void> {
  if (!archive) return;
  if (plan.frozen.packs + plan.thawing.packs > 0) {
    context.output.say('Waiting for the archive. If this is interrupted, run the same command again.');
  }
  await thawPacks(estate, archive, plan, { tier });
}

/** The plan as --json shows it: totals and offers, not each pack. */
export function thawDocument(plan: ThawPlan): Omit<ThawPlan, 'packs'> {
  const { frozen, thawing, thawed, days, offers, prices } = plan;
  return { frozen, thawing, thawed, days, offers, prices };
}
