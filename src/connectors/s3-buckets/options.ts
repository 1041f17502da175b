import { z } from 'zod';

/** Options of an `s3-buckets` source in holdfast.yaml. */
export const options = z.strictObject({
  /** `all`: older versions and delete markers too. `current`: only what a plain listing shows. */
  versions: z.enum(['all', 'current']).default('all'),
  /** Only buckets of these regions. */
  regions: z.array(z.string().min(1)).optional(),
  /** Only buckets that carry all of these tags; `*` stands for any value. */
  tags: z.record(z.string(), z.string()).optional(),
  /** `false`: only the configuration of each bucket. */
  objects: z.boolean().default(true),
  /** `true`: the ACL of each object that is read, where the bucket has ACLs at all; one call more per object. */
  acls: z.boolean().default(false),
  /** Only objects whose keys start with one of these. */
  prefixes: z.array(z.string()).optional(),
});

export type S3BucketsOptions = z.output<typeof options>;
