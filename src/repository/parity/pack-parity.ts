import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { asBuffer } from '../../kernel/bytes.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import {
  encodeEnd,
  encodeHead,
  findHead,
  headLength,
  shapeOf,
  type ParityHead,
  type ParitySettings,
} from './layout.ts';
import { productsOf } from './galois.ts';
import { encodeShards, parityRows, planRecovery, type Recovery } from './reed-solomon.ts';

/**
 * The parity object of a pack: head, parity shards, the head once more, its length. Throws repository.corrupt when the
 * bytes are not those the pack is named by: parity of damage would protect the damage.
 */
export function protectPack(
  id: Uint8Array,
  parts: readonly Uint8Array[],
  settings: ParitySettings,
): readonly Uint8Array[] {
  const packSize = parts.reduce((sum, part) => sum + part.length, 0);
  const shape = shapeOf(packSize, settings);
  // Allocated with zeros: what is missing in the last shards counts as zero.
  const bytes = Buffer.alloc(shape.data * shape.shard);
  let at = 0;
  for (const part of parts) at += asBuffer(part).copy(bytes, at);
  if (!createHash('sha256').update(bytes.subarray(0, packSize)).digest().equals(id)) {
    throw new HoldfastError('repository.corrupt', 'a pack changed in memory before its parity was made', {
      hint: 'The memory, processor or disk of this machine is faulty; the pack is checked by holdfast check --read-data.',
    });
  }
  const shards = encodeShards(bytes, shape.shard, parityRows(shape.data, shape.parity));
  const checksums = new Uint32Array((bytes.length + shards.length) / shape.block);
  checksumsOf(bytes, shape.block, checksums, 0);
  checksumsOf(shards, shape.block, checksums, bytes.length / shape.block);
  const head = encodeHead({ ...shape, pack: id, checksums });
  return [head, shards, head, encodeEnd(head.length)];
}

function checksumsOf(bytes: Uint8Array, block: number, into: Uint32Array, from: number): void {
  for (let i = 0; i * block < bytes.length; i++) into[from + i] = crc32(bytes.subarray(i * block, (i + 1) * block));
}

const largest = 2 ** 31;

/**
 * The pack as it was, made from what is left of it and of its parity object: damaged blocks, found by their checksums, come
 * back where in each stripe no more are lost than there are parity shards. The result is the pack by its SHA-256, or
 * undefined: never other bytes. Both may be damaged anywhere, cut off, or empty.
 */
export function repairPack(pack: Uint8Array, parity: Uint8Array): Uint8Array | undefined {
  const head = findHead(parity);
  if (!head) return undefined;
  const { data, shard, block, packSize } = head;
  const length = (data + head.parity) * shard;
  // A head that asks for more was never written by Holdfast.
  if (length > largest) return undefined;
  const bytes = Buffer.alloc(length);
  asBuffer(pack).copy(bytes, 0, 0, packSize);
  // Between the heads, wherever the object was cut off.
  const start = headLength(head);
  asBuffer(parity).copy(bytes, data * shard, start, Math.min(parity.length, start + head.parity * shard));
  const whole = { bytes, head };
  const rows = parityRows(data, head.parity);
  const known = new Map<string, Recovery | undefined>();
  for (let at = 0; at < shard; at += block) {
    const lost = lostShards(whole, at);
    if (!lost.some((number) => number < data)) continue;
    const name = lost.join(',');
    const recovery = known.has(name) ? known.get(name) : planRecovery(data, rows, (number) => lost.includes(number));
    known.set(name, recovery);
    if (!recovery) return undefined;
    recover(whole, at, recovery);
  }
  const repaired = bytes.subarray(0, packSize);
  return createHash('sha256').update(repaired).digest().equals(head.pack) ? repaired : undefined;
}

interface Whole {
  /** Data shards, then parity shards. */
  readonly bytes: Uint8Array;
  readonly head: ParityHead;
}

function lostShards({ bytes, head }: Whole, at: number): number[] {
  const { data, parity, shard, block, checksums } = head;
  const lost: number[] = [];
  for (let number = 0; number < data + parity; number++) {
    const from = number * shard + at;
    if (crc32(bytes.subarray(from, from + block)) !== checksums[from / block]) lost.push(number);
  }
  return lost;
}

function recover({ bytes, head }: Whole, at: number, { lost, sources, coefficients }: Recovery): void {
  const { shard, block } = head;
  lost.forEach((number, i) => {
    const out = bytes.subarray(number * shard + at, number * shard + at + block);
    out.fill(0);
    sources.forEach((source, n) => {
      const products = productsOf(coefficients[i]?.[n] as number);
      const part = bytes.subarray(source * shard + at, source * shard + at + block);
      for (let p = 0; p < block; p++) out[p] = (out[p] as number) ^ (products[part[p] as number] as number);
    });
  });
}

/**
 * What is wrong with a parity object of the pack `id`; undefined: every byte is what was written. It may serve nevertheless,
 * where only some of it is damaged.
 */
export function parityProblem(id: Uint8Array, parity: Uint8Array): string | undefined {
  const bytes = asBuffer(parity);
  const head = findHead(bytes);
  if (!head) return 'the parity has no head that is whole';
  if (!asBuffer(head.pack).equals(id)) return 'the parity is that of another pack';
  const { data, shard, block, checksums } = head;
  const start = headLength(head);
  const shards = bytes.subarray(start, start + head.parity * shard);
  const encoded = encodeHead(head);
  const ends = [encoded, encodeEnd(encoded.length)];
  if (!bytes.subarray(0, start).equals(encoded) || !bytes.subarray(start + shards.length).equals(Buffer.concat(ends)))
    return 'a head of the parity is damaged';
  const found = new Uint32Array(shards.length / block);
  checksumsOf(shards, block, found, 0);
  const first = (data * shard) / block;
  const bad = found.findIndex((checksum, i) => checksum !== checksums[first + i]);
  return bad < 0 ? undefined : `block ${bad} of the parity is damaged`;
}
