import type { EntryRange, TenantItem, TenantShare, TenantSupport } from './tenants.ts';
import { asBuffer, displayBytes, isUtf8, utf8 } from '../kernel/bytes.ts';
import type { CapturedEntry, CapturedResource } from '../kernel/entry.ts';
import { HoldfastError } from '../kernel/errors.ts';

const mark = '{tenant}';

/** `tenants/{tenant}/`: what keys of one tenant begin with. */
export interface TenantTemplate {
  readonly before: string;
  readonly after: string;
}

/** Undefined for a text that does not hold `{tenant}` once. */
export function parseTenantTemplate(text: string): TenantTemplate | undefined {
  const [before, after, ...more] = text.split(mark);
  return before === undefined || after === undefined || more.length > 0 ? undefined : { before, after };
}

/** What a template says with a tenant in it. Throws usage.invalid for nobody. */
export function filledTemplate({ before, after }: TenantTemplate, tenant: string): string {
  if (tenant !== '') return `${before}${tenant}${after}`;
  throw new HoldfastError('usage.invalid', 'a tenant needs a name');
}

/**
 * The same where it is what keys begin with, and what comes after the tenant begins with the mark that ends its name. Throws
 * usage.invalid for a tenant that has the mark in it: its keys would lie among another one's.
 */
export function filledPrefix(template: TenantTemplate, tenant: string): string {
  const end = template.after.slice(0, 1);
  if (!tenant.includes(end)) return filledTemplate(template, tenant);
  throw new HoldfastError(
    'usage.invalid',
    `${JSON.stringify(tenant)} cannot be a tenant: it has ${JSON.stringify(end)} in it`,
  );
}

/**
 * Tenants of a collection whose keys begin with `before`, then the tenant, then `after`, which begins with the mark that ends
 * its name. Keys are sorted: from one tenant to the next it jumps, so that the cost grows with the tenants and not with what
 * they have. Keys that are not UTF-8 are nobody's.
 */
export async function* tenantsByPrefix(
  captured: CapturedResource,
  collection: string,
  { before, after }: TenantTemplate,
): AsyncGenerator<string> {
  const end = after.charCodeAt(0);
  const skip = utf8(before).length;
  let from: Uint8Array | undefined;
  for (;;) {
    const next = await firstEntry(captured, collection, { prefix: utf8(before), ...(from ? { from } : {}) });
    if (!next) return;
    const key = asBuffer(next.key);
    const at = key.indexOf(end, skip);
    if (at === -1) {
      from = Buffer.concat([key, Buffer.of(0)]);
      continue;
    }
    const tenant = key.toString('utf8', skip, at);
    const isNamed = at > skip && isUtf8(key.subarray(skip, at));
    if (isNamed && (after.length === 1 || (await holds(captured, collection, `${before}${tenant}${after}`))))
      yield tenant;
    // The first key that no longer begins with the tenant and the mark.
    from = Buffer.concat([key.subarray(0, at), Buffer.of(end + 1)]);
  }
}

async function firstEntry(
  captured: CapturedResource,
  collection: string,
  range: { readonly prefix: Uint8Array; readonly from?: Uint8Array },
): Promise<CapturedEntry | undefined> {
  for await (const entry of captured.entries(collection, range)) return entry;
  return undefined;
}

async function holds(captured: CapturedResource, collection: string, prefix: string): Promise<boolean> {
  return (await firstEntry(captured, collection, { prefix: utf8(prefix) })) !== undefined;
}

/** The items of a type whose tenants are told by keys, from the one range that `part` gives. */
export function itemsOfPart(
  part: NonNullable<TenantSupport['part']>,
): (captured: CapturedResource, share: TenantShare, tenant: string) => AsyncGenerator<TenantItem> {
  return async function* items(captured, share, tenant) {
    const range = await part(captured, share, tenant);
    if (!range) return;
    for await (const entry of entriesIn(captured, range))
      yield { collection: range.collection, key: displayBytes(entry.key), bytes: entry.size, entry };
  };
}

async function* entriesIn(
  captured: CapturedResource,
  { collection, key, exact }: EntryRange,
): AsyncGenerator<CapturedEntry> {
  if (!exact) {
    yield* captured.entries(collection, { prefix: key });
    return;
  }
  const entry = await captured.entry(collection, key);
  if (entry) yield entry;
}
