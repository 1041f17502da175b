import { HoldfastError } from '../../kernel/errors.ts';
import { asBuffer, concatBytes } from '../../kernel/bytes.ts';
import { idLength } from '../chunks/id.ts';
import { createByteReader } from '../format/reader.ts';
import { createByteWriter } from '../format/writer.ts';

/** A sorted, paged tree, named by its root page. */
export interface TreeRef {
  readonly id: Uint8Array;
  /** 0: the root is a leaf. */
  readonly level: number;
  readonly entries: number;
  /** Sum of the entries' sizes. */
  readonly bytes: number;
}

export interface PageItem {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export interface Page {
  readonly level: number;
  readonly items: readonly PageItem[];
}

const pageVersion = 1;
const pageWriter = createByteWriter(128 * 1024);
const childWriter = createByteWriter(64);

/** Page: version, level, number of items; then per item the length shared with the key before, the rest of the key, the value. */
export function encodePage(level: number, items: readonly PageItem[]): Uint8Array {
  const writer = pageWriter;
  writer.u8(pageVersion);
  writer.u8(level);
  writer.varint(items.length);
  let last: Uint8Array = new Uint8Array(0);
  for (const { key, value } of items) {
    const shared = sharedPrefix(last, key);
    writer.varint(shared);
    writer.varint(key.length - shared);
    writer.bytes(key.subarray(shared));
    writer.varint(value.length);
    writer.bytes(value);
    last = key;
  }
  return writer.take();
}

export function decodePage(bytes: Uint8Array, what: string): Page {
  const reader = createByteReader(bytes, what);
  const version = reader.u8();
  if (version !== pageVersion)
    throw new HoldfastError('repository.newer-format', `${what} is a tree page of version ${version}`);
  const level = reader.u8();
  const count = reader.varint();
  const items: PageItem[] = [];
  let last: Uint8Array = new Uint8Array(0);
  for (let i = 0; i < count; i++) {
    const shared = reader.varint();
    const rest = reader.bytes(reader.varint());
    if (shared > last.length)
      throw new HoldfastError('repository.corrupt', `${what} shares more of a key than there is`);
    if (rest.length > 0 && shared < last.length && last[shared] === rest[0])
      throw new HoldfastError('repository.corrupt', `${what} shares less of a key than there is`);
    const key = shared === 0 ? rest : concatBytes([last.subarray(0, shared), rest]);
    if (i > 0 && Buffer.compare(last, key) >= 0)
      throw new HoldfastError('repository.corrupt', `${what} is not in order`);
    items.push({ key, value: reader.bytes(reader.varint()) });
    last = key;
  }
  if (reader.left !== 0) throw new HoldfastError('repository.corrupt', `${what} holds bytes after its end`);
  return { level, items };
}

/** Value of an inner page's item: the child's id, its entries and bytes. The key is the child's first key. */
export function encodeChild(ref: TreeRef): Uint8Array {
  const writer = childWriter;
  writer.bytes(ref.id);
  writer.varint(ref.entries);
  writer.varint(ref.bytes);
  return writer.take();
}

export function decodeChild(value: Uint8Array, level: number): TreeRef {
  const reader = createByteReader(value, 'a tree page');
  const child = {
    id: Uint8Array.from(reader.bytes(idLength)),
    level,
    entries: reader.varint(),
    bytes: reader.varint(),
  };
  if (reader.left !== 0) throw new HoldfastError('repository.corrupt', 'a tree page names a page in no known form');
  return child;
}

function sharedPrefix(a: Uint8Array, b: Uint8Array): number {
  const most = Math.min(a.length, b.length);
  let i = 0;
  while (i < most && a[i] === b[i]) i++;
  return i;
}

const pageTarget = 32 * 1024;
const pageMinimum = 4 * 1024;
const pageMaximum = 128 * 1024;

/**
 * Whether a page ends after this item. It depends on the item's key and length alone (beyond the smallest and largest
 * page), so equal runs of entries give equal pages whatever stands before them, and a change rewrites a few pages.
 */
export function endsPage(pageBytes: number, key: Uint8Array, itemBytes: number): boolean {
  if (pageBytes >= pageMaximum) return true;
  if (pageBytes < pageMinimum) return false;
  return hash32(asBuffer(key)) < (itemBytes / pageTarget) * 0x100000000;
}

/** FNV-1a with a finaliser, so that keys differing in their last byte only spread over the whole range. */
function hash32(bytes: Buffer): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) h = Math.imul(h ^ (bytes[i] as number), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
