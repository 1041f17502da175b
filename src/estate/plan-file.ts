import { z } from 'zod';
import { HoldfastError } from '../kernel/errors.ts';
import type { Json } from '../kernel/json.ts';
import type { RestorePlan } from './restore-contract.ts';
import { readEdits, type EditedPlan } from './plan-edit.ts';

const anyJson = z.custom<Json>((value) => value !== undefined);
const className = z.enum(['exact', 'new-identity', 'needs-human', 'lost']);

const note = z.object({
  class: z.enum(['new-identity', 'needs-human', 'lost']),
  what: z.string(),
  why: z.string(),
  action: z.string(),
  count: z.number().optional(),
});

const quotaPlace = { type: z.string(), account: z.string(), region: z.string() };

const planFile = z.object({
  schema: z.literal(1),
  snapshot: z.string().min(1),
  estate: z.string(),
  createdAt: z.string(),
  request: z.object({
    path: z.string(),
    site: z.string().optional(),
    tenant: z.string().min(1).optional(),
    to: z.union([
      z.strictObject({ directory: z.string().min(1) }),
      z.strictObject({
        live: z.strictObject({
          region: z.string().optional(),
          account: z.string().optional(),
          at: z.iso.datetime().optional(),
        }),
      }),
    ]),
    mode: z.enum(['create-missing', 'revert-changed', 'exact']),
    rename: z.array(z.object({ from: z.string(), to: z.string() })),
  }),
  actions: z.array(
    z.object({
      id: z.string(),
      resource: z.object({
        type: z.string(),
        name: z.string(),
        id: z.string(),
        region: z.string(),
        account: z.string(),
      }),
      operation: z.string(),
      title: z.string(),
      effect: z.enum(['create', 'update', 'delete']),
      dependsOn: z.array(z.string()),
      input: anyJson,
      phase: z.enum(['settle', 'enable']).optional(),
      items: z.number().optional(),
      bytes: z.number().optional(),
      ledger: z.array(note).optional(),
    }),
  ),
  skipped: z.array(z.object({ resource: z.string(), reason: z.string(), failed: z.literal(true).optional() })),
  uncaptured: z.array(z.object({ resource: z.string(), reason: z.string() })).optional(),
  items: z.number(),
  bytes: z.number(),
  estimate: z
    .object({ seconds: z.number(), once: z.number(), monthly: z.number(), unpriced: z.array(z.string()) })
    .optional(),
  quotas: z
    .array(
      z.union([
        z.object({
          ...quotaPlace,
          what: z.string(),
          needed: z.number(),
          used: z.number(),
          limit: z.number(),
          ask: z
            .object({ service: z.string(), code: z.string(), region: z.string(), adjustable: z.boolean() })
            .optional(),
        }),
        z.object({ ...quotaPlace, unknown: z.string() }),
      ]),
    )
    .optional(),
  ledger: z.array(
    z.object({
      resource: z.string(),
      class: className,
      what: z.string(),
      why: z.string().optional(),
      action: z.string().optional(),
      count: z.number().optional(),
    }),
  ),
  targetState: z.string(),
  seal: z.object({ rename: z.string(), rest: z.string(), actions: z.record(z.string(), z.string()) }),
});

/** A stored plan read back (restore --plan FILE), with what was edited. Throws plan.invalid, naming what is wrong with it. */
export function parseRestorePlan(text: string): EditedPlan {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new HoldfastError('plan.invalid', `the plan is not JSON: ${(error as Error).message}`, { cause: error });
  }
  const plan = planFile.safeParse(value);
  // Zod's optional keys may hold undefined; read from JSON they cannot.
  if (plan.success) return readEdits(plan.data as RestorePlan);
  const issues = plan.error.issues.slice(0, 5).map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
  throw new HoldfastError('plan.invalid', `this is no restore plan of this version: ${issues.join('; ')}`);
}
