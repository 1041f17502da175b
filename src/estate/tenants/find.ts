import type { TenantItem } from '../../connectors/tenants.ts';
import type { SnapshotReader } from '../../repository/contract.ts';
import type { Estate } from '../contract.ts';
import type { ConnectorLookup } from '../sources.ts';
import { sharedResources } from './shares.ts';

export interface TenantFound {
  readonly tenant: string;
  /** `type/name` of the resources that hold anything of it. */
  readonly resources: readonly string[];
}

/** Every tenant that a snapshot holds anything of, in ascending order. Throws config.invalid, repository.*. */
export async function listTenants(
  estate: Estate,
  reader: SnapshotReader,
  lookup?: ConnectorLookup,
): Promise<TenantFound[]> {
  const found = new Map<string, string[]>();
  for await (const { key, support, share, captured } of sharedResources(estate, reader, lookup)) {
    for await (const tenant of support.tenants(captured, share)) {
      estate.signal.throwIfAborted();
      const resources = found.get(tenant);
      if (resources) resources.push(key);
      else found.set(tenant, [key]);
    }
  }
  return [...found]
    .map(([tenant, resources]) => ({ tenant, resources }))
    .sort((a, b) => (a.tenant < b.tenant ? -1 : a.tenant > b.tenant ? 1 : 0));
}

/** What a snapshot holds of one tenant in one collection of a resource. */
export interface TenantPart {
  readonly resource: string;
  readonly collection: string;
  readonly items: number;
  readonly bytes: number;
}

/** Counts what a snapshot holds of a tenant. Empty: nothing. Throws config.invalid, usage.invalid, repository.*. */
export async function showTenant(
  estate: Estate,
  reader: SnapshotReader,
  tenant: string,
  lookup?: ConnectorLookup,
): Promise<TenantPart[]> {
  const parts = new Map<string, { resource: string; collection: string; items: number; bytes: number }>();
  for await (const { resource, item } of tenantItems(estate, reader, tenant, lookup)) {
    const name = `${resource} ${item.collection}`;
    const part = parts.get(name) ?? { resource, collection: item.collection, items: 0, bytes: 0 };
    parts.set(name, part);
    part.items++;
    part.bytes += item.bytes;
  }
  return [...parts.values()];
}

async function* tenantItems(
  estate: Estate,
  reader: SnapshotReader,
  tenant: string,
  lookup: ConnectorLookup | undefined,
): AsyncGenerator<{ readonly resource: string; readonly item: TenantItem }> {
  for await (const { key, support, share, captured } of sharedResources(estate, reader, lookup)) {
    for await (const item of support.items(captured, share, tenant)) {
      estate.signal.throwIfAborted();
      yield { resource: key, item };
    }
  }
}
