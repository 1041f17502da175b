import type { ResourceRecord, SnapshotReader } from '../repository/contract.ts';
import type { Estate } from './contract.ts';
import type { RestoreRequest } from './restore-contract.ts';
import type { LiveSettings } from './restore-live.ts';
import { findScope, uncapturedIn } from './restore-scope.ts';
import type { ConnectorLookup } from './sources.ts';
import { findTenantPieces } from './tenants/pieces.ts';
import { isShared } from './tenants/shares.ts';
import { findUncaptured, type Uncaptured } from './uncaptured.ts';

/** A resource, or the part of it that a live restore is about. */
export interface RestorePiece extends Pick<LiveSettings, 'only' | 'tenant'> {
  readonly record: ResourceRecord;
}

export interface RestorePieces {
  readonly pieces: readonly RestorePiece[];
  readonly uncaptured: readonly Uncaptured[];
}

/** What a request selects: a path, a site, or one tenant. Throws snapshot.*, and config.invalid where tenants are not told. */
export async function findPieces(
  estate: Estate,
  reader: SnapshotReader,
  request: RestoreRequest,
  lookup: ConnectorLookup | undefined,
): Promise<RestorePieces> {
  if (request.tenant !== undefined) {
    const pieces = await findTenantPieces(estate, reader, request.tenant, lookup);
    return { pieces, uncaptured: findUncaptured(reader, pieces, isShared(estate)) };
  }
  const scope = await findScope(reader, request);
  const pieces = scope.records.map((record) => ({ record, only: scope.only }));
  return { pieces, uncaptured: uncapturedIn(reader, scope, request) };
}
