import { createChunkTable } from '../index/chunk-table.ts';
import { createLocationIndex } from '../index/locations.ts';
import { refreshLocations } from '../index/objects.ts';
import { createMarkBook } from '../marks/read.ts';
import { salvagePacks } from '../pack/directory.ts';
import { createChunkReader } from '../read/chunk-reader.ts';
import type { RepositoryState } from '../state.ts';

const cacheBytes = 16 * 1024 * 1024;

/**
 * The repository with an index read anew, as somebody sees it who opens it now: the one that is open knows packs, too,
 * that a pruner has removed since.
 */
export async function freshView(state: RepositoryState): Promise<RepositoryState> {
  const { store, keyring, ids } = state;
  const index = createLocationIndex(createChunkTable(), () => undefined, keyring.writer ? 'recipient' : 'epoch');
  const chunks = createChunkReader({ store, keyring, ids, index, cacheBytes });
  const view = {
    ...state,
    index,
    chunks,
    marks: createMarkBook(),
    indexesRead: new Set<string>(),
    indexesDamaged: new Map<string, string>(),
  };
  await refreshLocations(view);
  if (view.indexesDamaged.size === 0) return { ...view, salvaged: [] };
  const salvaged = await salvagePacks(store, keyring, index.hasPack);
  for (const pack of salvaged) index.add(pack);
  return { ...view, salvaged };
}

/** Whether index objects that the view was made from are gone: their packs may be gone with them. */
export async function isOutdated(view: RepositoryState): Promise<boolean> {
  const present = new Set<string>();
  for await (const { key } of view.store.list('index/')) present.add(key);
  for (const key of view.indexesRead) if (!present.has(key)) return true;
  return false;
}
