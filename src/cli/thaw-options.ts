import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { thawTiers, type ThawTier } from '../storage/contract.ts';

export interface ThawOptions {
  readonly thawTier?: ThawTier;
  readonly thawDays?: number;
  readonly yes?: true;
}

/** A week: long enough for a restore that is interrupted and taken up again. */
export const defaultThawDays = 7;

export function thawTierOption(): Option<'--thaw-tier <tier>', undefined, undefined, undefined, false, ThawTier> {
  return new Option('--thaw-tier <tier>', 'how fast archived packs are brought back, where there are any').choices(
    thawTiers,
  );
}

export function parseDays(text: string): number {
  const days = Number(text);
  if (!Number.isInteger(days) || days < 1 || days > 365) {
    throw new InvalidArgumentError('It must be a whole number of days, 1 to 365.');
  }
  return days;
}
