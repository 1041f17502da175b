import type { SnapshotInfo } from '../contract.ts';
import { deleteSnapshots } from '../retention/delete.ts';
import { readSnapshots, type StoredSnapshot } from '../snapshots.ts';
import type { RepositoryState } from '../state.ts';

/**
 * Of all versions of one snapshot leaves the one that is settled furthest; of equals the later one. The order is total and
 * the same for everybody: of several that do this at once none deletes what another one leaves. Returns the one that stands.
 * What a lock keeps stays, and is told as a notice.
 */
export async function withdrawSettled(state: RepositoryState, settled: SnapshotInfo): Promise<SnapshotInfo> {
  const origin = settled.settles ?? settled.id;
  const { read } = await readSnapshots(state.store, state.keyring);
  const versions = read.filter(({ document: { info } }) => info.id === origin || info.settles === origin);
  const [best, ...others] = versions.sort(furthestFirst);
  if (!best || others.length === 0) return best?.document.info ?? settled;
  const { info } = best.document;
  const ids = others.map(({ document }) => document.info.id);
  const { refused } = await deleteSnapshots(state, ids, { because: `settled by ${info.id}` });
  for (const { id, error } of refused) {
    const message = `snapshot ${id} stays beside ${info.id}, which settles it: ${error.message}`;
    state.events({ type: 'notice', level: 'warning', message });
  }
  return info;
}

function furthestFirst({ document: a }: StoredSnapshot, { document: b }: StoredSnapshot): number {
  const pending = (a.info.pendingPoints ?? 0) - (b.info.pendingPoints ?? 0);
  return pending || b.generation - a.generation || (a.info.id < b.info.id ? -1 : 1);
}
