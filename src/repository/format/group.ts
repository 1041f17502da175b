import { HoldfastError } from '../../kernel/errors.ts';
import { asBuffer } from '../../kernel/bytes.ts';

export const groupHeaderLength = 32;
export const tagLength = 16;

/** What a group holds. Numbers are forever. */
const groupTypes = { chunks: 0, directory: 1, document: 2 } as const;
export type GroupType = keyof typeof groupTypes;

const compressions = { none: 0, zstd: 1 } as const;
export type Compression = keyof typeof compressions;

/** The 32 bytes in front of each sealed group (docs/format.md, "Group"). Self-describing, so that salvage needs no index. */
export interface GroupHeader {
  readonly type: GroupType;
  readonly compression: Compression;
  /** Length after decryption and decompression. */
  readonly plainLength: number;
  /** Length after decryption, before decompression. */
  readonly packedLength: number;
  /** Writer (4 bytes) and counter (8 bytes): never twice under one salt. */
  readonly nonce: Uint8Array;
}

const magic = Buffer.from('HGRP');

export function encodeGroupHeader(header: GroupHeader): Buffer {
  const bytes = Buffer.alloc(groupHeaderLength);
  magic.copy(bytes, 0);
  bytes[4] = groupTypes[header.type];
  bytes[5] = compressions[header.compression];
  bytes.writeUInt32LE(header.plainLength, 8);
  bytes.writeUInt32LE(header.packedLength, 12);
  asBuffer(header.nonce).copy(bytes, 16);
  return bytes;
}

/** Bytes the group takes in its object. */
export function sealedLength(header: GroupHeader): number {
  return groupHeaderLength + header.packedLength + tagLength;
}

export function decodeGroupHeader(source: Uint8Array, where: string): GroupHeader {
  const bytes = asBuffer(source);
  if (bytes.length < groupHeaderLength || !bytes.subarray(0, 4).equals(magic))
    throw corrupt(where, 'no group begins here');
  const type = (Object.keys(groupTypes) as GroupType[]).find((name) => groupTypes[name] === bytes[4]);
  const compression = (Object.keys(compressions) as Compression[]).find((name) => compressions[name] === bytes[5]);
  if (type === undefined || compression === undefined) throw corrupt(where, 'a group of unknown type or compression');
  if (bytes.readUInt16LE(6) !== 0 || bytes.readUInt32LE(28) !== 0) throw corrupt(where, 'an impossible group header');
  return {
    type,
    compression,
    plainLength: bytes.readUInt32LE(8),
    packedLength: bytes.readUInt32LE(12),
    nonce: bytes.subarray(16, 28),
  };
}

function corrupt(where: string, problem: string): HoldfastError {
  return new HoldfastError('repository.corrupt', `${where}: ${problem}`, { resource: where });
}
