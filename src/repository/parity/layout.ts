import { crc32 } from 'node:zlib';
import { asBuffer } from '../../kernel/bytes.ts';

/** How many data shards a pack is cut into, and how many parity shards are made of them. */
export interface ParitySettings {
  readonly data: number;
  readonly parity: number;
}

/** Limits of the settings; with them a pack's parity never needs more rows than the field has. */
export const parityLimits = { data: 128, parity: 32 } as const;

/** Where the parity of one pack lies, and of what. Sizes in bytes. */
export interface ParityHead extends ParitySettings {
  readonly block: number;
  /** Of each shard: blocks × block. */
  readonly shard: number;
  readonly packSize: number;
  /** SHA-256 of the pack: its name. */
  readonly pack: Uint8Array;
  /** CRC-32 of each block of the data shards, then of the parity shards. */
  readonly checksums: Uint32Array;
}

const magic = Buffer.from('HPAR');
const endMagic = Buffer.from('HPND');
const version = 1;
const fixed = 52;
const endLength = 8;

/** A sector of today's disks, less where a pack is too small to fill a block of it in every shard; at least 64. */
export function shapeOf(packSize: number, { data, parity }: ParitySettings): Omit<ParityHead, 'pack' | 'checksums'> {
  let block = 4096;
  while (block > 64 && block * data > packSize) block /= 2;
  const shard = Math.max(1, Math.ceil(packSize / data / block)) * block;
  return { data, parity, block, shard, packSize };
}

export function headLength({
  data,
  parity,
  shard,
  block,
}: Pick<ParityHead, 'data' | 'parity' | 'shard' | 'block'>): number {
  return fixed + 4 * (((data + parity) * shard) / block) + 4;
}

export function encodeHead(head: ParityHead): Buffer {
  const bytes = Buffer.alloc(headLength(head));
  magic.copy(bytes, 0);
  bytes[4] = version;
  bytes[5] = head.data;
  bytes[6] = head.parity;
  bytes[7] = Math.log2(head.block);
  bytes.writeUInt32LE(head.packSize, 8);
  bytes.writeUInt32LE(head.shard, 12);
  asBuffer(head.pack).copy(bytes, 20);
  head.checksums.forEach((checksum, i) => bytes.writeUInt32LE(checksum, fixed + 4 * i));
  bytes.writeUInt32LE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
  return bytes;
}

/** Undefined for anything that is no whole head. */
function decodeHead(source: Uint8Array): ParityHead | undefined {
  const bytes = asBuffer(source);
  if (bytes.length < fixed + 4 || !bytes.subarray(0, 4).equals(magic) || bytes[4] !== version) return undefined;
  const data = bytes[5] as number;
  const parity = bytes[6] as number;
  const log = bytes[7] as number;
  if (data < 1 || data > parityLimits.data || parity < 1 || parity > parityLimits.parity || log < 6 || log > 12)
    return undefined;
  const packSize = bytes.readUInt32LE(8);
  const shape = shapeOf(packSize, { data, parity });
  if (shape.block !== 2 ** log || shape.shard !== bytes.readUInt32LE(12)) return undefined;
  const length = headLength(shape);
  if (bytes.length < length || bytes.readUInt32LE(length - 4) !== crc32(bytes.subarray(0, length - 4)))
    return undefined;
  const checksums = new Uint32Array((length - fixed - 4) / 4);
  for (let i = 0; i < checksums.length; i++) checksums[i] = bytes.readUInt32LE(fixed + 4 * i);
  return { ...shape, pack: Uint8Array.from(bytes.subarray(20, fixed)), checksums };
}

/** Length of the head, and a magic: where the copy at the end begins. */
export function encodeEnd(length: number): Buffer {
  const bytes = Buffer.alloc(endLength);
  bytes.writeUInt32LE(length, 0);
  endMagic.copy(bytes, 4);
  return bytes;
}

/** Of the two heads one that is whole; a damaged one is made up for by the other. */
export function findHead(parity: Uint8Array): ParityHead | undefined {
  const bytes = asBuffer(parity);
  const first = decodeHead(bytes);
  if (first) return first;
  const end = bytes.length - endLength;
  if (end < 0 || !bytes.subarray(end + 4).equals(endMagic)) return undefined;
  const at = end - bytes.readUInt32LE(end);
  return at < 0 ? undefined : decodeHead(bytes.subarray(at, end));
}
