/** What the prices below are of; printed with every estimate. */
export const requestPrices = { region: 'us-east-1', currency: 'USD', asOf: '2025-11' } as const;

/** USD per 1,000 requests to STANDARD. Amazon S3 pricing, "Requests & data retrievals" (aws.amazon.com/s3/pricing): setting a lock is a PUT. */
const perThousand = { reads: 0.0004, writes: 0.005 };

/** USD for so many requests; other regions differ by up to a half. */
export function priceOfRequests({ reads, writes }: { readonly reads: number; readonly writes: number }): number {
  return (reads * perThousand.reads + writes * perThousand.writes) / 1000;
}
