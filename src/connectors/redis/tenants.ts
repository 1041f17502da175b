import { z } from 'zod';
import { utf8 } from '../../kernel/bytes.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import type { EntryRange, TenantShare, TenantSupport } from '../tenants.ts';
import { filledPrefix, itemsOfPart, parseTenantTemplate, tenantsByPrefix } from '../tenant-template.ts';

const prefix = z.string().refine((text) => /^[!-~]/.test(parseTenantTemplate(text)?.after ?? ''), {
  error: 'write a prefix with {tenant} and a mark that ends it: "tenant:{tenant}:"',
});

/** What a tenant's keys begin with, in one database: `{ prefix: "tenant:{tenant}:", database: 0 }`. */
const mapping = z.strictObject({ prefix, database: z.number().int().min(0).default(0) });

function partsOf(share: TenantShare) {
  const { prefix: text, database } = share.mapping as z.output<typeof mapping>;
  const template = parseTenantTemplate(text);
  return template && { template, collection: `db${database}` };
}

async function part(_: CapturedResource, share: TenantShare, tenant: string): Promise<EntryRange | undefined> {
  const found = partsOf(share);
  return await Promise.resolve(
    found && { collection: found.collection, key: utf8(filledPrefix(found.template, tenant)), exact: false },
  );
}

/** Keys with a prefix of the tenant's own, in one database. */
export const tenants: TenantSupport = {
  mapping,
  async *tenants(captured, share) {
    const found = partsOf(share);
    if (found) yield* tenantsByPrefix(captured, found.collection, found.template);
  },
  items: itemsOfPart(part),
  part,
};
