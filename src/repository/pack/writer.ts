import { createHash, type KeyObject } from 'node:crypto';
import { createLimiter } from '../../kernel/concurrency.ts';
import { hex } from '../../kernel/bytes.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import type { SealedGroup } from '../chunks/grouper.ts';
import { putOptions, type WritePolicy } from '../format/document.ts';
import { encodeHeader, headerLength, type ObjectHeader, type PackKind } from '../format/header.ts';
import { encodePackRecords, type GroupRecord, type PackRecord } from '../format/pack-directory.ts';
import { sealGroup } from '../keys/seal.ts';

/** `data/ab/abcd…`: the kind in front, so that a storage class or lifecycle can be chosen by prefix. */
export function packKey(kind: PackKind, id: Uint8Array): string {
  const name = hex(id);
  return `${kind === 'data' ? 'data' : 'meta'}/${name.slice(0, 2)}/${name}`;
}

/** Bytes at a pack's very end: length of the directory group, and a magic. */
export const trailerLength = 8;
export const trailerMagic = Buffer.from('HFND');

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
  /** Told of each pack once the store has it. */
  readonly stored: (pack: PackRecord) => void;
}

/** Collects sealed groups into packs and stores them, two at a time. */
export interface PackWriter {
  /** Resolves when there is room for more. The first error of a store surfaces here or in flush, and stays. */
  add(group: SealedGroup): Promise<void>;
  /** Stores the packs begun. Afterwards everything added is durable. */
  flush(): Promise<void>;
  readonly bytesStored: number;
}

interface Open {
  parts: Uint8Array[];
  size: number;
  groups: GroupRecord[];
}

// Nonce writer numbers from here up belong to pack directories, below to groupers.
const directoryWriter = 0x80000000;

export function createPackWriter(settings: PackWriterSettings): PackWriter {
  const open: Record<PackKind, Open> = { data: emptyPack(), metadata: emptyPack() };
  const limiter = createLimiter(2);
  const running = new Set<Promise<void>>();
  let failed: { error: unknown } | undefined;
  let directories = 0;
  let bytesStored = 0;

  function close(kind: PackKind): void {
    const pack = open[kind];
    if (pack.groups.length === 0) return;
    open[kind] = emptyPack();
    const work = limiter
      .run(() => storePack(kind, pack))
      .catch((error: unknown) => {
        failed ??= { error };
      });
    const tracked: Promise<void> = work.finally(() => running.delete(tracked));
    running.add(tracked);
  }
  function throwIfFailed(): void {
    if (failed) throw failed.error;
  }
  async function storePack(kind: PackKind, pack: Open): Promise<void> {
    if (failed) return;
    const policy = settings.policy();
    const header = encodeHeader({ ...settings.header, ...policy, type: 'pack', kind });
    const nonce = Buffer.alloc(12);
    nonce.writeUInt32BE(directoryWriter, 0);
    nonce.writeBigUInt64BE(BigInt(directories++), 4);
    const { salt, epoch, keyMode } = settings.header;
    const { writer } = settings;
    const where = { salt, epoch, keyMode, ...(writer ? { writer } : {}) };
    const record: PackRecord = { id: new Uint8Array(0), kind, size: 0, ...where, groups: pack.groups };
    const context = { key: settings.key, repository: settings.repository, kind, objectHeader: header };
    const directory = sealGroup(context, 'directory', encodePackRecords([record]), nonce, 1);
    const trailer = Buffer.alloc(trailerLength);
    trailer.writeUInt32LE(directory.length, 0);
    trailerMagic.copy(trailer, 4);
    const parts = [header, ...pack.parts, directory, trailer];
    const digest = createHash('sha256');
    let size = 0;
    for (const part of parts) {
      digest.update(part);
      size += part.length;
    }
    const id = digest.digest();
    await settings.store.put(packKey(kind, id), parts, { ifAbsent: true, ...putOptions(policy, kind) });
    bytesStored += size;
    settings.stored({ ...record, id, size });
  }
  return {
    async add(group) {
      throwIfFailed();
      const pack = open[group.kind];
      pack.groups.push({ offset: pack.size, length: group.length, chunkCount: group.chunkCount, ids: group.ids });
      pack.parts.push(...group.parts);
      pack.size += group.length;
      if (pack.size >= settings.target) close(group.kind);
      while (running.size > 2) await Promise.race(running);
      throwIfFailed();
    },
    async flush() {
      close('data');
      close('metadata');
      await Promise.all(running);
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
