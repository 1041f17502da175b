import type { TenantExport } from '../../../estate/tenants/export.ts';
import type { Uncaptured } from '../../../estate/uncaptured.ts';
import type { TenantFound, TenantPart } from '../../../estate/tenants/find.ts';
import { renderTable } from '../../output/table.ts';
import { oneLine } from '../../output/text.ts';
import { countOf, formatBytes, formatCount } from '../../output/units.ts';

export function renderTenants(tenants: readonly TenantFound[], width: number): string[] {
  if (tenants.length === 0) return ['The snapshot holds nothing of any tenant.'];
  const rows = tenants.map(({ tenant, resources }) => [oneLine(tenant), resources.map(oneLine).join(', ')]);
  return renderTable([{ title: 'TENANT' }, { title: 'FOUND IN', shrink: true }], rows, width);
}

export function renderParts(parts: readonly TenantPart[], width: number): string[] {
  if (parts.length === 0) return ['The snapshot holds nothing of this tenant.'];
  const rows = parts.map(({ resource, collection, items, bytes }) => [
    oneLine(collection === '' ? resource : `${resource}/${collection}`),
    formatCount(items),
    formatBytes(bytes),
  ]);
  const columns = [
    { title: 'WHERE', shrink: true },
    { title: 'ITEMS', align: 'right' } as const,
    { title: 'SIZE', align: 'right' } as const,
  ];
  return renderTable(columns, rows, width);
}

/** What tenants share and the snapshot does not hold. */
export function renderUncaptured(uncaptured: readonly Uncaptured[]): string[] {
  return uncaptured.map(({ resource, reason }) => oneLine(`not in the snapshot: ${resource}: ${reason}`));
}

export function renderExport({ parts, failures, uncaptured }: TenantExport, directory: string): string[] {
  const items = parts.reduce((sum, part) => sum + part.items, 0);
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  return [
    `${countOf(items, 'item')}, ${formatBytes(bytes)}, written to ${directory}; TENANT.json lists them.`,
    ...renderUncaptured(uncaptured),
    ...failures.map(({ code, message }) => `${code}: ${oneLine(message)}`),
  ];
}
