import { createCollector } from '../engine/collect.ts';
import type { SealedGroup } from '../chunks/grouper.ts';
import { createGrouper } from '../chunks/grouper.ts';
import { plainPolicy, type WritePolicy } from '../format/document.ts';
import { encodeHeader, type ObjectHeader, type PackKind } from '../format/header.ts';
import { packOrigin, type PackRecord } from '../format/pack-directory.ts';
import type { StagedPacksSetup } from '../engine/messages.ts';
import { writeIndex } from '../index/objects.ts';
import { newObjectKey } from '../keys/object-key.ts';
import { shareOf } from '../memory.ts';
import { createPackWriter } from '../pack/writer.ts';
import type { RepositoryState } from '../state.ts';

/** Brings the groups of all threads into packs, and the packs into index objects. */
export interface Packing {
  /** Stores a metadata chunk made in this thread; returns its id at once. */
  storeMetadata(bytes: Uint8Array): Uint8Array;
  /** The same with a data chunk. */
  storeData(bytes: Uint8Array): Uint8Array;
  /** Undefined when there is room; otherwise resolves when there is. */
  room(loaded: boolean): Promise<void> | undefined;
  /** Everything handed in so far is durable and indexed afterwards. After an error it may be called again. */
  flush(): Promise<void>;
  readonly bytesStored: number;
}

// What listing, requesting and encoding one entry leaves behind, roughly: V8 would let it pile up.
const garbagePerEntry = 1536;
// An SDK's request and answer.
const garbagePerLoad = 32 * 1024;

export async function beginPacking(state: RepositoryState, memory: number): Promise<Packing> {
  const { keyring, configuration, index, pool, runtime } = state;
  const { fields, key } = newObjectKey(keyring, 'pack', runtime);
  const header = { ...fields, createdAt: runtime.clock.now() };
  // Packs that only a damaged index names get a new one with the first flush.
  let unindexed: PackRecord[] = [...state.salvaged];
  let indexBytes = 0;
  let queued = 0;
  let adding: Promise<void> = Promise.resolve();
  let failed: { error: unknown } | undefined;
  const packs = createPackWriter({
    store: state.store,
    key,
    header,
    policy: state.policy,
    ...(keyring.writer ? { writer: keyring.writer.id } : {}),
    repository: keyring.repository,
    target: configuration.packTarget,
    ...(state.parity ? { parity: state.parity } : {}),
    stored: (pack) => {
      index.add(pack);
      unindexed.push(pack);
    },
  });
  const collector = createCollector(32 * 1024 * 1024);
  function emit(group: SealedGroup): void {
    index.reserve(group.chunkCount);
    queued += group.length;
    adding = adding.then(async () => {
      try {
        if (!failed) await packs.add(group);
      } catch (error) {
        failed ??= { error };
      } finally {
        queued -= group.length;
      }
    });
  }
  const grouper = createGrouper({
    ids: state.ids,
    packKey: key,
    repository: keyring.repository,
    table: index.table,
    writer: 0,
    level: configuration.compressionLevel,
    emit,
    produced: collector.produced,
  });
  const staged = await stagedPacks(state, header);
  pool.beginSession({
    packKey: key.export(),
    staged,
    onGroup: (group) => {
      index.reserve(group.chunkCount);
      collector.produced(group.length);
      return packs.add(group);
    },
    onPack: (pack) => packs.addStaged(pack),
    onClaimed: (chunks) => index.reserve(chunks),
    onClose: async () => {
      if (staged) await state.store.capabilities.stage?.discard(staged.prefix);
    },
  });

  function store(kind: PackKind, bytes: Uint8Array): Uint8Array {
    try {
      return grouper.store(kind, bytes);
    } catch (error) {
      // Chunks claimed in the table may be lost with it: nothing of this session may be committed any more.
      failed ??= { error };
      throw error;
    }
  }
  return {
    storeMetadata: (bytes) => store('metadata', bytes),
    storeData: (bytes) => store('data', bytes),
    room(loaded) {
      collector.produced(loaded ? garbagePerLoad : garbagePerEntry);
      if (failed) throw failed.error;
      return queued > shareOf(memory) ? adding : undefined;
    },
    async flush() {
      await pool.flush();
      grouper.flush();
      await adding;
      if (failed) throw failed.error;
      await packs.flush();
      const packed = unindexed;
      unindexed = [];
      try {
        indexBytes += await writeIndex(state, runtime, packed, state.policy());
      } catch (error) {
        // They are in the store: whoever flushes again must name them.
        unindexed = [...packed, ...unindexed];
        throw error;
      }
    },
    get bytesStored() {
      return packs.bytesStored + indexBytes;
    },
  };
}

/** Where the store lets workers write packs themselves. Such stores know no locks and no classes, so one header serves all. */
async function stagedPacks(
  state: RepositoryState,
  header: Omit<ObjectHeader, 'type' | 'kind' | keyof WritePolicy>,
): Promise<StagedPacksSetup | undefined> {
  const { stage } = state.store.capabilities;
  const policy = state.policy();
  if (!stage || policy.retention !== 'none') return undefined;
  return {
    prefix: await stage.prepare(),
    header: encodeHeader({ ...plainPolicy, ...header, type: 'pack', kind: 'data' }),
    origin: packOrigin(header, state.keyring.writer?.id),
    target: state.configuration.packTarget,
  };
}
