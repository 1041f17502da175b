import type { CborMap } from '../format/cbor.ts';
import { decodeCbor, encodeCbor } from '../format/cbor.ts';
import { createHash } from 'node:crypto';
import type { ResourceRecord } from '../contract.ts';
import type { TreeRef } from '../tree/page.ts';

/** Collection name → root of its tree. */
export type Roots = ReadonlyMap<string, TreeRef>;

/** Value of a snapshot's tree under `type/name`: the record and the roots of the resource's collections. */
export function encodeResource(record: ResourceRecord, roots: Roots): Uint8Array {
  return encodeCbor({ record: record as unknown as CborMap, roots: encodeRoots(roots) });
}

export function decodeResource(value: Uint8Array): { readonly record: ResourceRecord; readonly roots: Roots } {
  const map = decodeCbor(value, 'a resource') as CborMap;
  return { record: map['record'] as unknown as ResourceRecord, roots: decodeRoots(map['roots'] as CborMap) };
}

export function encodeRoots(roots: Roots): CborMap {
  return Object.fromEntries([...roots].map(([name, ref]) => [name, encodeTreeRef(ref)]));
}

export function decodeRoots(map: CborMap): Roots {
  return new Map(Object.entries(map).map(([name, ref]) => [name, decodeTreeRef(ref as CborMap)]));
}

export function encodeTreeRef(ref: TreeRef): CborMap {
  return { id: ref.id, level: ref.level, entries: ref.entries, bytes: ref.bytes };
}

export function decodeTreeRef(map: CborMap): TreeRef {
  return {
    id: Uint8Array.from(map['id'] as Uint8Array),
    level: Number(map['level']),
    entries: Number(map['entries']),
    bytes: Number(map['bytes']),
  };
}

/** Hex digest over the collections' names and roots: equal checksums mean equal entries. */
export function checksumOf(roots: Roots): string {
  const digest = createHash('sha256');
  for (const name of [...roots.keys()].sort()) digest.update(encodeCbor([name, roots.get(name)?.id ?? null]));
  return digest.digest('hex');
}
