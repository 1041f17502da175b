import type { KeyObject } from 'node:crypto';
import { encodePackRecords, type PackRecord } from '../format/pack-directory.ts';
import { sealGroup } from '../keys/seal.ts';

/** Bytes at a pack's very end: length of the directory group, and a magic. */
export const trailerLength = 8;
export const trailerMagic = Buffer.from('HFND');

export interface PackEnd {
  readonly key: KeyObject;
  readonly repository: Uint8Array;
  /** The pack's header, as it stands at its beginning. */
  readonly header: Uint8Array;
  readonly record: Omit<PackRecord, 'id' | 'size'>;
  /** The thread that makes the pack, and how many it made before: never twice the same under one key. */
  readonly writer: number;
  readonly counter: number;
}

// Nonce writer numbers from here up belong to pack directories, below to groupers.
const directoryWriter = 0x80000000;

/** What follows the groups of a pack: its directory and the trailer. */
export function packEnd({ key, repository, header, record, writer, counter }: PackEnd): readonly [Buffer, Buffer] {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(directoryWriter + writer, 0);
  nonce.writeBigUInt64BE(BigInt(counter), 4);
  const plain = encodePackRecords([{ ...record, id: new Uint8Array(0), size: 0 }]);
  const directory = sealGroup(
    { key, repository, kind: record.kind, objectHeader: header },
    'directory',
    plain,
    nonce,
    1,
  );
  const trailer = Buffer.alloc(trailerLength);
  trailer.writeUInt32LE(directory.length, 0);
  trailerMagic.copy(trailer, 4);
  return [directory, trailer];
}
