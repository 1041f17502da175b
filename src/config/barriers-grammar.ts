import { z } from 'zod';

/** The `barriers:` key of holdfast.yaml: what keeps writers out while the sources of a snapshot begin. */

const text = z.string().min(1, 'must not be empty');

/** `500ms`, `30s`, `2m`; at most ten minutes. */
const time = z.string().refine((value) => millisecondsOf(value) !== undefined, 'write 500ms, 30s, 2m; at most 10m');

const words = z
  .array(z.string(), { error: 'expected a list: the program and its arguments; for a shell write [sh, -c, …]' })
  .min(1, 'name a program');

const variables = z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'not the name of a variable'), z.string());

const pair = z.strictObject({ hold: words, release: words, env: variables.optional() });
const running = z.strictObject({ run: words, held: text.optional(), env: variables.optional() });

export const call = z.strictObject({
  url: z.string().refine(isPrivate, 'expected https://…; http:// only for this machine (127.0.0.1, ::1, localhost)'),
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
  headers: z
    .record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'not the name of a header'), z.string())
    .optional(),
  body: z.string().optional(),
});

export const lockModes = ['share', 'share-row-exclusive', 'exclusive'] as const;

const transaction = z
  .strictObject({
    url: z.string().regex(/^postgres(ql)?:\/\/[^/]*\/[^/?]/, 'expected postgres://user@host:5432/database'),
    'advisory-lock': z.number().int('expected a whole number').optional(),
    'lock-tables': z
      .array(z.string().regex(/^[^.]+\.[^.]+$/, 'expected schema.table'))
      .min(1, 'name a table')
      .optional(),
    mode: z.enum(lockModes).optional(),
    statements: z.array(text).min(1, 'write a statement').optional(),
  })
  .refine((value) => value['advisory-lock'] !== undefined || value['lock-tables'] || value.statements, {
    error: 'would hold nothing: say at least one of advisory-lock, lock-tables, statements',
    when: ({ issues }) => issues.length === 0,
  });

const kinds = ['command', 'http', 'postgres'] as const;

export const barrier = z
  .strictObject({
    sources: z.array(text).min(1, 'name at least one source'),
    command: z.union([pair, running], { error: 'expected {hold, release} or {run}' }).optional(),
    http: z.strictObject({ hold: call, release: call }).optional(),
    postgres: z
      .union([transaction, z.array(transaction).min(1)], { error: 'expected a map of keys or a list of them' })
      .optional(),
    timeout: time.optional(),
    'max-hold': time.optional(),
    required: z.boolean().optional(),
    until: z.enum(['begun', 'captured']).optional(),
  })
  .refine((value) => kinds.filter((kind) => value[kind] !== undefined).length === 1, {
    error: `say how it is held: exactly one of ${kinds.join(', ')}`,
    when: ({ issues }) => issues.length === 0,
  });

export const barriersGrammar = z.record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/), barrier);

const units = { ms: 1, s: 1000, m: 60_000 } as const;
const longestMs = 600_000;

/** Undefined for what is no length of time, or too long a one. */
export function millisecondsOf(written: string): number | undefined {
  const [, digits, unit] = /^(\d{1,6})(ms|s|m)$/.exec(written) ?? [];
  const ms = Number(digits) * units[unit as keyof typeof units];
  return ms >= 1 && ms <= longestMs ? ms : undefined;
}

/** Whether what is sent there, secrets in headers too, can be read by nobody on the way. */
function isPrivate(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  const isLoopback = hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback);
}
