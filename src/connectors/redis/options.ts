import { z } from 'zod';
import { addressProblem } from './address.ts';
import { patternProblem } from './patterns.ts';

/** One source of type `redis`: one server or one cluster. */
export interface RedisOptions {
  /** The source's name: the name of its resource. */
  readonly name: string;
  /** `redis://[user][:password]@host:port`, `rediss://` for TLS. */
  readonly url: string;
  /** PEM text of the authority that signed the server's certificate, where the system does not know it. */
  readonly ca?: string | undefined;
  /** `keys`: every key by SCAN and DUMP. `rdb`: the whole instance as a replica receives it. */
  readonly mode: 'keys' | 'rdb';
  /** Only these databases; absent: all that hold keys. */
  readonly databases?: readonly number[] | undefined;
  /** Key patterns as Redis has them: `*`, `?`, `[a-z]`, `[^a]`, `\` before a character that stands for itself. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** `auto`: as the server says. `true`: a server that is not part of a cluster is an error. */
  readonly cluster: 'auto' | true;
  /** Of a cluster's shards read a replica where there is one. */
  readonly preferReplicas: boolean;
  /** Keys in one batch at most; batches shrink by themselves. */
  readonly pipeline: number;
  /** Share of the server's time that the capture may take. */
  readonly share: number;
  readonly keysPerSecond?: number | undefined;
  /** Milliseconds between batches. */
  readonly pause: number;
}

const pattern = z.string().superRefine((text, context) => {
  const problem = patternProblem(text);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

export const options: z.ZodType<RedisOptions> = z
  .strictObject({
    name: z
      .string()
      .regex(/^[^/\0]+$/, 'the name of a redis source has no slash')
      .default('redis'),
    url: z.string().superRefine((text, context) => {
      const problem = addressProblem(text);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    }),
    ca: z.string().optional(),
    mode: z.enum(['keys', 'rdb']).default('keys'),
    databases: z.array(z.int().min(0).max(65_535)).min(1).optional(),
    include: z.array(pattern).default([]),
    exclude: z.array(pattern).default([]),
    cluster: z.union([z.literal('auto'), z.literal(true)]).default('auto'),
    preferReplicas: z.boolean().default(false),
    pipeline: z.int().min(1).max(10_000).default(500),
    share: z.number().min(0.01).max(1).default(0.5),
    keysPerSecond: z.number().positive().optional(),
    pause: z.int().min(0).max(60_000).default(0),
  })
  .superRefine(({ mode, databases, include, exclude }, context) => {
    if (mode !== 'rdb') return;
    const limits = { databases: databases !== undefined, include: include.length > 0, exclude: exclude.length > 0 };
    for (const [key, isSet] of Object.entries(limits))
      if (isSet)
        context.addIssue({ code: 'custom', path: [key], message: 'an RDB file always holds the whole server' });
  });
