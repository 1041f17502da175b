import { HoldfastError, isCode } from '../../kernel/errors.ts';
import { asBuffer, hex } from '../../kernel/bytes.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import { decodeChunkGroup } from '../chunks/chunk-group.ts';
import { idAt } from '../chunks/grouper.ts';
import { chunkId, startChunkId, type IdKeys } from '../chunks/id.ts';
import type { OpenedBytes } from '../engine/messages.ts';
import type { PackKind } from '../format/header.ts';
import type { KnownPack, Location, LocationIndex } from '../index/locations.ts';
import type { Keyring } from '../keys/keyring.ts';
import { objectKey } from '../keys/object-key.ts';
import { openGroup } from '../keys/seal.ts';

/** Reads chunks, each checked against its id. Groups are kept open, the latest used ones up to a number of bytes. */
export interface ChunkReader {
  chunk(kind: PackKind, id: Uint8Array): Promise<Uint8Array>;
  /** Throws repository.corrupt where the index does not know the chunk. */
  locate(id: Uint8Array): Location;
  /** For the id of bytes that may be a chunk. */
  startId(kind: PackKind): ReturnType<typeof startChunkId>;
  /** Reads marks and index anew: a pruner may have moved what was not found. */
  refresh(): Promise<void>;
  /** Key that opens the groups of a pack. */
  keyOf(pack: Pick<KnownPack, 'salt' | 'epoch' | 'keyMode'>): ReturnType<typeof objectKey>;
}

interface OpenedGroup {
  readonly chunks: readonly Buffer[];
  /** Of the chunks, where another thread has computed them. */
  readonly ids?: Uint8Array;
  readonly bytes: number;
}

/** Opens a group in another thread. Throws as reading and opening it here does. */
export type OpenElsewhere = (location: Location, key: ReturnType<typeof objectKey>) => Promise<OpenedBytes>;

/** Whoever reads more groups of data than this is worth waking threads for. */
const openedHere = 16;

export interface ChunkReaderSettings {
  readonly store: ObjectStore;
  readonly keyring: Keyring;
  readonly ids: IdKeys;
  readonly index: LocationIndex;
  /** Bytes of opened groups to keep. */
  readonly cacheBytes: number;
  /** Absent: this thread opens all groups. */
  readonly openElsewhere?: OpenElsewhere;
  /** Reads marks and index anew where a chunk is not where it was. Absent: what is missing is missing. */
  readonly refresh?: () => Promise<void>;
}

export function createChunkReader(settings: ChunkReaderSettings): ChunkReader {
  const { store, keyring, ids, index } = settings;
  const opened = new Map<string, Promise<OpenedGroup>>();
  const sizes = new Map<string, number>();
  const keys = new Map<string, ReturnType<typeof objectKey>>();
  let held = 0;
  let dataOpened = 0;

  function keyOf(pack: Pick<KnownPack, 'salt' | 'epoch' | 'keyMode'>): ReturnType<typeof objectKey> {
    const name = `${pack.keyMode}/${pack.epoch}/${hex(pack.salt)}`;
    let key = keys.get(name);
    if (!key) {
      key = objectKey(keyring, { ...pack, type: 'pack' });
      keys.set(name, key);
    }
    return key;
  }
  function locate(id: Uint8Array): Location {
    const location = index.locate(id);
    if (!location) throw new HoldfastError('repository.corrupt', `no index names chunk ${hex(id).slice(0, 16)}`);
    return location;
  }
  async function openAt(location: Location): Promise<OpenedGroup> {
    const { pack, offset, length } = location;
    if (settings.openElsewhere && pack.kind === 'data' && ++dataOpened > openedHere) {
      const found = await settings.openElsewhere(location, keyOf(pack));
      return { chunks: decodeChunkGroup(found.plain, pack.key), ids: found.ids, bytes: found.plain.length };
    }
    const bytes = await store.get(pack.key, { offset, length });
    const { plain } = openGroup({ key: keyOf(pack), repository: keyring.repository, kind: pack.kind }, bytes, pack.key);
    return { chunks: decodeChunkGroup(plain, pack.key), bytes: plain.length };
  }
  function group(location: Location): Promise<OpenedGroup> {
    const name = `${location.pack.key}@${location.offset}`;
    const known = opened.get(name);
    if (known) {
      // Moved to the end: a Map keeps the order of insertion, so its first entry is the one unused for longest.
      opened.delete(name);
      opened.set(name, known);
      return known;
    }
    const opening = openAt(location);
    opened.set(name, opening);
    opening.then(
      ({ bytes }) => {
        // Let go of while it was being read: it takes no room in the cache.
        if (opened.get(name) !== opening) return;
        sizes.set(name, bytes);
        held += bytes;
        for (const oldest of opened.keys()) {
          if (held <= settings.cacheBytes || oldest === name) break;
          opened.delete(oldest);
          held -= sizes.get(oldest) ?? 0;
          sizes.delete(oldest);
        }
      },
      () => {
        if (opened.get(name) === opening) opened.delete(name);
      },
    );
    return opening;
  }
  async function chunkAt(kind: PackKind, id: Uint8Array, location: Location): Promise<Uint8Array> {
    const { chunks, ids: known } = await group(location);
    const bytes = chunks[location.place];
    const idOf = (chunk: Uint8Array): Buffer =>
      known ? asBuffer(idAt(known, location.place)) : chunkId(ids, kind, chunk);
    if (!bytes || kind !== location.pack.kind || !idOf(bytes).equals(id)) {
      throw new HoldfastError('repository.corrupt', `${location.pack.key} holds other bytes than its index says`, {
        resource: location.pack.key,
      });
    }
    return bytes;
  }
  async function refresh(): Promise<void> {
    await settings.refresh?.();
  }
  /** The chunk from where it lies now; undefined where that is no other place than before. */
  async function chunkMoved(
    kind: PackKind,
    id: Uint8Array,
    before: Location | undefined,
  ): Promise<Uint8Array | undefined> {
    await refresh();
    const now = index.locate(id);
    return now && now.number !== before?.number ? await chunkAt(kind, id, now) : undefined;
  }
  return {
    locate,
    keyOf,
    startId: (kind) => startChunkId(ids, kind),
    refresh,
    async chunk(kind, id) {
      const location = index.locate(id);
      try {
        return await chunkAt(kind, id, location ?? locate(id));
      } catch (error) {
        if (!isCode(error, 'repository.corrupt', 'storage.not-found', 'storage.truncated')) throw error;
        const moved = await chunkMoved(kind, id, location);
        if (moved) return moved;
        throw error;
      }
    },
  };
}
