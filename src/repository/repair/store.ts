import { HoldfastError } from '../../kernel/errors.ts';
import { readPack } from '../check/read-packs.ts';
import { chunkId } from '../chunks/id.ts';
import type { PackKind } from '../format/header.ts';
import type { KnownPack } from '../index/locations.ts';
import { beginPacking } from '../session/packing.ts';
import type { RepositoryState } from '../state.ts';

/** Where a repair puts what it saves. In a dry run: nowhere. */
export interface RepairStore {
  store(kind: PackKind, bytes: Uint8Array): Uint8Array;
  breathe(): Promise<void> | undefined;
  /** Everything is in packs that were read back, and indexed, with the packs that had to be indexed again. */
  flush(): Promise<void>;
}

const memory = 64 * 1024 * 1024;

export async function createRepairStore(view: RepositoryState, dryRun: boolean): Promise<RepairStore> {
  if (dryRun)
    return {
      store: (kind, bytes) => chunkId(view.ids, kind, bytes),
      breathe: () => undefined,
      flush: async () => undefined,
    };
  const packing = await beginPacking(view, memory);
  const before = new Set<KnownPack>(view.index.packs());
  return {
    store: (kind, bytes) => (kind === 'data' ? packing.storeData(bytes) : packing.storeMetadata(bytes)),
    breathe: () => packing.room(false),
    async flush() {
      await packing.flush();
      for (const pack of view.index.packs()) {
        if (before.has(pack)) continue;
        const { verdict } = await readPack(view, pack);
        if (verdict.problem !== undefined)
          throw new HoldfastError('repository.corrupt', `${pack.key} is not what was stored: ${verdict.problem}`, {
            resource: pack.key,
          });
        before.add(pack);
      }
    },
  };
}
