import { createSecretKey, type KeyObject } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { HoldfastError, asHoldfastError } from '../../kernel/errors.ts';
import { chunkId, type IdKeys } from '../chunks/id.ts';
import { decodeChunkGroup } from '../chunks/chunk-group.ts';
import { openGroup } from '../keys/seal.ts';
import type { ExtractChunk, ExtractGroup, ExtractPart, StoredItem, ToWorker } from './messages.ts';
import { writePart, type PartPiece } from './write-part.ts';

type ExtractJob = Extract<ToWorker, { type: 'extract' }>;

// Neighbouring jobs share a group at their border; a few are kept open.
const groupsKept = 8;

/** Opens groups, checks each chunk against its id, and writes file parts. One result per part. */
export function createExtractor(
  ids: IdKeys,
  repository: Uint8Array,
  produced: (bytes: number) => void,
): (job: ExtractJob) => readonly StoredItem[] {
  const opened = new Map<string, Buffer[]>();
  const keys = new Map<string, KeyObject>();

  function keyOf(bytes: Uint8Array): KeyObject {
    const name = Buffer.from(bytes).toString('latin1');
    const known = keys.get(name);
    if (known) return known;
    const key = createSecretKey(bytes);
    keys.set(name, key);
    return key;
  }
  function chunksOf(group: ExtractGroup, key: KeyObject): Buffer[] {
    const name = `${group.pack}@${group.offset}`;
    const known = opened.get(name);
    if (known) return known;
    const bytes = group.bytes ?? readRange(group);
    const { plain } = openGroup({ key, repository, kind: group.kind }, bytes, group.pack);
    const chunks = decodeChunkGroup(plain, group.pack);
    produced(group.length * 2 + plain.length);
    opened.set(name, chunks);
    if (opened.size > groupsKept) opened.delete(opened.keys().next().value as string);
    return chunks;
  }
  function pieceOf(job: ExtractJob, chunk: ExtractChunk): PartPiece {
    const group = job.groups[chunk.group] as ExtractGroup;
    const bytes = chunksOf(group, keyOf(job.keys[chunk.group] as Uint8Array))[chunk.place];
    if (!bytes || !chunkId(ids, group.kind, bytes).equals(chunk.id)) {
      throw new HoldfastError('repository.corrupt', `${group.pack} holds other bytes than its index says`, {
        resource: group.pack,
      });
    }
    return { offset: chunk.offset, bytes };
  }
  return (job) =>
    job.parts.map((part: ExtractPart) => {
      try {
        return {
          size: writePart(
            part,
            (function* pieces() {
              for (const chunk of part.chunks) yield pieceOf(job, chunk);
            })(),
          ),
        };
      } catch (error) {
        const { code, message, hint } = asHoldfastError(error);
        return { size: 0, error: { code, message, hint } };
      }
    });
}

function readRange(group: ExtractGroup): Buffer {
  const bytes = Buffer.allocUnsafeSlow(group.length);
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
