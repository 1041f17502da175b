import { HoldfastError } from '../../kernel/errors.ts';
import { asBuffer, concatBytes } from '../../kernel/bytes.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import { openDocument, sealDocument, type WritePolicy } from '../format/document.ts';
import type { Keyring } from '../keys/keyring.ts';
import type { WalContent, WalName } from './contract.ts';

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

/** Throws repository.corrupt for what is not the object of this name, repository.write-only without the key to read. */
export function openWal(
  { keyring, systemId }: WalIdentity,
  name: WalName,
  stored: Uint8Array,
  key: string,
): WalContent {
  const plain = asBuffer(openDocument(keyring, 'wal', stored, key));
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
