import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import { HoldfastError } from '../../kernel/errors.ts';
import { concatBytes } from '../../kernel/bytes.ts';
import { compressZstd, decompressZstd } from '../chunks/zstd.ts';
import {
  decodeGroupHeader,
  encodeGroupHeader,
  groupHeaderLength,
  sealedLength,
  tagLength,
  type GroupHeader,
  type GroupType,
} from '../format/group.ts';
import { packKinds, type PackKind } from '../format/header.ts';

/** What ties a group to its repository and its place; goes into the authenticated data beside the group's own header. */
export interface SealContext {
  readonly key: KeyObject;
  readonly repository: Uint8Array;
  readonly kind: PackKind;
  /** Documents and pack directories: the object's whole header, which is authenticated through them. */
  readonly objectHeader?: Uint8Array;
}

/** Compresses (where that helps), seals and returns the group's bytes: header, ciphertext, tag. */
export function sealGroup(
  context: SealContext,
  type: GroupType,
  plain: Uint8Array,
  nonce: Uint8Array,
  level: number,
): Buffer {
  const compressed = compressZstd(plain, level);
  const useful = compressed.length < plain.length - plain.length / 64;
  const packed = useful ? compressed : plain;
  const header = encodeGroupHeader({
    type,
    compression: useful ? 'zstd' : 'none',
    plainLength: plain.length,
    packedLength: packed.length,
    nonce,
  });
  const cipher = createCipheriv('aes-256-gcm', context.key, nonce);
  cipher.setAAD(additionalData(context, header));
  const sealed = cipher.update(packed);
  const rest = cipher.final();
  return Buffer.concat([header, sealed, rest, cipher.getAuthTag()]);
}

/** Opens the group at the start of `bytes`. Throws repository.corrupt naming `where` for anything but what was sealed. */
export function openGroup(
  context: SealContext,
  bytes: Uint8Array,
  where: string,
): { readonly header: GroupHeader; readonly plain: Uint8Array } {
  const header = decodeGroupHeader(bytes, where);
  const end = sealedLength(header);
  if (bytes.length < end)
    throw new HoldfastError('repository.corrupt', `${where}: the group ends early`, { resource: where });
  const sealed = bytes.subarray(groupHeaderLength, end - tagLength);
  const decipher = createDecipheriv('aes-256-gcm', context.key, header.nonce);
  decipher.setAAD(additionalData(context, bytes.subarray(0, groupHeaderLength)));
  decipher.setAuthTag(bytes.subarray(end - tagLength, end));
  let packed: Uint8Array;
  try {
    packed = decipher.update(sealed);
    decipher.final();
  } catch (error) {
    throw new HoldfastError('repository.corrupt', `${where}: the bytes are not what was sealed`, {
      resource: where,
      cause: error,
    });
  }
  const plain = header.compression === 'zstd' ? decompressZstd(packed, header.plainLength, where) : packed;
  if (plain.length !== header.plainLength) {
    throw new HoldfastError(
      'repository.corrupt',
      `${where}: ${plain.length} bytes where ${header.plainLength} were sealed`,
      { resource: where },
    );
  }
  return { header, plain };
}

function additionalData(context: SealContext, groupHeader: Uint8Array): Uint8Array {
  const tail = context.objectHeader ?? Uint8Array.of(packKinds[context.kind]);
  return concatBytes([groupHeader, context.repository, tail]);
}
