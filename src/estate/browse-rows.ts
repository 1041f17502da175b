import type { CapturedRows } from '../connectors/contract.ts';
import { loadConnector } from '../connectors/registry.ts';
import { HoldfastError } from '../kernel/errors.ts';
import type { SnapshotReader } from '../repository/contract.ts';
import { notFound, resolvePath } from './paths.ts';

/**
 * Rows of a captured table, read without restoring it: `postgres/app/public/orders`. `where`: columns and their values as text;
 * null is SQL's NULL. Throws snapshot.path-not-found, and usage.invalid where the path leads to no table.
 */
export async function findRows(
  reader: SnapshotReader,
  path: string,
  where: Readonly<Record<string, string | null>>,
): Promise<CapturedRows> {
  const resolved = await resolvePath(reader, path);
  if (resolved.length === 0) throw notFound(reader, path);
  for (const { resource, rest } of resolved) {
    const connector = await loadConnector(resource.ref.type);
    const found = await connector?.rows?.(resource, rest, where);
    if (found) return found;
  }
  throw new HoldfastError('usage.invalid', `${path} is no table with rows`, {
    resource: path,
    hint: 'Name a table of a database: SNAP:postgres/app/public/orders.',
  });
}
