import type { EstateConfig } from '../../config/contract.ts';
import type { Connector } from '../../connectors/contract.ts';
import type { TenantShare } from '../../connectors/tenants.ts';

/**
 * How the configuration says that tenants share a source; undefined where it says nothing, and where its connector does not take
 * what it says: that is for whoever asks for a tenant to hear, and keeps nobody from a snapshot.
 */
export function sourceShare(
  { tenants }: EstateConfig,
  source: { readonly name: string },
  { tenants: support }: Connector,
): TenantShare | undefined {
  const written = tenants?.sources[source.name];
  const mapping = written === undefined ? undefined : support?.mapping.safeParse(written);
  if (!mapping?.success) return undefined;
  return { mapping: mapping.data, ...(tenants?.key === undefined ? {} : { key: tenants.key }) };
}
