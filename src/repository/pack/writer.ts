import { createHash, type KeyObject } from 'node:crypto';
import { createLimiter } from '../../kernel/concurrency.ts';
import { hex } from '../../kernel/bytes.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import type { SealedGroup } from '../chunks/grouper.ts';
import { putOptions, type WritePolicy } from '../format/document.ts';
import { encodeHeader, headerLength, type ObjectHeader, type PackKind } from '../format/header.ts';
import { packOrigin, type GroupRecord, type PackOrigin, type PackRecord } from '../format/pack-directory.ts';
import type { StagedPack } from '../engine/messages.ts';
import { packEnd } from './end.ts';
import type { ParitySettings } from '../parity/layout.ts';
import { storeParity } from '../parity/objects.ts';

/** `data/ab/abcd…`: the kind in front, so that a storage class or lifecycle can be chosen by prefix. */
export function packKey(kind: PackKind, id: Uint8Array): string {
  const name = hex(id);
  return `${kind === 'data' ? 'data' : 'meta'}/${name.slice(0, 2)}/${name}`;
}

export interface PackWriterSettings {
  readonly store: ObjectStore;
  readonly key: KeyObject;
  readonly repository: Uint8Array;
  readonly header: Omit<ObjectHeader, 'type' | 'kind' | keyof WritePolicy>;
  /** Asked for each pack: a lock counts from when its pack is stored. */
  readonly policy: () => WritePolicy;
  /** Id of the writer that cannot read, where it is one. */
  readonly writer?: Uint8Array;
  /** A pack is closed when it reaches this many bytes. */
  readonly target: number;
  /** Makes a parity object beside each pack; absent: none. */
  readonly parity?: ParitySettings;
  /** Told of each pack once the store has it, and its parity. */
  readonly stored: (pack: PackRecord) => void;
}

/** Collects sealed groups into packs and stores them, two at a time. */
export interface PackWriter {
  /** Resolves when there is room for more. The first error of a store surfaces here or in flush, and stays. */
  add(group: SealedGroup): Promise<void>;
  /** Takes a pack that a worker wrote to a file. */
  addStaged(pack: StagedPack): void;
  /** Stores the packs begun. Afterwards everything added is durable. */
  flush(): Promise<void>;
  readonly bytesStored: number;
}

// Packs made durable at a time: one waits for the disk while another is handed to it.
const stagedAtOnce = 3;

interface Open {
  parts: Uint8Array[];
  size: number;
  groups: GroupRecord[];
}

export function createPackWriter(settings: PackWriterSettings): PackWriter {
  const open: Record<PackKind, Open> = { data: emptyPack(), metadata: emptyPack() };
  const limiter = createLimiter(2);
  const stagedLimiter = createLimiter(stagedAtOnce);
  const storing = new Set<Promise<void>>();
  // They take no memory: nobody waits for them before the flush.
  const storingStaged = new Set<Promise<void>>();
  let failed: { error: unknown } | undefined;
  let directories = 0;
  let bytesStored = 0;

  const origin: PackOrigin = packOrigin(settings.header, settings.writer);

  function close(kind: PackKind): void {
    const pack = open[kind];
    if (pack.groups.length === 0) return;
    open[kind] = emptyPack();
    track(
      storing,
      limiter.run(() => storePack(kind, pack)),
    );
  }
  function track(set: Set<Promise<void>>, storing: Promise<void>): void {
    const work = storing.catch((error: unknown) => {
      failed ??= { error };
    });
    const tracked: Promise<void> = work.finally(() => set.delete(tracked));
    set.add(tracked);
  }
  function throwIfFailed(): void {
    if (failed) throw failed.error;
  }
  async function storePack(kind: PackKind, pack: Open): Promise<void> {
    if (failed) return;
    const policy = settings.policy();
    const header = encodeHeader({ ...settings.header, ...policy, type: 'pack', kind });
    const record = { ...origin, kind, groups: pack.groups };
    const { key, repository } = settings;
    const end = packEnd({ key, repository, header, record, writer: 0, counter: directories++ });
    const parts = [header, ...pack.parts, ...end];
    const digest = createHash('sha256');
    let size = 0;
    for (const part of parts) {
      digest.update(part);
      size += part.length;
    }
    const id = digest.digest();
    await settings.store.put(packKey(kind, id), parts, { ifAbsent: true, ...putOptions(policy, kind) });
    bytesStored += size;
    await protect(packKey(kind, id), async () => parts);
    settings.stored({ ...record, id, size });
  }
  /** After the pack and before its index: what dies in between leaves a pack that nobody knows, with or without parity. */
  async function protect(key: string, parts: () => Promise<readonly Uint8Array[]>): Promise<void> {
    const { parity, policy, store } = settings;
    if (parity) bytesStored += await storeParity(store, key, await parts(), { settings: parity, policy: policy() });
  }
  async function placePack({ path, id, size, groups }: StagedPack): Promise<void> {
    if (failed) return;
    const key = packKey('data', id);
    await settings.store.capabilities.stage?.put(path, key, { ifAbsent: true });
    bytesStored += size;
    // A worker wrote it to a file: what the disk gives back is what is protected.
    await protect(key, async () => [await settings.store.get(key)]);
    settings.stored({ ...origin, kind: 'data', groups, id, size });
  }
  return {
    addStaged: (pack) =>
      track(
        storingStaged,
        stagedLimiter.run(() => placePack(pack)),
      ),
    async add(group) {
      throwIfFailed();
      const pack = open[group.kind];
      pack.groups.push({ offset: pack.size, length: group.length, chunkCount: group.chunkCount, ids: group.ids });
      pack.parts.push(...group.parts);
      pack.size += group.length;
      if (pack.size >= settings.target) close(group.kind);
      while (storing.size > 2) await Promise.race(storing);
      throwIfFailed();
    },
    async flush() {
      close('data');
      close('metadata');
      await Promise.all([...storing, ...storingStaged]);
      throwIfFailed();
    },
    get bytesStored() {
      return bytesStored;
    },
  };
}

function emptyPack(): Open {
  return { parts: [], size: headerLength, groups: [] };
}
