import { z } from 'zod';
import { pointsOption } from '../points/options.ts';

/** Options of a `dynamodb` source. */
export const options = z
  .strictObject({
    /** Read the items; without, the schema and the settings only. */
    items: z.boolean().default(true),
    /** `export`: have DynamoDB export each table to a bucket, and read that; the table itself is not read. */
    read: z.enum(['scan', 'export']).default('scan'),
    /** Where exports go; needed for `read: export`. */
    exportBucket: z.string().min(3).optional(),
    /** What the keys of exports begin with. */
    exportPrefix: z.string().min(1).default('holdfast'),
    /** Strongly consistent reads: every write acknowledged before the scan is seen; twice the read capacity. */
    consistent: z.boolean().default(false),
    /** Read capacity units per second and table that the scan may use on average; absent: as fast as the table allows. */
    rcu: z.number().positive().optional(),
    /** Parallel segments of the scan; absent: chosen by the size of the table. */
    segments: z.int().min(1).max(10_000).optional(),
    /** Capture the Kinesis streaming destination. */
    kinesis: z.boolean().default(true),
    /** Capture the state of Contributor Insights. */
    contributorInsights: z.boolean().default(true),
    /** Have DynamoDB make an on-demand backup of each table with each snapshot. */
    points: pointsOption,
    /**
     * What a missing table is made of: the items of the snapshot where it holds them, written one batch after the other or, as an
     * import, out of files in the bucket of exports; or always its on-demand backup.
     */
    restoreFrom: z.enum(['items', 'import', 'point']).default('items'),
  })
  .refine(
    ({ read, restoreFrom, exportBucket }) =>
      exportBucket !== undefined || (read === 'scan' && restoreFrom !== 'import'),
    { path: ['exportBucket'], error: 'an export or import needs a bucket for its files' },
  );

export type DynamoOptions = z.infer<typeof options>;
