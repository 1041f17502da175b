import { opendirSync, readdirSync, type Dir } from 'node:fs';
import { toBytes, type ByteText } from './byte-text.ts';

/** The names in one directory, sorted by their bytes. */
export interface Names {
  readonly length: number;
  at(index: number): ByteText;
}

export function namesOf(names: readonly ByteText[]): Names {
  return { length: names.length, at: (index) => names[index] as ByteText };
}

// A directory file of this size holds some ten thousand names.
const largeBytes = 1024 * 1024;
const blockLength = 16_384;

/**
 * The names in a directory; `size` is what stat says of the directory itself. Many names are read a block at a time and kept
 * outside the heap: a million strings that live as long as their directory is walked let the heap grow to several times
 * their size before anything is collected. Throws what the file system throws.
 */
export function readNames(path: ByteText, size: number): Names {
  const bytes = toBytes(path);
  if (size < largeBytes) return namesOf(readdirSync(bytes, { encoding: 'latin1' }).sort());
  const directory = opendirSync(bytes, { encoding: 'latin1', bufferSize: 1024 });
  const blocks: Packed[] = [];
  try {
    for (let names = readBlock(directory); names.length > 0; names = readBlock(directory))
      blocks.push(pack(names.sort()));
  } finally {
    directory.closeSync();
  }
  return merged(blocks);
}

function readBlock(directory: Dir): ByteText[] {
  const names: ByteText[] = [];
  while (names.length < blockLength) {
    const entry = directory.readSync();
    if (entry === null) break;
    names.push(entry.name);
  }
  return names;
}

/** Names one after another, and where each begins; at the end, where the last one ends. */
interface Packed extends Names {
  readonly bytes: number;
}

function pack(names: readonly ByteText[]): Packed {
  const starts = new Float64Array(names.length + 1);
  for (const [i, name] of names.entries()) starts[i + 1] = (starts[i] as number) + name.length;
  const bytes = starts[names.length] as number;
  const packed = Buffer.allocUnsafeSlow(bytes);
  for (const [i, name] of names.entries()) packed.write(name, starts[i] as number, 'latin1');
  return { length: names.length, bytes, at: (index) => packed.toString('latin1', starts[index], starts[index + 1]) };
}

interface Head {
  readonly block: Packed;
  next: number;
  name: ByteText;
}

/** Sorted blocks as one. */
function merged(blocks: readonly Packed[]): Names {
  const [only] = blocks;
  if (blocks.length === 1 && only) return only;
  const length = blocks.reduce((sum, block) => sum + block.length, 0);
  const packed = Buffer.allocUnsafeSlow(blocks.reduce((sum, { bytes }) => sum + bytes, 0));
  const starts = new Float64Array(length + 1);
  // A heap: the block with the first of the names that are left is on top.
  const heads = blocks.map((block): Head => ({ block, next: 0, name: block.at(0) }));
  for (let i = heads.length - 1; i >= 0; i--) sink(heads, i);
  for (let i = 0; i < length; i++) {
    const head = heads[0] as Head;
    starts[i + 1] = (starts[i] as number) + packed.write(head.name, starts[i] as number, 'latin1');
    head.next++;
    if (head.next < head.block.length) head.name = head.block.at(head.next);
    else {
      const last = heads.pop() as Head;
      if (heads.length > 0) heads[0] = last;
    }
    sink(heads, 0);
  }
  return { length, at: (index) => packed.toString('latin1', starts[index], starts[index + 1]) };
}

function sink(heads: Head[], from: number): void {
  for (let at = from; ;) {
    let least = at;
    for (const child of [at * 2 + 1, at * 2 + 2])
      if (child < heads.length && (heads[child] as Head).name < (heads[least] as Head).name) least = child;
    if (least === at) return;
    [heads[at], heads[least]] = [heads[least] as Head, heads[at] as Head];
    at = least;
  }
}
