import { createSecretKey, type KeyObject } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { HoldfastError, asHoldfastError } from '../../kernel/errors.ts';
import { chunkId, type IdKeys } from '../chunks/id.ts';
import { decodeChunkGroup } from '../chunks/chunk-group.ts';
import { openGroup } from '../keys/seal.ts';
import type { ExtractChunk, ExtractGroup, StoredItem, ToWorker } from './messages.ts';
import { unpackParts } from './packed-parts.ts';
import { writePart, type PartPiece } from './write-part.ts';

type ExtractJob = Extract<ToWorker, { type: 'extract' }>;

// Neighbouring jobs share a group at their border; a few are kept open.
const groupsKept = 4;
const memoryStep = 1024 * 1024;

interface OpenedGroup {
  readonly chunks: readonly Buffer[];
  /** What the chunks lie in, where it is this module's own. */
  readonly memory: Uint8Array | undefined;
}

/** Opens groups, checks each chunk against its id, and writes file parts. One result per part. */
export function createExtractor(
  ids: IdKeys,
  repository: Uint8Array,
  produced: (bytes: number) => void,
): (job: ExtractJob) => readonly StoredItem[] {
  const opened = new Map<string, OpenedGroup>();
  let spare: Uint8Array | undefined;
  let sealed = Buffer.alloc(0);
  const keys = new Map<string, KeyObject>();
  // Most chunks lie in the same group as the one before.
  let last: { readonly group: ExtractGroup; readonly chunks: readonly Buffer[] } | undefined;

  function keyOf(bytes: Uint8Array): KeyObject {
    const name = Buffer.from(bytes).toString('latin1');
    const known = keys.get(name);
    if (known) return known;
    const key = createSecretKey(bytes);
    keys.set(name, key);
    return key;
  }
  function chunksOf(job: ExtractJob, number: number): readonly Buffer[] {
    const group = job.groups[number] as ExtractGroup;
    if (last?.group === group) return last.chunks;
    // Opening another one may take its memory, also where it fails.
    last = undefined;
    const chunks = open(group, job.keys[number] as Uint8Array);
    last = { group, chunks };
    return chunks;
  }
  function open(group: ExtractGroup, keyBytes: Uint8Array): readonly Buffer[] {
    const name = `${group.pack}@${group.offset}`;
    const known = opened.get(name);
    if (known) return known.chunks;
    // Before the new one is opened: its memory is used again.
    if (opened.size >= groupsKept) dropOldest();
    if (!group.bytes && sealed.length < group.length) sealed = Buffer.allocUnsafeSlow(group.length * 2);
    const bytes = group.bytes ?? readRange(group, sealed);
    let memory: Uint8Array | undefined;
    const { plain } = openGroup({ key: keyOf(keyBytes), repository, kind: group.kind }, bytes, group.pack, (lent) => {
      if (!spare || spare.length < lent.length) {
        // Rounded up, so that it serves most groups that come later.
        spare = new Uint8Array(Math.ceil(lent.length / memoryStep) * memoryStep);
        produced(spare.length);
      }
      memory = spare;
      spare = undefined;
      memory.set(lent);
      return memory.subarray(0, lent.length);
    });
    const chunks = decodeChunkGroup(plain, group.pack);
    produced(group.length);
    opened.set(name, { chunks, memory });
    return chunks;
  }
  function dropOldest(): void {
    for (const [name, { memory }] of opened) {
      opened.delete(name);
      spare = memory;
      return;
    }
  }
  function pieceOf(job: ExtractJob, chunk: ExtractChunk): PartPiece {
    const group = job.groups[chunk.group] as ExtractGroup;
    const bytes = chunksOf(job, chunk.group)[chunk.place];
    if (!bytes || !chunkId(ids, group.kind, bytes).equals(chunk.id)) {
      throw new HoldfastError('repository.corrupt', `${group.pack} holds other bytes than its index says`, {
        resource: group.pack,
      });
    }
    return { offset: chunk.offset, bytes };
  }
  function* piecesOf(job: ExtractJob, chunks: readonly ExtractChunk[]): Generator<PartPiece> {
    for (const chunk of chunks) yield pieceOf(job, chunk);
  }
  return (job) => {
    const items: StoredItem[] = [];
    for (const part of unpackParts(job.parts)) {
      try {
        items.push({ size: writePart(part, piecesOf(job, part.chunks)) });
      } catch (error) {
        const { code, message, hint } = asHoldfastError(error);
        items.push({ size: 0, error: { code, message, hint } });
      }
    }
    last = undefined;
    return items;
  };
}

/** The sealed group, from the file of its pack into `into`. Throws repository.corrupt where it is not there. */
export function readRange(group: ExtractGroup, into: Buffer): Buffer {
  const bytes = into.subarray(0, group.length);
  const fd = openPack(group);
  try {
    let got = 0;
    while (got < group.length) {
      const read = readSync(fd, bytes, got, group.length - got, group.offset + got);
      if (read === 0)
        throw new HoldfastError('repository.corrupt', `${group.pack} ends before ${group.offset + group.length}`, {
          resource: group.pack,
        });
      got += read;
    }
  } catch (error) {
    throw packError(error, group);
  } finally {
    closeSync(fd);
  }
  return bytes;
}

function openPack(group: ExtractGroup): number {
  try {
    return openSync(group.packPath as string, 'r');
  } catch (error) {
    throw packError(error, group);
  }
}

function packError(error: unknown, { pack }: ExtractGroup): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const errno = (error as NodeJS.ErrnoException).code ?? '';
  if (errno === 'ENOENT' || errno === 'ENOTDIR')
    return new HoldfastError('repository.corrupt', `${pack} is missing from the store`, {
      resource: pack,
      cause: error,
    });
  const code = errno === 'EACCES' || errno === 'EPERM' ? 'storage.denied' : 'storage.unavailable';
  return new HoldfastError(code, `${pack} could not be read (${errno})`, { resource: pack, cause: error });
}
