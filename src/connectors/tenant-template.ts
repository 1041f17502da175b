import type { EntryRange, TenantItem, TenantShare, TenantSupport } from './contract.ts';
import { displayBytes, utf8 } from '../kernel/bytes.ts';
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

/** What a template says with a tenant in it. Throws usage.invalid for a tenant that would reach into another's keys. */
export function filledTemplate({ before, after }: TenantTemplate, tenant: string): string {
  if (tenant !== '' && !tenant.includes('/')) return `${before}${tenant}${after}`;
  throw new HoldfastError('usage.invalid', `${JSON.stringify(tenant)} cannot be a tenant: it is empty or has a slash`);
}

/**
 * Tenants of a collection whose keys begin with `before`, then the tenant, then `after`, which begins with a slash. Keys are
 * sorted: from one tenant to the next it jumps, so that the cost grows with the tenants and not with what they have.
 */
export async function* tenantsByPrefix(
  captured: CapturedResource,
  collection: string,
  { before, after }: TenantTemplate,
): AsyncGenerator<string> {
  let from: Uint8Array | undefined;
  for (;;) {
    const next = await firstEntry(captured, collection, { prefix: utf8(before), ...(from ? { from } : {}) });
    if (!next) return;
    const key = Buffer.from(next.key).toString('utf8');
    const end = key.indexOf('/', before.length);
    const tenant = end === -1 ? '' : key.slice(before.length, end);
    if (tenant !== '' && (after === '/' || (await holds(captured, collection, `${before}${tenant}${after}`))))
      yield tenant;
    // `0` comes right after the slash: the first key that is no longer below it.
    from = end === -1 ? Buffer.concat([next.key, Buffer.of(0)]) : utf8(`${key.slice(0, end)}0`);
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
