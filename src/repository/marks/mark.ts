import { HoldfastError } from '../../kernel/errors.ts';
import { asBuffer, concatBytes, hex, unhex } from '../../kernel/bytes.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import { decodeCbor, encodeCbor, type CborMap } from '../format/cbor.ts';
import { asMap, bytesIn, countIn, listIn, textIn } from '../format/fields.ts';
import { openDocument, sealDocument, type WritePolicy } from '../format/document.ts';
import { packKinds, type PackKind } from '../format/header.ts';
import type { Keyring } from '../keys/keyring.ts';

export const markPrefix = 'marks/';

// SHA-256: the last part of a pack's key.
const nameLength = 32;

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
function encodeMark(mark: Mark): Uint8Array {
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
  const map = asMap(decodeCbor(openDocument(keyring, 'mark', bytes, key), key), key);
  const id = textIn(map, 'id', key);
  const generation = map['generation'] === undefined ? undefined : countIn(map, 'generation', key);
  if (markKey(id, generation) !== key)
    throw new HoldfastError('repository.corrupt', `${key} holds mark ${id}`, { resource: key });
  const packs = listIn(map, 'packs', key).flatMap((list) => packsIn(asMap(list, key), key));
  return { id, ...(generation === undefined ? {} : { generation }), packs };
}

function packsIn(list: CborMap, key: string): MarkedPack[] {
  const code = countIn(list, 'kind', key);
  const kind = (Object.keys(packKinds) as PackKind[]).find((one) => packKinds[one] === code);
  const reason = markReasons.find((one) => one === list['reason']);
  if (kind === undefined || reason === undefined)
    throw new HoldfastError('repository.newer-format', `${key} gives a kind or reason unknown to this version`, {
      resource: key,
    });
  const names = bytesIn(list, 'names', key, nameLength);
  const sizes = asBuffer(bytesIn(list, 'sizes', key, 8));
  if (sizes.length / 8 !== names.length / nameLength)
    throw new HoldfastError('repository.corrupt', `${key} names packs without their sizes`, { resource: key });
  return Array.from({ length: names.length / nameLength }, (_, i) => ({
    name: hex(names.subarray(i * nameLength, (i + 1) * nameLength)),
    kind,
    size: Number(sizes.readBigUInt64LE(i * 8)),
    reason,
  }));
}
