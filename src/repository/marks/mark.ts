import { HoldfastError } from '../../kernel/errors.ts';
import { concatBytes, hex, unhex } from '../../kernel/bytes.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import { decodeCbor, encodeCbor, textIn, type CborMap } from '../format/cbor.ts';
import { openDocument, sealDocument, type WritePolicy } from '../format/document.ts';
import { packKinds, type PackKind } from '../format/header.ts';
import type { Keyring } from '../keys/keyring.ts';

export const markPrefix = 'marks/';

/** Why a pack is to be deleted. `orphan`: no index names it; `rewritten`: all that is needed of it lies elsewhere. */
export const markReasons = ['unused', 'orphan', 'rewritten'] as const;
export type MarkReason = (typeof markReasons)[number];

export interface MarkedPack {
  /** Hex SHA-256: the last part of its key. */
  readonly name: string;
  readonly kind: PackKind;
  readonly size: number;
  readonly reason: MarkReason;
}

/**
 * What a pruner means to delete (a mark, `marks/<id>`), and which of it is deleted for certain (a verdict,
 * `marks/<id>.<generation of the lease>`).
 */
export interface Mark {
  /** 32 hex digits; of a verdict, those of its mark. */
  readonly id: string;
  /** Of a verdict: the lease under which it was made. */
  readonly generation?: number;
  readonly packs: readonly MarkedPack[];
}

export function markKey(id: string, generation?: number): string {
  const suffix = generation === undefined ? '' : `.${String(generation).padStart(10, '0')}`;
  return `${markPrefix}${id}${suffix}`;
}

/** Undefined for what is no mark of this version. */
export function parseMarkKey(key: string): { readonly id: string; readonly generation?: number } | undefined {
  const [, id, generation] = /^marks\/([0-9a-f]{32})(?:\.(\d{10}))?$/.exec(key) ?? [];
  if (id === undefined) return undefined;
  return generation === undefined ? { id } : { id, generation: Number(generation) };
}

/** Packs are listed by kind and reason, their names and sizes one after another: 40 bytes each. */
export function encodeMark(mark: Mark): Uint8Array {
  const lists: CborMap[] = [];
  for (const kind of Object.keys(packKinds) as PackKind[]) {
    for (const reason of markReasons) {
      const packs = mark.packs.filter((pack) => pack.kind === kind && pack.reason === reason);
      if (packs.length === 0) continue;
      const sizes = Buffer.alloc(packs.length * 8);
      packs.forEach(({ size }, i) => sizes.writeBigUInt64LE(BigInt(size), i * 8));
      const names = concatBytes(packs.map(({ name }) => unhex(name)));
      lists.push({ kind: packKinds[kind], reason, names, sizes: Uint8Array.from(sizes) });
    }
  }
  return encodeCbor({
    id: mark.id,
    ...(mark.generation === undefined ? {} : { generation: mark.generation }),
    packs: lists,
  });
}

export function sealMark(mark: Mark, keyring: Keyring, runtime: Runtime, policy: WritePolicy): Uint8Array {
  return sealDocument(keyring, 'mark', encodeMark(mark), runtime, policy);
}

/** Throws repository.corrupt, also for a mark under another's name, and repository.newer-format. */
export function openMark(keyring: Keyring, bytes: Uint8Array, key: string): Mark {
  const map = decodeCbor(openDocument(keyring, 'mark', bytes, key), key) as CborMap;
  const id = textIn(map, 'id');
  const generation = map['generation'] === undefined ? undefined : Number(map['generation']);
  if (markKey(id, generation) !== key)
    throw new HoldfastError('repository.corrupt', `${key} holds mark ${id}`, { resource: key });
  const packs = (map['packs'] as CborMap[]).flatMap((list) => {
    const kind: PackKind = Number(list['kind']) === packKinds.data ? 'data' : 'metadata';
    const reason = markReasons.find((one) => one === list['reason']);
    if (reason === undefined)
      throw new HoldfastError('repository.newer-format', `${key} gives a reason unknown to this version`, {
        resource: key,
      });
    const names = list['names'] as Uint8Array;
    const sizes = Buffer.from(list['sizes'] as Uint8Array);
    return Array.from({ length: names.length / 32 }, (_, i) => ({
      name: hex(names.subarray(i * 32, i * 32 + 32)),
      kind,
      size: Number(sizes.readBigUInt64LE(i * 8)),
      reason,
    }));
  });
  return { id, ...(generation === undefined ? {} : { generation }), packs };
}
