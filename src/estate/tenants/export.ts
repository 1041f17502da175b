import { join, resolve } from 'node:path';
import { createParentGuard } from '../../connectors/local/safe-path.ts';
import { utf8 } from '../../kernel/bytes.ts';
import { toRecord, type ErrorRecord } from '../../kernel/errors.ts';
import { canonicalJson, compactJson, type Json } from '../../kernel/json.ts';
import type { Repository, SnapshotReader } from '../../repository/contract.ts';
import type { Estate } from '../contract.ts';
import { escapeSegment } from '../escape.ts';
import { createLinesFile, type LinesFile } from '../lines-file.ts';
import { writeResource } from '../restore-resource.ts';
import { beginTarget, checkTarget, writeWhole } from '../restore-target.ts';
import type { ConnectorLookup } from '../sources.ts';
import type { Uncaptured } from '../uncaptured.ts';
import { sharedResources, uncapturedShares, type SharedResource } from './shares.ts';

export interface TenantExport {
  readonly schema: 1;
  readonly tenant: string;
  readonly snapshot: string;
  readonly estate: string;
  readonly parts: readonly { readonly resource: string; readonly items: number; readonly bytes: number }[];
  readonly failures: readonly ErrorRecord[];
  /** What of the resources that tenants share is not in the snapshot. */
  readonly uncaptured: readonly Uncaptured[];
}

/**
 * Writes all that a snapshot holds of a tenant to an empty directory, in the layout of a restore: objects as files, rows and
 * items as lines of `<collection>.jsonl`; TENANT.json last. Throws restore.target-not-empty, config.invalid, machine.disk-full.
 */
export async function exportTenant(
  estate: Estate,
  repository: Repository,
  reader: SnapshotReader,
  tenant: string,
  directory: string,
  lookup?: ConnectorLookup,
): Promise<TenantExport> {
  const target = resolve(directory);
  const identity = { snapshot: reader.info.id, path: `tenant ${tenant}` };
  await checkTarget(target, 'create-missing', identity);
  const begun = await beginTarget(target, identity);
  const guard = createParentGuard(utf8(target));
  const parts: { resource: string; items: number; bytes: number }[] = [];
  const failures: ErrorRecord[] = [];
  for await (const shared of sharedResources(estate, reader, lookup)) {
    estate.signal.throwIfAborted();
    const folder = `${escapeSegment(utf8(shared.record.ref.type))}/${escapeSegment(utf8(shared.record.ref.name))}`;
    guard.makeParents(utf8(`${folder}/x`));
    const { items, bytes, failed } =
      shared.support.part === undefined
        ? await writeRows(estate, shared, tenant, join(target, folder))
        : await writePart(estate, repository, shared, tenant, { directory: target, folder, fold: begun.fold });
    if (items > 0) parts.push({ resource: shared.key, items, bytes });
    failures.push(...failed);
  }
  const { id, estate: name } = reader.info;
  const uncaptured = await uncapturedShares(estate, reader);
  const made: TenantExport = { schema: 1, tenant, snapshot: id, estate: name, parts, failures, uncaptured };
  await writeWhole(join(target, 'TENANT.json'), canonicalJson(made as unknown as Json), 0o644);
  await begun.finish();
  return made;
}

interface Written {
  readonly items: number;
  readonly bytes: number;
  readonly failed: readonly ErrorRecord[];
}

async function writePart(
  estate: Estate,
  repository: Repository,
  { support, share, captured }: SharedResource,
  tenant: string,
  place: Pick<Parameters<typeof writeResource>[1], 'directory' | 'folder' | 'fold'>,
): Promise<Written> {
  const only = await support.part?.(captured, share, tenant);
  if (!only) return { items: 0, bytes: 0, failed: [] };
  const written = await writeResource(captured, {
    ...place,
    writer: repository.fileWriter(),
    signal: estate.signal,
    only,
    escaped: ignore,
    progress: ignore,
  });
  return { items: written.entries, bytes: written.bytes, failed: written.failures.map(toRecord) };
}

function ignore(): void {
  // The rule of escaping is the same as in every restored directory.
}

async function writeRows(
  estate: Estate,
  { support, share, captured }: SharedResource,
  tenant: string,
  folder: string,
): Promise<Written> {
  const files = new Map<string, LinesFile>();
  let items = 0;
  let bytes = 0;
  try {
    for await (const item of support.items(captured, share, tenant)) {
      estate.signal.throwIfAborted();
      let file = files.get(item.collection);
      if (!file) {
        file = createLinesFile(join(folder, `${escapeSegment(utf8(item.collection))}.jsonl`));
        files.set(item.collection, file);
      }
      await file.add(utf8(compactJson(item.row ?? null)), true);
      items++;
      bytes += item.bytes;
    }
  } finally {
    for (const file of files.values()) await file.close();
  }
  return { items, bytes, failed: [] };
}
