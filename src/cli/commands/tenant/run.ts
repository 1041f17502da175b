import { resolve } from 'node:path';
import { exportTenant } from '../../../estate/tenants/export.ts';
import { listTenants, showTenant } from '../../../estate/tenants/find.ts';
import { uncapturedShares } from '../../../estate/tenants/shares.ts';
import { HoldfastError } from '../../../kernel/errors.ts';
import type { CommandContext, Exit } from '../../context.ts';
import { openEstate, openSnapshot } from '../../wiring.ts';
import type { RestoreOptions } from '../restore/request.ts';
import { runRestore } from '../restore/run.ts';
import { renderExport, renderParts, renderTenants, renderUncaptured } from './render.ts';

export interface TenantOptions {
  readonly snapshot: string;
}

export async function runList(context: CommandContext, { snapshot }: TenantOptions): Promise<Exit> {
  const { output } = context;
  const { reader, config } = await openSnapshot(context, snapshot);
  const estate = await openEstate(context, config);
  const tenants = await listTenants(estate, reader);
  const uncaptured = await uncapturedShares(estate, reader);
  if (output.format === 'text')
    await output.lines([...renderTenants(tenants, output.width), ...renderUncaptured(uncaptured)]);
  else await output.document({ schema: 1, snapshot: reader.info.id, tenants, uncaptured });
  return uncaptured.length > 0 ? 4 : 0;
}

/** Exit 1 where the snapshot holds nothing of the tenant, 4 where something that tenants share is not in it. */
export async function runShow(context: CommandContext, tenant: string, { snapshot }: TenantOptions): Promise<Exit> {
  const { output } = context;
  const { reader, config } = await openSnapshot(context, snapshot);
  const estate = await openEstate(context, config);
  const parts = await showTenant(estate, reader, tenant);
  const uncaptured = await uncapturedShares(estate, reader);
  if (output.format === 'text')
    await output.lines([...renderParts(parts, output.width), ...renderUncaptured(uncaptured)]);
  else await output.document({ schema: 1, snapshot: reader.info.id, tenant, parts, uncaptured });
  if (uncaptured.length > 0) return 4;
  return parts.length > 0 ? 0 : 1;
}

/** Exit 4 where something could not be written, or something that tenants share is not in the snapshot. */
export async function runExport(
  context: CommandContext,
  tenant: string,
  { snapshot, to }: TenantOptions & { readonly to: string },
): Promise<Exit> {
  const { output } = context;
  const { reader, repository, config } = await openSnapshot(context, snapshot);
  const estate = await openEstate(context, config);
  if ((await showTenant(estate, reader, tenant)).length === 0)
    throw new HoldfastError('snapshot.nothing-selected', `the snapshot holds nothing of the tenant ${tenant}`, {
      hint: 'List those it holds with holdfast tenant list.',
    });
  const made = await exportTenant(estate, repository, reader, tenant, resolve(context.folder, to));
  if (output.format === 'text') await output.lines(renderExport(made, to));
  else await output.document(made);
  return made.failures.length > 0 || made.uncaptured.length > 0 ? 4 : 0;
}

/** A live restore of the tenant's part of everything; see runRestore. */
export async function runRestoreTenant(
  context: CommandContext,
  tenant: string,
  { snapshot, ...options }: TenantOptions & Omit<RestoreOptions, 'to' | 'tenant'>,
): Promise<Exit> {
  if (/:/.test(snapshot) && !/^\d{4}-/.test(snapshot))
    throw new HoldfastError('usage.invalid', `--snapshot takes a snapshot and no path: ${snapshot}`);
  return await runRestore(context, snapshot, { ...options, to: 'live', tenant });
}
