import { createHash, type KeyObject } from 'node:crypto';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import { hex } from '../../kernel/bytes.ts';
import { decodeChunkGroup } from '../chunks/chunk-group.ts';
import { idAt } from '../chunks/grouper.ts';
import { chunkId, idLength, type IdKeys } from '../chunks/id.ts';
import type { PackKind } from '../format/header.ts';
import { openGroup } from '../keys/seal.ts';
import { decodeDirectoryWith } from '../pack/directory.ts';

export interface PackKeys {
  readonly ids: IdKeys;
  readonly repository: Uint8Array;
  /** Opens the groups and the directory of the pack. */
  readonly key: KeyObject;
}

/** What is whole in a pack that was read from its first to its last byte. */
export interface PackVerdict {
  /** The first thing that is wrong; undefined: every byte is what was written. */
  readonly problem?: string;
  /** Chunks that are what the directory says: offset of their group, their place in it, and their ids one after another. */
  readonly places: Uint32Array;
  readonly ids: Uint8Array;
}

/** Checks every byte of a pack: its name, its directory, every group and every chunk. Throws nothing that damage could cause. */
export function checkPackBytes(keys: PackKeys, pack: string, kind: PackKind, bytes: Uint8Array): PackVerdict {
  let problem: string | undefined;
  const places: number[] = [];
  const ids: Uint8Array[] = [];
  if (createHash('sha256').update(bytes).digest('hex') !== pack.split('/').at(-1))
    problem = "the bytes do not match the pack's name (SHA-256)";
  try {
    const record = decodeDirectoryWith(() => keys.key, keys.repository, pack, bytes, bytes);
    if (record.kind !== kind) throw damaged(pack, `is a pack of ${record.kind} under the name of the other kind`);
    for (const { offset, length, ids: expected, chunkCount } of record.groups) {
      const found = wholeChunks(keys, pack, kind, bytes.subarray(offset, offset + length), expected);
      if (typeof found === 'string') {
        problem ??= found;
        continue;
      }
      for (const place of found) {
        places.push(offset, place);
        ids.push(idAt(expected, place));
      }
      if (found.length < chunkCount || expected.length !== chunkCount * idLength)
        problem ??= 'a chunk is not what its id says';
    }
  } catch (error) {
    if (!isCode(error, 'repository.corrupt')) throw error;
    problem ??= error.message;
  }
  const verdict = { places: Uint32Array.from(places), ids: Uint8Array.from(Buffer.concat(ids)) };
  return problem === undefined ? verdict : { ...verdict, problem };
}

/** Places of the group's chunks that are what their ids say; a text where the group does not open. */
function wholeChunks(
  { key, repository, ids }: PackKeys,
  pack: string,
  kind: PackKind,
  group: Uint8Array,
  expected: Uint8Array,
): number[] | string {
  try {
    const { plain } = openGroup({ key, repository, kind }, group, pack, (lent) => lent);
    const found: number[] = [];
    decodeChunkGroup(plain, pack).forEach((chunk, place) => {
      if (hex(chunkId(ids, kind, chunk)) === hex(idAt(expected, place))) found.push(place);
    });
    return found;
  } catch (error) {
    if (!isCode(error, 'repository.corrupt')) throw error;
    return error.message;
  }
}

function damaged(pack: string, problem: string): HoldfastError {
  return new HoldfastError('repository.corrupt', `${pack} ${problem}`, { resource: pack });
}
