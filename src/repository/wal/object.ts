import { HoldfastError } from '../../kernel/errors.ts';
import { asBuffer, concatBytes } from '../../kernel/bytes.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import { openDocument, sealDocument, type WritePolicy } from '../format/document.ts';
import { decodeGroupHeader, groupHeaderLength, sealedLength } from '../format/group.ts';
import { decodeHeader, headerLength } from '../format/header.ts';
import type { Keyring } from '../keys/keyring.ts';
import type { WalContent, WalName } from './contract.ts';
import { clusterPrefix, type WalKey } from './names.ts';

const magic = Buffer.from('HWAL');
const headLength = 48;

export interface WalIdentity {
  readonly keyring: Keyring;
  /** The cluster's number, as text. */
  readonly systemId: string;
}

/** Seals a run, or with `end` = `start` = 0 a history. What it is stands inside too: an object under another's name is damage. */
export function sealWal(
  { keyring, systemId }: WalIdentity,
  name: WalName,
  { bytes, segmentSize, sentAt }: WalContent,
  runtime: Runtime,
  policy: WritePolicy,
): Uint8Array {
  const head = Buffer.alloc(headLength);
  magic.copy(head);
  head.writeUInt32LE(name.timeline, 4);
  head.writeBigUInt64LE(BigInt(systemId), 8);
  head.writeBigUInt64LE(name.start, 16);
  head.writeBigUInt64LE(name.end, 24);
  head.writeUInt32LE(segmentSize, 32);
  head.writeBigUInt64LE(BigInt(Math.max(0, Math.floor(sentAt))), 40);
  return sealDocument(keyring, 'wal', concatBytes([head, bytes]), runtime, policy);
}

/**
 * Checks without a key what the first bytes of an object and its size tell: that it is whole and as long as its name says. Throws
 * repository.corrupt, repository.newer-format.
 */
export function checkWalHead(name: WalName | 'history', head: Uint8Array, size: number, key: string): void {
  const { type } = decodeHeader(head, key);
  const group = decodeGroupHeader(head.subarray(headerLength), key);
  const isWhole = type === 'wal' && group.type === 'document' && size === headerLength + sealedLength(group);
  const isAsLong = name === 'history' || BigInt(group.plainLength - headLength) === name.end - name.start;
  if (!isWhole || !isAsLong)
    throw new HoldfastError('repository.corrupt', `${key} is not whole, or not the WAL of its name`, { resource: key });
}

/** How many bytes `checkWalHead` looks at. */
export const walHeadBytes = headerLength + groupHeaderLength;

/** Opens an object of whatever cluster; whose it is, it says itself, and its folder's name proves it. Throws as `openWal`. */
export function openAnyWal(
  keyring: Keyring,
  { cluster, timeline, run }: WalKey,
  stored: Uint8Array,
  key: string,
): WalContent & { readonly systemId: string } {
  const plain = asBuffer(openDocument(keyring, 'wal', stored, key));
  const systemId = plain.length >= headLength ? String(plain.readBigUInt64LE(8)) : '0';
  if (clusterPrefix(keyring, systemId) !== cluster)
    throw new HoldfastError('repository.corrupt', `${key} is not the WAL of its name`, { resource: key });
  const name = run === 'history' ? { timeline, start: 0n, end: 0n } : run;
  return { ...contentOf({ keyring, systemId }, name, plain, key), systemId };
}

/** Throws repository.corrupt for what is not the object of this name, repository.write-only without the key to read. */
export function openWal(identity: WalIdentity, name: WalName, stored: Uint8Array, key: string): WalContent {
  return contentOf(identity, name, asBuffer(openDocument(identity.keyring, 'wal', stored, key)), key);
}

function contentOf({ systemId }: WalIdentity, name: WalName, plain: Buffer, key: string): WalContent {
  const isWal = plain.length >= headLength && plain.subarray(0, 4).equals(magic);
  const bytes = plain.subarray(headLength);
  const isThis =
    isWal &&
    plain.readUInt32LE(4) === name.timeline &&
    plain.readBigUInt64LE(8) === BigInt(systemId) &&
    plain.readBigUInt64LE(16) === name.start &&
    plain.readBigUInt64LE(24) === name.end &&
    (name.end === 0n || BigInt(bytes.length) === name.end - name.start);
  if (!isThis) throw new HoldfastError('repository.corrupt', `${key} is not the WAL of its name`, { resource: key });
  return { bytes, segmentSize: plain.readUInt32LE(32), sentAt: Number(plain.readBigUInt64LE(40)) };
}
