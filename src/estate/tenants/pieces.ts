import type { RestoreContext } from '../../connectors/contract.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { ResourceRecord, SnapshotReader } from '../../repository/contract.ts';
import type { Estate } from '../contract.ts';
import type { EntryScope } from '../restore-scope.ts';
import type { ConnectorLookup } from '../sources.ts';
import { sharedResources, type SharedResource } from './shares.ts';

/** What of one resource is a tenant's: a part of its entries, or rows that its connector finds. */
export interface TenantPiece {
  readonly record: ResourceRecord;
  readonly only?: EntryScope;
  readonly tenant?: NonNullable<RestoreContext['tenant']>;
}

/**
 * Throws config.invalid, usage.invalid, and snapshot.nothing-selected for a tenant that the snapshot holds nothing of: a
 * mistyped one would otherwise be restored to nothing, which in mode exact deletes all it has.
 */
export async function findTenantPieces(
  estate: Estate,
  reader: SnapshotReader,
  tenant: string,
  lookup: ConnectorLookup | undefined,
): Promise<TenantPiece[]> {
  const pieces: TenantPiece[] = [];
  let known = false;
  for await (const shared of sharedResources(estate, reader, lookup)) {
    const { record, support, share, captured } = shared;
    known ||= await holdsAny(shared, tenant);
    if (!support.part) {
      pieces.push({ record, tenant: { ...share, id: tenant } });
      continue;
    }
    const only = await support.part(captured, share, tenant);
    if (only) pieces.push({ record, only });
  }
  if (known) return pieces;
  const message = `snapshot ${reader.info.id.slice(0, 8)} holds nothing of the tenant ${tenant}`;
  throw new HoldfastError('snapshot.nothing-selected', message, {
    hint: 'List those it holds with holdfast tenant list.',
  });
}

async function holdsAny({ support, share, captured }: SharedResource, tenant: string): Promise<boolean> {
  for await (const _ of support.items(captured, share, tenant)) return true;
  return false;
}
