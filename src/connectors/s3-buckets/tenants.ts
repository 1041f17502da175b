import { z } from 'zod';
import { matchesAny } from '../../config/glob.ts';
import { utf8 } from '../../kernel/bytes.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import type { EntryRange, TenantShare, TenantSupport } from '../tenants.ts';
import {
  filledPrefix,
  itemsOfPart,
  parseTenantTemplate,
  tenantsByPrefix,
  type TenantTemplate,
} from '../tenant-template.ts';

const prefix = z.string().refine((text) => parseTenantTemplate(text)?.after.startsWith('/') === true, {
  error: 'write a prefix with {tenant} as the end of a folder: tenants/{tenant}/',
});

/** Bucket name or pattern → the prefix of a tenant's objects: `{ uploads: "tenants/{tenant}/" }`. */
const mapping = z.record(z.string(), prefix);

const objects = 'objects';

function templateOf({ ref }: CapturedResource, share: TenantShare): TenantTemplate | undefined {
  const patterns = Object.entries(share.mapping as z.output<typeof mapping>);
  const found = patterns.find(([pattern]) => matchesAny([pattern], ref.name));
  return found && parseTenantTemplate(found[1]);
}

async function part(captured: CapturedResource, share: TenantShare, tenant: string): Promise<EntryRange | undefined> {
  const template = templateOf(captured, share);
  return await Promise.resolve(
    template && { collection: objects, key: utf8(filledPrefix(template, tenant)), exact: false },
  );
}

/** Objects below a prefix of the tenant's own. Buckets of the account that the mapping does not name hold no tenants. */
export const tenants: TenantSupport = {
  mapping,
  async *tenants(captured, share) {
    const template = templateOf(captured, share);
    if (template) yield* tenantsByPrefix(captured, objects, template);
  },
  items: itemsOfPart(part),
  part,
};
