import type { Random } from './random.ts';

const longest = 256 * 1024;
/** Bytes at which lengths, heads and flags change their meaning. */
const edges = [0x00, 0x01, 0x17, 0x18, 0x1b, 0x40, 0x5b, 0x7f, 0x80, 0x81, 0xa0, 0xbb, 0xd8, 0xf6, 0xf9, 0xfb, 0xff];
const numbers = [
  0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
];

type Change = (bytes: Buffer, random: Random, other: Buffer) => Buffer;

const changes: readonly Change[] = [
  function flipBit(bytes, random) {
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
    return bytes;
  },
  function setByte(bytes, random) {
    bytes[random.below(bytes.length)] = random.oneIn(2) ? random.pick(edges) : random.below(256);
    return bytes;
  },
  function setNumber(bytes, random) {
    if (bytes.length < 4) return bytes;
    const at = random.below(bytes.length - 3);
    if (random.oneIn(2)) bytes.writeUInt32LE(random.pick(numbers), at);
    else bytes.writeUInt32BE(random.pick(numbers), at);
    return bytes;
  },
  function addToByte(bytes, random) {
    const at = random.below(bytes.length);
    bytes[at] = ((bytes[at] as number) + random.below(7) + 253) & 0xff;
    return bytes;
  },
  function cut(bytes, random) {
    return bytes.subarray(0, random.below(bytes.length));
  },
  function remove(bytes, random) {
    const from = random.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + 1 + random.below(16))]);
  },
  function insert(bytes, random) {
    const at = random.below(bytes.length + 1);
    const added = Buffer.from(Array.from({ length: 1 + random.below(9) }, () => random.below(256)));
    return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at)]);
  },
  function repeatBlock(bytes, random) {
    const from = random.below(bytes.length);
    const block = bytes.subarray(from, from + 1 + random.below(64));
    const times = random.oneIn(20) ? 2000 : 1 + random.below(4);
    const blocks = Array.from({ length: times }, () => block);
    return Buffer.concat([bytes.subarray(0, from), ...blocks, bytes.subarray(from)]);
  },
  function moveBlock(bytes, random) {
    const from = random.below(bytes.length);
    bytes.copyWithin(random.below(bytes.length), from, from + random.below(32));
    return bytes;
  },
  function splice(bytes, random, other) {
    const head = bytes.subarray(0, random.below(bytes.length + 1));
    return Buffer.concat([head, other.subarray(random.below(other.length + 1))]);
  },
  function longNumber(bytes, random) {
    const at = random.below(bytes.length);
    const digits = Array.from({ length: random.below(12) }, () => random.pick([0x80, 0xff]));
    return Buffer.concat([bytes.subarray(0, at), Buffer.from([...digits, random.below(128)]), bytes.subarray(at + 1)]);
  },
];

/** One to four changes of a kind that parsers stumble over. `other`: bytes of another sample, to splice in. */
export function mutateBytes(sample: Uint8Array, other: Uint8Array, random: Random): Buffer {
  let bytes = Buffer.from(sample);
  const count = 1 + random.below(4);
  for (let i = 0; i < count; i++) {
    if (bytes.length === 0) bytes = Buffer.from([random.below(256)]);
    bytes = Buffer.from(random.pick(changes)(bytes, random, Buffer.from(other)).subarray(0, longest));
  }
  return bytes;
}

/** Bytes of no sample at all. */
export function noise(random: Random): Buffer {
  return Buffer.from(
    Array.from({ length: random.below(200) }, () => (random.oneIn(3) ? random.pick(edges) : random.below(256))),
  );
}
