import { createChunkTable } from '../index/chunk-table.ts';
import { createLocationIndex, type Location } from '../index/locations.ts';
import type { PackRecord } from '../format/pack-directory.ts';
import { salvagePacks } from '../pack/directory.ts';
import { packKey } from '../pack/writer.ts';
import { createChunkReader, type ChunkReader } from '../read/chunk-reader.ts';
import type { RepositoryState } from '../state.ts';

/** Packs that no index object names, read by their own directories. */
export interface Orphans {
  locate(id: Uint8Array): Location | undefined;
  readonly chunks: ChunkReader;
  /** By the pack's key. */
  readonly records: ReadonlyMap<string, PackRecord>;
}

const cacheBytes = 4 * 1024 * 1024;

/** Reads the directories of all packs the view's index does not know. Damaged ones are left out. */
export async function readOrphans({ store, keyring, ids, index: known }: RepositoryState): Promise<Orphans> {
  const index = createLocationIndex(createChunkTable(), () => undefined);
  const records = new Map<string, PackRecord>();
  for (const record of await salvagePacks(store, keyring, known.hasPack)) {
    index.add(record);
    records.set(packKey(record.kind, record.id), record);
  }
  const chunks = createChunkReader({ store, keyring, ids, index, cacheBytes });
  return { locate: (id) => index.locate(id), chunks, records };
}
