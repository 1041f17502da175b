import { compareBytes, utf8 } from '../kernel/bytes.ts';
import { resourceKey } from '../kernel/entry.ts';
import { HoldfastError } from '../kernel/errors.ts';
import type { Repository, ResourceRecord, SnapshotReader } from '../repository/contract.ts';
import type { DiffReport } from './contract.ts';
import { showPlace } from './paths.ts';
import { findScope, inScope, type EntryScope } from './restore-scope.ts';

/** Entries named per resource; `total` counts all. */
const mostEntries = 1000;

/**
 * What changed from one snapshot to another, below a path (as restore takes it; '' for all). Equal resources are skipped by
 * their checksums, equal pages by their ids. Throws snapshot.path-not-found when neither snapshot has the path.
 */
export async function diffSnapshots(
  repository: Repository,
  before: SnapshotReader,
  after: SnapshotReader,
  path: string,
): Promise<DiffReport> {
  const [old, now] = [await scopeIn(before, path), await scopeIn(after, path)];
  if (!old && !now)
    throw new HoldfastError('snapshot.path-not-found', `neither snapshot holds ${path}`, { resource: path });
  const only = old?.only ?? now?.only;
  const resources: DiffReport['resources'][number][] = [];
  for (const [was, is] of pairs(old?.records ?? [], now?.records ?? [])) {
    const record = is ?? was;
    if (!record || (was && is && was.checksum === is.checksum)) continue;
    const resource = resourceKey(record.ref);
    if (!was || !is)
      resources.push({ resource, change: was ? 'removed' : 'added', entries: [], total: record.entries });
    else {
      const changes = await changedEntries(repository, before, after, resource, only);
      if (changes.total > 0) resources.push({ resource, change: 'changed', ...changes });
    }
  }
  return { schema: 1, before: before.info.id, after: after.info.id, resources };
}

async function scopeIn(reader: SnapshotReader, path: string) {
  try {
    return await findScope(reader, { path });
  } catch (error) {
    const empty = error instanceof HoldfastError && /^snapshot\.(path-not-found|nothing-selected)$/.test(error.code);
    if (!empty) throw error;
    return path === '' ? { records: [] } : undefined;
  }
}

/** Both lists are in the order of their keys. */
function* pairs(
  before: readonly ResourceRecord[],
  after: readonly ResourceRecord[],
): Generator<readonly [ResourceRecord | undefined, ResourceRecord | undefined]> {
  let b = 0;
  let a = 0;
  while (b < before.length || a < after.length) {
    const [was, is] = [before[b], after[a]];
    const order = !was ? 1 : !is ? -1 : compareBytes(utf8(resourceKey(was.ref)), utf8(resourceKey(is.ref)));
    if (order <= 0) b++;
    if (order >= 0) a++;
    yield [order <= 0 ? was : undefined, order >= 0 ? is : undefined];
  }
}

async function changedEntries(
  repository: Repository,
  before: SnapshotReader,
  after: SnapshotReader,
  key: string,
  only: EntryScope | undefined,
) {
  const entries: { path: string; change: 'added' | 'removed' | 'changed' }[] = [];
  let total = 0;
  const [was, is] = [await before.resource(key), await after.resource(key)];
  if (!was || !is)
    throw new HoldfastError('repository.corrupt', `a snapshot lists ${key} but does not hold it`, { resource: key });
  for await (const { collection, key: entry, change } of repository.diff(was, is)) {
    if (!inScope(only, collection, entry)) continue;
    total++;
    if (entries.length < mostEntries) entries.push({ path: showPlace({ collection, key: entry }), change });
  }
  return { entries, total };
}
