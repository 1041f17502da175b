import type { KeyObject } from 'node:crypto';
import { HoldfastError } from '../../kernel/errors.ts';
import { asBuffer } from '../../kernel/bytes.ts';
import type { PackKind } from '../format/header.ts';
import type { ChunkTable } from '../index/chunk-table.ts';
import { openParts, sealParts, type SealContext, type SealedParts } from '../keys/seal.ts';
import { encodeChunkLengths } from './chunk-group.ts';
import { chunkId, idLength, type IdKeys } from './id.ts';

/** A sealed group of new chunks on its way into a pack. */
export interface SealedGroup {
  readonly kind: PackKind;
  /** Header, ciphertext and tag, one after another. The ciphertext owns its memory and may be transferred. */
  readonly parts: readonly Uint8Array[];
  /** Bytes of the parts together. */
  readonly length: number;
  readonly ids: Uint8Array;
  readonly chunkCount: number;
}

export interface GrouperSettings {
  readonly ids: IdKeys;
  readonly packKey: KeyObject;
  readonly repository: Uint8Array;
  readonly table: ChunkTable;
  /** Number of this writer within its session: the first 4 bytes of every nonce. */
  readonly writer: number;
  readonly level: number;
  readonly emit: (group: SealedGroup) => void;
  /** Told of the bytes of buffers that were made and let go. */
  readonly produced?: (bytes: number) => void;
}

/**
 * Takes chunks, keeps the new ones, and seals them in groups of about 256 KiB: one compression and one encryption for
 * dozens of small files. One grouper per thread; its counter is the nonce, so a salt is never used with two of one number.
 */
export interface Grouper {
  /** The chunk's id; the bytes are copied when they are new. */
  store(kind: PackKind, bytes: Uint8Array): Buffer;
  /** Seals what is pending. */
  flush(): void;
  /** Chunks kept so far, because they were new. */
  readonly kept: number;
}

const groupTarget = 256 * 1024;

interface Pending {
  readonly buffer: Buffer;
  used: number;
  lengths: number[];
  ids: Buffer[];
}

export function createGrouper(settings: GrouperSettings): Grouper {
  const pending: Record<PackKind, Pending> = { data: emptyPending(), metadata: emptyPending() };
  let scratch = Buffer.alloc(0);
  let counter = 0;
  let kept = 0;

  function nextNonce(): Buffer {
    const nonce = Buffer.alloc(12);
    nonce.writeUInt32BE(settings.writer, 0);
    nonce.writeBigUInt64BE(BigInt(counter++), 4);
    return nonce;
  }
  function seal(kind: PackKind, lengths: readonly number[], data: Uint8Array, ids: readonly Buffer[]): void {
    const context: SealContext = { key: settings.packKey, repository: settings.repository, kind };
    const head = encodeChunkLengths(lengths);
    const plain = layOut(head, data);
    const sealed = sealParts(context, 'chunks', plain, nextNonce(), settings.level);
    checkSealed(context, sealed, head, data);
    const parts = [sealed.header, sealed.sealed, sealed.tag];
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    settings.produced?.(length * 2);
    settings.emit({ kind, parts, length, ids: Uint8Array.from(Buffer.concat(ids)), chunkCount: ids.length });
  }
  // One buffer for all groups: a fresh one of a megabyte costs more in page faults than the copy into it.
  function layOut(head: Uint8Array, data: Uint8Array): Buffer {
    const size = head.length + data.length;
    if (scratch.length < size) scratch = Buffer.allocUnsafeSlow(size + groupTarget);
    scratch.set(head, 0);
    scratch.set(data, head.length);
    return scratch.subarray(0, size);
  }
  // Bad memory and processors exist: what was sealed is opened again before it may leave this machine, and must be the bytes
  // that were identified, not the copy that was laid out.
  function checkSealed(context: SealContext, sealed: SealedParts, head: Uint8Array, data: Uint8Array): void {
    const opened = asBuffer(openParts(context, sealed, 'a group about to be stored'));
    if (opened.subarray(0, head.length).equals(head) && opened.subarray(head.length).equals(data)) return;
    throw new HoldfastError('repository.corrupt', 'a chunk changed in memory before it was stored', {
      hint: 'The memory or processor of this machine is faulty. Nothing wrong was stored; test the memory.',
    });
  }
  function flushKind(kind: PackKind): void {
    const held = pending[kind];
    if (held.lengths.length === 0) return;
    const { lengths, ids, used } = held;
    held.lengths = [];
    held.ids = [];
    held.used = 0;
    seal(kind, lengths, held.buffer.subarray(0, used), ids);
  }
  return {
    store(kind, bytes) {
      const id = chunkId(settings.ids, kind, bytes);
      if (!settings.table.claim(id)) return id;
      kept++;
      if (bytes.length >= groupTarget) {
        seal(kind, [bytes.length], bytes, [id]);
        return id;
      }
      const held = pending[kind];
      if (held.used + bytes.length > groupTarget) flushKind(kind);
      asBuffer(bytes).copy(held.buffer, held.used);
      held.used += bytes.length;
      held.lengths.push(bytes.length);
      held.ids.push(id);
      return id;
    },
    flush() {
      flushKind('data');
      flushKind('metadata');
    },
    get kept() {
      return kept;
    },
  };
}

function emptyPending(): Pending {
  return { buffer: Buffer.allocUnsafeSlow(groupTarget), used: 0, lengths: [], ids: [] };
}

/** Bytes of ids per chunk, for callers that split `SealedGroup.ids`. */
export function idAt(ids: Uint8Array, place: number): Uint8Array {
  return ids.subarray(place * idLength, (place + 1) * idLength);
}
