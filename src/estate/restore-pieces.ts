import type { ResourceRecord, SnapshotReader } from '../repository/contract.ts';
import type { Estate } from './contract.ts';
import type { RestoreRequest } from './restore-contract.ts';
import type { LiveSettings } from './restore-live.ts';
import { findScope } from './restore-scope.ts';
import type { ConnectorLookup } from './sources.ts';
import { findTenantPieces } from './tenants/pieces.ts';

/** A resource, or the part of it that a live restore is about. */
export interface RestorePiece extends Pick<LiveSettings, 'only' | 'tenant'> {
  readonly record: ResourceRecord;
}

/** What a request selects: a path, a site, or one tenant. Throws snapshot.*, and config.invalid where tenants are not told. */
export async function findPieces(
  estate: Estate,
  reader: SnapshotReader,
  request: RestoreRequest,
  lookup: ConnectorLookup | undefined,
): Promise<RestorePiece[]> {
  if (request.tenant !== undefined) return await findTenantPieces(estate, reader, request.tenant, lookup);
  const { records, only } = await findScope(reader, request);
  return records.map((record) => ({ record, only }));
}
