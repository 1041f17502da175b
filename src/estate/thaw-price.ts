import { isArchive, thawHours } from '../storage/archive.ts';
import type { ThawTier } from '../storage/contract.ts';

/** What the table below is of; printed with every estimate. */
export const thawPrices = { region: 'us-east-1', currency: 'USD', asOf: '2025-11' } as const;

interface Rate {
  /** USD per GiB brought back. */
  readonly perGiB: number;
  /** USD per 1,000 requests. */
  readonly perThousand: number;
}

/** Amazon S3 pricing, "Requests & data retrievals" (aws.amazon.com/s3/pricing). Other regions differ by up to a third. */
const rates: Readonly<Record<string, Partial<Record<ThawTier, Rate>>>> = {
  GLACIER: {
    bulk: { perGiB: 0, perThousand: 0 },
    standard: { perGiB: 0.01, perThousand: 0.05 },
    expedited: { perGiB: 0.03, perThousand: 10 },
  },
  DEEP_ARCHIVE: {
    bulk: { perGiB: 0.0025, perThousand: 0.025 },
    standard: { perGiB: 0.02, perThousand: 0.1 },
  },
  INTELLIGENT_TIERING: {
    bulk: { perGiB: 0, perThousand: 0 },
    standard: { perGiB: 0, perThousand: 0 },
  },
};

/** The readable copy lies in STANDARD as long as it is kept: USD per GiB and month of 30 days. */
const copyPerMonth = 0.023;

const gibibyte = 1024 ** 3;

export interface ThawOffer {
  readonly tier: ThawTier;
  /** Until the last pack is readable, at most. */
  readonly hours: number;
  /** USD: retrieval, and the copies for the days asked for. */
  readonly price: number;
}

/** What each tier takes and costs for these packs; only tiers that every pack's class has. */
export function offersFor(
  packs: readonly { readonly storageClass: string; readonly size: number }[],
  days: number,
): ThawOffer[] {
  const offers: ThawOffer[] = [];
  for (const tier of ['bulk', 'standard', 'expedited'] as const) {
    const costs = packs.map(({ storageClass, size }) => {
      const rate = rates[storageClass]?.[tier];
      const hours = thawHours(storageClass, tier);
      if (rate === undefined || hours === undefined) return undefined;
      const copy = isArchive(storageClass) ? (copyPerMonth * days) / 30 : 0;
      return { hours, price: (size / gibibyte) * (rate.perGiB + copy) + rate.perThousand / 1000 };
    });
    const known = costs.filter((cost) => cost !== undefined);
    if (known.length < costs.length) continue;
    offers.push({
      tier,
      hours: known.reduce((most, { hours }) => Math.max(most, hours), 0),
      price: known.reduce((sum, { price }) => sum + price, 0),
    });
  }
  return offers;
}
