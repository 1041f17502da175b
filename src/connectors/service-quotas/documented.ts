import type { QuotaLine } from '../quotas.ts';

/** A limit that AWS documents, and no document confirms a code of Service Quotas for: what an account has of it, nothing tells. */
export interface DocumentedLimit {
  /** For people: `CloudFront functions`. */
  readonly what: string;
  readonly limit: number;
  /** AWS raises it for nobody. Otherwise an account may have more: what would not fit is a note then, and refuses nothing. */
  readonly isFixed: boolean;
}

export interface DocumentedCount extends DocumentedLimit {
  readonly needed: number;
  /** Asked only where something is needed. Throws item errors. */
  used(): Promise<number>;
}

/** What a restore takes of documented limits, named as such. */
export async function documentedLimits(counts: readonly DocumentedCount[]): Promise<readonly QuotaLine[]> {
  const wanted = counts.filter(({ needed }) => needed > 0);
  return await Promise.all(
    wanted.map(async ({ what, limit, isFixed, needed, used }): Promise<QuotaLine> => {
      const there = await used();
      if (isFixed || there + needed <= limit)
        return { what: `${what} (as AWS documents it)`, needed, used: there, limit };
      return {
        unknown:
          `${what}: would need ${needed} more, ${there} exist; AWS documents ${limit} and raises it on request, ` +
          'and nothing tells what this account has',
      };
    }),
  );
}
