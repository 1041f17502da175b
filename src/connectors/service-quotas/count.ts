import type { AwsAccess } from '../aws/contract.ts';
import type { QuotaLine } from '../quotas.ts';
import { limitsOf } from './limits.ts';

/** One quota of a service, and how what it limits is counted. */
export interface CountedQuota {
  /** `L-DC2B2D3D`: confirmed in AWS's own lists or documentation; one that is not is not counted. */
  readonly code: string;
  /** For people: `S3 buckets`. */
  readonly what: string;
  /** What the quota's name must say, so that a code which came to mean something else is not counted by. */
  readonly named: RegExp;
}

export interface Count extends CountedQuota {
  readonly needed: number;
  /** Asked only where something is needed and the limit is known. Throws item errors. */
  used(): Promise<number>;
}

/**
 * What a restore takes of quotas that only Service Quotas tells. A quota that it does not tell is a line that says so. Throws
 * item errors where it may not be asked.
 */
export async function serviceQuotas(
  aws: AwsAccess,
  service: string,
  counts: readonly Count[],
): Promise<readonly QuotaLine[]> {
  const wanted = counts.filter((count) => count.needed > 0);
  if (wanted.length === 0) return [];
  const codes = [...new Set(wanted.map(({ code }) => code))];
  const limits = await limitsOf(aws, service, codes);
  const { region } = aws;
  return await Promise.all(
    wanted.map(async ({ code, what, named, needed: taken, used }): Promise<QuotaLine> => {
      const limit = limits.get(code);
      if (!limit || !named.test(limit.name))
        return { unknown: `${what}: Service Quotas has no quota ${code} of ${service} in ${region}` };
      const ask = { service, code, region, adjustable: limit.adjustable };
      return { what, needed: taken, used: await used(), limit: limit.value, ask };
    }),
  );
}

/** How many there are. */
export async function countOf(found: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of found) count++;
  return count;
}
