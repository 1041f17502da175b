import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import { HoldfastError } from '../../kernel/errors.ts';
import { asBuffer, concatBytes } from '../../kernel/bytes.ts';
import { isWorthIt, looksCompressible } from '../chunks/compressible.ts';
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

/** A sealed group in the pieces it was made in: nothing is copied to bring them together. */
export interface SealedParts {
  readonly header: Buffer;
  /** Owns its memory. */
  readonly sealed: Buffer;
  readonly tag: Buffer;
}

/** Compresses (where that helps) and seals. */
export function sealParts(
  context: SealContext,
  type: GroupType,
  plain: Uint8Array,
  nonce: Uint8Array,
  level: number,
): SealedParts {
  const compressed = looksCompressible(plain, level) ? compressZstd(plain, level) : plain;
  const useful = isWorthIt(compressed.length, plain.length);
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
  // GCM is a stream: nothing is left for the end.
  cipher.final();
  return { header, sealed, tag: cipher.getAuthTag() };
}

/** The same as one run of bytes: header, ciphertext, tag. */
export function sealGroup(
  context: SealContext,
  type: GroupType,
  plain: Uint8Array,
  nonce: Uint8Array,
  level: number,
): Buffer {
  const { header, sealed, tag } = sealParts(context, type, plain, nonce, level);
  return Buffer.concat([header, sealed, tag]);
}

/**
 * Opens the group at the start of `bytes`. Throws repository.corrupt naming `where` for anything but what was sealed. `keep` is
 * given plain bytes that are only lent (see decompressZstd), and gives those that are returned: without it, a copy.
 */
export function openGroup(
  context: SealContext,
  bytes: Uint8Array,
  where: string,
  keep: (lent: Uint8Array) => Uint8Array = copied,
): { readonly header: GroupHeader; readonly plain: Uint8Array } {
  const header = decodeGroupHeader(bytes, where);
  const end = sealedLength(header);
  if (bytes.length < end)
    throw new HoldfastError('repository.corrupt', `${where}: the group ends early`, { resource: where });
  const parts = {
    header: asBuffer(bytes.subarray(0, groupHeaderLength)),
    sealed: asBuffer(bytes.subarray(groupHeaderLength, end - tagLength)),
    tag: asBuffer(bytes.subarray(end - tagLength, end)),
  };
  return { header, plain: openSealed(context, header, parts, where, keep) };
}

/** Opens what `sealParts` made; throws as `openGroup` does. The bytes are lent: compressed next, they are others. */
export function openParts(context: SealContext, parts: SealedParts, where: string): Uint8Array {
  return openSealed(context, decodeGroupHeader(parts.header, where), parts, where, (lent) => lent);
}

function copied(lent: Uint8Array): Uint8Array {
  return Uint8Array.from(lent);
}

function openSealed(
  context: SealContext,
  header: GroupHeader,
  parts: SealedParts,
  where: string,
  keep: (lent: Uint8Array) => Uint8Array,
): Uint8Array {
  const decipher = createDecipheriv('aes-256-gcm', context.key, header.nonce);
  decipher.setAAD(additionalData(context, parts.header));
  decipher.setAuthTag(parts.tag);
  let packed: Uint8Array;
  try {
    packed = decipher.update(parts.sealed);
    decipher.final();
  } catch (error) {
    throw new HoldfastError('repository.corrupt', `${where}: the bytes are not what was sealed`, {
      resource: where,
      cause: error,
    });
  }
  const plain = header.compression === 'zstd' ? keep(decompressZstd(packed, header.plainLength, where)) : packed;
  if (plain.length !== header.plainLength) {
    throw new HoldfastError(
      'repository.corrupt',
      `${where}: ${plain.length} bytes where ${header.plainLength} were sealed`,
      { resource: where },
    );
  }
  return plain;
}

function additionalData(context: SealContext, groupHeader: Uint8Array): Uint8Array {
  const tail = context.objectHeader ?? Uint8Array.of(packKinds[context.kind]);
  return concatBytes([groupHeader, context.repository, tail]);
}
