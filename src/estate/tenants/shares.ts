import type { TenantShare, TenantSupport } from '../../connectors/tenants.ts';
import { loadConnector } from '../../connectors/registry.ts';
import { resourceKey, type CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { ResourceRecord, SnapshotReader, SourceRecord } from '../../repository/contract.ts';
import type { Estate } from '../contract.ts';
import { bareName } from '../names.ts';
import type { ConnectorLookup } from '../sources.ts';
import { findUncaptured, type Uncaptured } from '../uncaptured.ts';

/** A captured resource that tenants share. */
export interface SharedResource {
  readonly record: ResourceRecord;
  /** `type/name` in the estate. */
  readonly key: string;
  readonly support: TenantSupport;
  readonly share: TenantShare;
  /** Under the name it has at the provider, which is the one the configuration uses. */
  readonly captured: CapturedResource;
}

/**
 * What the configuration's `tenants` names and the snapshot holds. Throws config.invalid where it names nothing, or what its
 * connector does not take.
 */
export async function* sharedResources(
  estate: Estate,
  reader: SnapshotReader,
  lookup: ConnectorLookup = loadConnector,
): AsyncGenerator<SharedResource> {
  const shares = await openShares(estate, lookup);
  for await (const record of reader.resources()) {
    const found = shares.get(record.source);
    if (!found) continue;
    const key = resourceKey(record.ref);
    const captured = await reader.resource(key);
    if (!captured) {
      const message = `the snapshot lists ${key} but does not hold it`;
      throw new HoldfastError('repository.corrupt', message, { resource: key });
    }
    const ref = { ...captured.ref, name: bareName(captured.ref, estate.config) };
    yield { record, key, ...found, captured: { ...captured, ref } };
  }
}

/** Whether tenants share a source of a snapshot, as the configuration says. */
export function isShared({ config }: Estate): (source: SourceRecord) => boolean {
  const names = new Set(Object.keys(config.tenants?.sources ?? {}));
  return ({ source }) => names.has(source);
}

/** What of the resources that tenants share could not be captured: whose it was nobody knows. */
export async function uncapturedShares(estate: Estate, reader: SnapshotReader): Promise<Uncaptured[]> {
  const names = new Set(Object.keys(estate.config.tenants?.sources ?? {}));
  const asked: { readonly record: ResourceRecord }[] = [];
  for await (const record of reader.resources()) if (names.has(record.source)) asked.push({ record });
  return findUncaptured(reader, asked, isShared(estate));
}

async function openShares(
  { config }: Estate,
  lookup: ConnectorLookup,
): Promise<ReadonlyMap<string, { readonly support: TenantSupport; readonly share: TenantShare }>> {
  const { key, sources = {} } = config.tenants ?? {};
  const shares = new Map<string, { readonly support: TenantSupport; readonly share: TenantShare }>();
  const mistakes: string[] = [];
  for (const [name, written] of Object.entries(sources)) {
    const type = config.sources.find((source) => source.name === name)?.type ?? name;
    const support = (await lookup(type))?.tenants;
    if (!support) {
      mistakes.push(`tenants.sources.${name}: tenants cannot be told apart in resources of type ${type}`);
      continue;
    }
    const mapping = support.mapping.safeParse(written);
    if (mapping.success)
      shares.set(name, { support, share: { mapping: mapping.data, ...(key === undefined ? {} : { key }) } });
    else
      for (const { path, message } of mapping.error.issues)
        mistakes.push(`${['tenants', 'sources', name, ...path].map(String).join('.')}: ${message}`);
  }
  if (mistakes.length > 0) throw new HoldfastError('config.invalid', mistakes.join('\n'));
  if (shares.size > 0) return shares;
  throw new HoldfastError('config.invalid', 'the configuration does not say where the data of tenants is', {
    hint: 'Add tenants: { key: tenant_id, sources: { NAME: … } } to holdfast.yaml; docs/tenants.md has examples.',
  });
}
