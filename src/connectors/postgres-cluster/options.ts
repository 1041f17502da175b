import { z } from 'zod';

/** One source of type `postgres-cluster`: one PostgreSQL server with all its databases, and one resource. */
export interface ClusterOptions {
  /** The source's name: the name of its resource. */
  readonly name: string;
  /** `postgres://user:password@host:port/database`. The user may replicate and read pg_replication_slots. */
  readonly url: string;
  /** Replication slot of `holdfast wal receive`. */
  readonly slot: string;
  /** `fast`: the backup begins with a checkpoint at once; `spread`: it waits for one that is gentle. */
  readonly checkpoint: 'fast' | 'spread';
  /** Kilobytes a second that the server sends at most. */
  readonly 'max-rate'?: number | undefined;
}

export const options: z.ZodType<ClusterOptions> = z.strictObject({
  name: z
    .string()
    .regex(/^[^/\0]+$/, 'the name of a cluster has no slash')
    .refine((name) => name !== '.' && name !== '..', 'the name of a cluster is not `.` or `..`')
    .default('postgres-cluster'),
  url: z.string().refine(isPostgresUrl, 'not an address: postgres://user:password@host:port/database'),
  slot: z
    .string()
    .regex(/^[a-z0-9_]{1,63}$/, 'a replication slot has small letters, digits and `_`, at most 63')
    .default('holdfast'),
  checkpoint: z.enum(['fast', 'spread']).default('fast'),
  'max-rate': z.number().int().min(32).max(1_048_576).optional(),
});

function isPostgresUrl(text: string): boolean {
  return URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol);
}
