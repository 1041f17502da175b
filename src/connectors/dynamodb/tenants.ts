import { z } from 'zod';
import type { TableDescription } from '@aws-sdk/client-dynamodb';
import { matchesAny } from '../../config/glob.ts';
import { utf8 } from '../../kernel/bytes.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { EntryRange, TenantShare, TenantSupport } from '../tenants.ts';
import { filledTemplate, itemsOfPart, parseTenantTemplate, type TenantTemplate } from '../tenant-template.ts';
import { itemsCollection, tableFile } from './ledger.ts';
import { entryKey, keyAttributes, partitionOf } from './item-key.ts';

const partition = z.string().refine((text) => parseTenantTemplate(text) !== undefined, {
  error: 'write the partition key with {tenant} in it: T#{tenant}',
});

/** Table name or pattern → the partition key of a tenant's items: `{ carts: { partition: "T#{tenant}" } }`. */
const mapping = z.record(z.string(), z.strictObject({ partition }));

function templateOf({ ref }: CapturedResource, share: TenantShare): TenantTemplate | undefined {
  const patterns = Object.entries(share.mapping as z.output<typeof mapping>);
  const found = patterns.find(([pattern]) => matchesAny([pattern], ref.name));
  return found && parseTenantTemplate(found[1].partition);
}

/** The tenant's partition: `T#1` is one partition and never the beginning of `T#10`. */
async function part(captured: CapturedResource, share: TenantShare, tenant: string): Promise<EntryRange | undefined> {
  const template = templateOf(captured, share);
  if (!template) return undefined;
  const key = keyAttributes(await tableOf(captured));
  const [first] = key;
  if (!first || first.type === 'B') throw unsuited(captured, 'its partition key is binary');
  const value = filledTemplate(template, tenant);
  const name = entryKey([first], { [first.name]: first.type === 'N' ? { N: value } : { S: value } });
  const alone = key.length === 1;
  return { collection: itemsCollection, key: utf8(alone ? name : `${name}/`), exact: alone };
}

async function tableOf(captured: CapturedResource): Promise<TableDescription> {
  const table = await captured.json('', tableFile);
  if (table === undefined) throw unsuited(captured, 'the snapshot does not hold its schema');
  return table as unknown as TableDescription;
}

function unsuited({ ref }: CapturedResource, why: string): HoldfastError {
  return new HoldfastError('item.invalid', `dynamodb/${ref.name} cannot be searched for tenants: ${why}`, {
    resource: `dynamodb/${ref.name}`,
  });
}

/** Whole partitions: a table whose items say by another attribute whose they are cannot be told apart by its keys. */
export const tenants: TenantSupport = {
  mapping,
  async *tenants(captured, share) {
    const template = templateOf(captured, share);
    if (!template) return;
    let last: string | undefined;
    for await (const entry of captured.entries(itemsCollection)) {
      const value = partitionOf(Buffer.from(entry.key).toString('utf8'));
      if (value === last) continue;
      last = value;
      const inside = value.length > template.before.length + template.after.length;
      if (inside && value.startsWith(template.before) && value.endsWith(template.after))
        yield value.slice(template.before.length, value.length - template.after.length);
    }
  },
  items: itemsOfPart(part),
  part,
};
