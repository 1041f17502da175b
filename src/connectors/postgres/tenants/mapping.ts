import { z } from 'zod';
import { HoldfastError } from '../../../kernel/errors.ts';
import type { TenantShare } from '../../tenants.ts';

/** Whose the rows of a table are: a column says it, a foreign key leads to a table that says it, or nobody's. */
export type TableRule = string | null | { readonly through: string };

/** `tenants.sources.NAME` of a source of type postgres. */
export interface TenantMapping {
  /** By `table` or `schema.table`. */
  readonly tables: Readonly<Record<string, TableRule>>;
  /** What happens to a row that refers to one which is no more: it fails, is left out, or comes back without the reference. */
  readonly missingParent: 'fail' | 'skip' | 'null';
  /** Whether triggers of the tables fire while rows come back. `off` needs a role that may set session_replication_role. */
  readonly triggers: 'off' | 'on';
}

export const mapping: z.ZodType<TenantMapping> = z
  .strictObject({
    tables: z
      .record(z.string().min(1), z.union([z.string().min(1), z.null(), z.strictObject({ through: z.string().min(1) })]))
      .default({}),
    missingParent: z.enum(['fail', 'skip', 'null']).default('fail'),
    triggers: z.enum(['off', 'on']).default('off'),
  })
  .default({ tables: {}, missingParent: 'fail', triggers: 'off' });

/** The mapping that a share carries. Throws config.invalid. */
export function mappingOf(share: TenantShare): TenantMapping {
  const parsed = mapping.safeParse(share.mapping);
  if (parsed.success) return parsed.data;
  throw new HoldfastError('config.invalid', `tenants of a postgres source: ${z.prettifyError(parsed.error)}`);
}
