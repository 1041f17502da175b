import { HoldfastError } from '../../kernel/errors.ts';
import { asBuffer } from '../../kernel/bytes.ts';

/** The format this code writes, and the newest it reads. */
export const formatVersion = 1;

export const headerLength = 64;

/** Types of sealed objects. Numbers are forever; 7 is reserved. */
export const objectTypes = {
  pack: 1,
  index: 2,
  snapshot: 3,
  checkpoint: 4,
  mark: 5,
  audit: 6,
  lock: 8,
  wal: 9,
} as const;
export type ObjectType = keyof typeof objectTypes;

/** Pack kinds: data packs alone may go to a cold class. */
export const packKinds = { data: 0, metadata: 1 } as const;
export type PackKind = keyof typeof packKinds;

const retentionModes = { none: 0, governance: 1, compliance: 2 } as const;
export type RetentionMode = keyof typeof retentionModes;

/** S3 storage classes an object was meant for when written; the store knows where it is now. */
const storageClasses = {
  STANDARD: 0,
  STANDARD_IA: 1,
  GLACIER_IR: 2,
  GLACIER: 3,
  DEEP_ARCHIVE: 4,
  INTELLIGENT_TIERING: 5,
  ONEZONE_IA: 6,
} as const;
export type StorageClass = keyof typeof storageClasses;

/**
 * Where an object's key comes from: the epoch's secret; an exchange with the epoch's public key, so that who wrote it cannot
 * read it; or the secret of one writer, which its index objects have. Numbers are forever.
 */
export const keyModes = { epoch: 0, recipient: 1, writer: 2 } as const;
export type KeyMode = keyof typeof keyModes;

/** The 64 bytes every sealed object begins with (docs/format.md, "Object header"). */
export interface ObjectHeader {
  readonly type: ObjectType;
  /** Packs only; metadata otherwise. */
  readonly kind: PackKind;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** The retention lock asked for when the object was written; 0 for none. An extension lives in the store. */
  readonly retainUntil: number;
  readonly retention: RetentionMode;
  readonly storageClass: StorageClass;
  readonly keyMode: KeyMode;
  /** Which secret of the keyring the object's key comes from. */
  readonly epoch: number;
  /** 32 bytes: random (`epoch`), an X25519 public key (`recipient`), or the writer's id and 16 random ones (`writer`). */
  readonly salt: Uint8Array;
}

const magic = Buffer.from('HFST');
// Byte 26: cipher 1 = AES-256-GCM.
const cipherAes256Gcm = 1;
const newestKeyMode = Math.max(...Object.values(keyModes));

export function encodeHeader(header: ObjectHeader): Uint8Array {
  const bytes = Buffer.alloc(headerLength);
  magic.copy(bytes, 0);
  bytes.writeUInt16LE(formatVersion, 4);
  bytes[6] = objectTypes[header.type];
  bytes[7] = packKinds[header.kind];
  bytes.writeBigUInt64LE(BigInt(header.createdAt), 8);
  bytes.writeBigUInt64LE(BigInt(header.retainUntil), 16);
  bytes[24] = retentionModes[header.retention];
  bytes[25] = storageClasses[header.storageClass];
  bytes[26] = cipherAes256Gcm;
  bytes[27] = keyModes[header.keyMode];
  bytes.writeUInt32LE(header.epoch, 28);
  asBuffer(header.salt).copy(bytes, 32);
  return bytes;
}

/** Throws repository.newer-format for what a later version wrote, repository.corrupt for what is no object of ours. */
export function decodeHeader(source: Uint8Array, key: string): ObjectHeader {
  if (source.length < headerLength) throw corrupt(key, 'is shorter than its header');
  const bytes = asBuffer(source).subarray(0, headerLength);
  if (!bytes.subarray(0, 4).equals(magic)) throw corrupt(key, 'is no Holdfast object');
  const version = bytes.readUInt16LE(4);
  if (version > formatVersion || (bytes[26] as number) > cipherAes256Gcm || (bytes[27] as number) > newestKeyMode) {
    throw new HoldfastError(
      'repository.newer-format',
      `${key} has format ${version}; this Holdfast reads up to ${formatVersion}`,
      { resource: key },
    );
  }
  const [createdAt, retainUntil] = [Number(bytes.readBigUInt64LE(8)), Number(bytes.readBigUInt64LE(16))];
  const isPossible = Number.isSafeInteger(createdAt) && Number.isSafeInteger(retainUntil);
  if (version < 1 || bytes[26] !== cipherAes256Gcm || !isPossible) throw corrupt(key, 'has an impossible header');
  return {
    type: nameOf(objectTypes, bytes[6] as number, key),
    kind: nameOf(packKinds, bytes[7] as number, key),
    createdAt,
    retainUntil,
    retention: nameOf(retentionModes, bytes[24] as number, key),
    storageClass: nameOf(storageClasses, bytes[25] as number, key),
    keyMode: nameOf(keyModes, bytes[27] as number, key),
    epoch: bytes.readUInt32LE(28),
    salt: bytes.subarray(32, 64),
  };
}

function nameOf<Name extends string>(table: Readonly<Record<Name, number>>, code: number, key: string): Name {
  for (const name of Object.keys(table) as Name[]) if (table[name] === code) return name;
  throw corrupt(key, `has an unknown code ${code} in its header`);
}

function corrupt(key: string, problem: string): HoldfastError {
  return new HoldfastError('repository.corrupt', `${key} ${problem}`, { resource: key });
}
