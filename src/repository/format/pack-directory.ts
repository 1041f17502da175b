import { HoldfastError } from '../../kernel/errors.ts';
import { idLength } from '../chunks/id.ts';
import { groupHeaderLength, tagLength } from './group.ts';
import { createByteReader } from './reader.ts';
import { keyModes, packKinds, type KeyMode, type PackKind } from './header.ts';
import { createByteWriter } from './writer.ts';

/** Bytes of a writer's id. */
export const writerIdLength = 16;

/** One group of a pack and the chunks in it, in order. */
export interface GroupRecord {
  /** Offset of the group's header in the pack. */
  readonly offset: number;
  /** Bytes it takes there. */
  readonly length: number;
  readonly chunkCount: number;
  /** The chunks' ids, `idLength` bytes each. */
  readonly ids: Uint8Array;
}

/** What a pack holds: its last group, and its entry in an index object. The index can be rebuilt from the packs. */
export interface PackRecord {
  /** SHA-256 of the pack's bytes: its name. Empty inside the pack itself, which cannot know it. */
  readonly id: Uint8Array;
  readonly kind: PackKind;
  /** Bytes of the whole pack; 0 inside the pack itself. */
  readonly size: number;
  /** Salt, key epoch and key mode of the pack's header, so that a read of one group needs no read of the header. */
  readonly salt: Uint8Array;
  readonly epoch: number;
  readonly keyMode: KeyMode;
  /** Where the key mode is `recipient`: which writer sealed it (16 bytes), and so whose index objects name it. */
  readonly writer?: Uint8Array;
  readonly groups: readonly GroupRecord[];
}

/** What opens the groups of a pack: of its header, and repeated by the index. */
export type PackOrigin = Pick<PackRecord, 'salt' | 'epoch' | 'keyMode' | 'writer'>;

export function packOrigin(header: Omit<PackOrigin, 'writer'>, writer: Uint8Array | undefined): PackOrigin {
  const { salt, epoch, keyMode } = header;
  return { salt, epoch, keyMode, ...(writer ? { writer } : {}) };
}

const digestLength = 32;
const leastGroup = groupHeaderLength + tagLength;
const largestPack = 0xffffffff;
const saltLength = 32;

/** Encodes the groups alone (the directory at a pack's end) or, with id and size, a record of an index object. */
export function encodePackRecords(records: readonly PackRecord[]): Uint8Array {
  const writer = createByteWriter(64 * 1024);
  writer.varint(records.length);
  for (const record of records) {
    writer.u8(record.id.length);
    writer.bytes(record.id);
    writer.u8(packKinds[record.kind]);
    writer.varint(record.size);
    writer.u8(record.salt.length);
    writer.bytes(record.salt);
    writer.varint(record.epoch);
    writer.u8(keyModes[record.keyMode]);
    writer.u8(record.writer?.length ?? 0);
    if (record.writer) writer.bytes(record.writer);
    writer.varint(record.groups.length);
    for (const group of record.groups) {
      writer.varint(group.offset);
      writer.varint(group.length);
      writer.varint(group.chunkCount);
      writer.bytes(group.ids);
    }
  }
  return writer.take();
}

export function decodePackRecords(bytes: Uint8Array, what: string): PackRecord[] {
  return [...packRecordsIn(bytes, what)];
}

/** The same one at a time: all records of a large index object together take several times its bytes. */
export function* packRecordsIn(bytes: Uint8Array, what: string): Generator<PackRecord> {
  const reader = createByteReader(bytes, what);
  const count = reader.varint();
  for (let i = 0; i < count; i++) {
    const id = reader.bytes(reader.u8());
    if (id.length !== 0 && id.length !== digestLength) throw corrupt(what, 'names a pack by no digest');
    const kind = kindOf(reader.u8(), what);
    const size = reader.varint();
    const salt = Uint8Array.from(reader.bytes(reader.u8()));
    if (salt.length !== saltLength) throw corrupt(what, 'names a pack with an impossible salt');
    const epoch = reader.varint();
    const keyMode = keyModeOf(reader.u8(), what);
    const writer = Uint8Array.from(reader.bytes(reader.u8()));
    // A writer that could name packs as an owner's would be believed.
    if (writer.length !== (keyMode === 'recipient' ? writerIdLength : 0)) throw corrupt(what, 'names a pack of nobody');
    const groupCount = reader.varint();
    const groups: GroupRecord[] = [];
    for (let g = 0; g < groupCount; g++) {
      const offset = reader.varint();
      const length = reader.varint();
      const chunkCount = reader.varint();
      // Ranges that somebody could make up are asked of the store later.
      if (length < leastGroup || offset + length > (size === 0 ? largestPack : size))
        throw corrupt(what, 'names a group that cannot be there');
      groups.push({ offset, length, chunkCount, ids: reader.bytes(chunkCount * idLength) });
    }
    yield { id, kind, size, salt, epoch, keyMode, ...(writer.length > 0 ? { writer } : {}), groups };
  }
  if (reader.left !== 0) throw corrupt(what, 'holds bytes after its end');
}

function kindOf(code: number, what: string): PackKind {
  if (code === packKinds.data) return 'data';
  if (code === packKinds.metadata) return 'metadata';
  throw corrupt(what, `names a pack of unknown kind ${code}`);
}

function keyModeOf(code: number, what: string): KeyMode {
  if (code === keyModes.epoch) return 'epoch';
  if (code === keyModes.recipient) return 'recipient';
  throw corrupt(what, `names a pack of unknown key mode ${code}`);
}

function corrupt(what: string, problem: string): HoldfastError {
  return new HoldfastError('repository.corrupt', `${what} ${problem}`);
}
