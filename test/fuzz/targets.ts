import type { ErrorCode } from '../../src/kernel/codes.ts';
import { HoldfastError } from '../../src/kernel/errors.ts';
import { concatBytes, equalBytes, hex, utf8 } from '../../src/kernel/bytes.ts';
import { canonicalJson, type Json } from '../../src/kernel/json.ts';
import { sealOf } from '../../src/estate/plan-edit.ts';
import { parseRestorePlan } from '../../src/estate/plan-file.ts';
import { auditKey, openAuditRecord } from '../../src/repository/audit/log.ts';
import { decodeChunkGroup, encodeChunkGroup } from '../../src/repository/chunks/chunk-group.ts';
import { compressZstd, decompressZstd } from '../../src/repository/chunks/zstd.ts';
import { checkConfiguration, decodeConfiguration, encodeConfiguration } from '../../src/repository/configuration.ts';
import { decodeCbor, encodeCbor, type Cbor } from '../../src/repository/format/cbor.ts';
import { openDocument, plainPolicy, sealDocument } from '../../src/repository/format/document.ts';
import { decodeGroupHeader, encodeGroupHeader, groupHeaderLength } from '../../src/repository/format/group.ts';
import { decodeHeader, encodeHeader, headerLength, type ObjectType } from '../../src/repository/format/header.ts';
import { decodePackRecords, encodePackRecords } from '../../src/repository/format/pack-directory.ts';
import { parsePrivateKey, parsePublicKey, privateKeyText, publicKeyText } from '../../src/repository/keys/key-text.ts';
import { decodeKeyring, encodeKeyring, writerKeyring } from '../../src/repository/keys/keyring.ts';
import { openGroup, sealGroup } from '../../src/repository/keys/seal.ts';
import { decodeSlot, encodeSlot, openSlot } from '../../src/repository/keys/slots.ts';
import { openLockRecord } from '../../src/repository/lock/records.ts';
import { markKey, openMark } from '../../src/repository/marks/mark.ts';
import { decodePackDirectory } from '../../src/repository/pack/directory.ts';
import { openCheckpoint } from '../../src/repository/session/checkpoint.ts';
import { decodeResource, encodeResource } from '../../src/repository/session/record.ts';
import { openSnapshot } from '../../src/repository/snapshots.ts';
import { chunkRefs, encodeChunkRef } from '../../src/repository/tree/content.ts';
import { decodeEntry, encodeEntry } from '../../src/repository/tree/entry.ts';
import { decodeChild, decodePage, encodeChild, encodePage } from '../../src/repository/tree/page.ts';
import { historyKey, parseWalKey, runKey } from '../../src/repository/wal/names.ts';
import { checkWalHead, openAnyWal, walHeadBytes } from '../../src/repository/wal/object.ts';
import { vectorBytes } from '../../src/repository/vectors-for-test.ts';
import { groupKey, packSample, recoveryIdentity, slotSamples } from './sealed-samples.ts';
import * as samples from './samples.ts';

/** One parser and what it must keep to. */
export interface Target {
  readonly name: string;
  readonly samples: readonly Uint8Array[];
  /** How the samples are built, so that whole parts can be exchanged. */
  readonly form: 'bytes' | 'cbor' | 'json';
  readonly read: (bytes: Uint8Array) => unknown;
  /** What was read, written again: read once more it must be the same. */
  readonly write?: (value: never) => Uint8Array;
  /** Of one value there is one form: what is accepted is what would be written. */
  readonly canonical?: true;
  /** Each case is sealed and opened again: fewer of them in the suite. */
  readonly slow?: true;
  /** What may be thrown; repository.corrupt and repository.newer-format always. */
  readonly codes?: readonly ErrorCode[];
}

function target<T>(
  made: Omit<Target, 'read' | 'write'> & { read: (bytes: Uint8Array) => T; write?: (value: T) => Uint8Array },
): Target {
  return made;
}

/** A document whose plaintext is what changes: whoever has a key can seal whatever they like. */
function sealed(
  name: string,
  type: Exclude<ObjectType, 'pack'>,
  value: Cbor,
  open: (bytes: Uint8Array) => unknown,
): Target {
  return {
    name,
    form: 'cbor',
    slow: true,
    samples: [encodeCbor(value)],
    read: (plain) => open(sealDocument(samples.keyring, type, plain, samples.runtime, plainPolicy)),
  };
}

const { keyring } = samples;
const where = 'fuzz';
const snapshotKey = `snapshots/${'e'.repeat(32)}`;
const header = encodeHeader({
  ...plainPolicy,
  type: 'pack',
  kind: 'data',
  createdAt: 1,
  keyMode: 'epoch',
  epoch: 1,
  salt: vectorBytes('salt', 32),
});
const frame = Uint8Array.from(compressZstd(utf8('holdfast '.repeat(100)), 3));

export const targets: readonly Target[] = [
  target({
    name: 'cbor',
    form: 'cbor',
    canonical: true,
    samples: samples.cborValues.map(encodeCbor),
    read: (bytes) => decodeCbor(bytes, where),
    write: encodeCbor,
  }),
  target({
    name: 'object-header',
    form: 'bytes',
    canonical: true,
    samples: [header],
    read: (bytes) => decodeHeader(headerOf(headerLength, bytes), where),
    write: encodeHeader,
  }),
  target({
    name: 'group-header',
    form: 'bytes',
    canonical: true,
    samples: [
      encodeGroupHeader({
        type: 'chunks',
        compression: 'zstd',
        plainLength: 5000,
        packedLength: 300,
        nonce: vectorBytes('nonce', 12),
      }),
    ],
    read: (bytes) => decodeGroupHeader(headerOf(groupHeaderLength, bytes), where),
    write: encodeGroupHeader,
  }),
  target({
    name: 'chunk-group',
    form: 'bytes',
    samples: [encodeChunkGroup([5, 300, 0], vectorBytes('chunks', 305)), encodeChunkGroup([1], Buffer.alloc(40))],
    read: (bytes) => decodeChunkGroup(bytes, where).map(hex),
    write: (chunks) =>
      encodeChunkGroup(
        chunks.map((chunk) => chunk.length / 2),
        concatBytes(chunks.map((chunk) => Buffer.from(chunk, 'hex'))),
      ),
  }),
  target({
    name: 'sealed-group',
    form: 'bytes',
    samples: [sealGroup(groupKey, 'chunks', utf8('one group '.repeat(20)), Buffer.alloc(12), 3)],
    read: (bytes) => hex(openGroup(groupKey, bytes, where).plain),
  }),
  target({
    name: 'zstd-frame',
    form: 'bytes',
    samples: [frame],
    read: (bytes) => hex(decompressZstd(bytes, 900, where)),
  }),
  target({
    name: 'pack-records',
    form: 'bytes',
    canonical: true,
    samples: [encodePackRecords(samples.packRecords), encodePackRecords(samples.packRecords.slice(0, 1))],
    read: (bytes) => decodePackRecords(bytes, where),
    write: encodePackRecords,
  }),
  target({
    name: 'pack',
    form: 'bytes',
    samples: [packSample],
    read: (bytes) => decodePackDirectory(keyring, where, bytes, bytes),
  }),
  target({
    name: 'tree-page',
    form: 'bytes',
    canonical: true,
    samples: [
      encodePage(
        0,
        ['a', 'ab', 'abc/d', 'b'].map((key) => ({ key: utf8(key), value: utf8(`value of ${key}`) })),
      ),
      encodePage(
        1,
        ['a', 'k'].map((key) => ({ key: utf8(key), value: encodeChild({ ...samples.treeRef, level: 0 }) })),
      ),
    ],
    read(bytes) {
      const page = decodePage(bytes, where);
      if (page.level > 0)
        for (const { value } of page.items)
          if (!equalBytes(encodeChild(decodeChild(value, 0)), value)) throw new Error('two forms of one child');
      return page;
    },
    write: ({ level, items }) => encodePage(level, items),
  }),
  target({
    name: 'entry',
    form: 'cbor',
    samples: samples.entries.map((entry) => encodeCbor(entry)),
    read: decodeEntry,
    write: encodeEntry,
  }),
  target({
    name: 'references',
    form: 'bytes',
    canonical: true,
    samples: [
      concatBytes([encodeChunkRef(vectorBytes('one', 32), 1), encodeChunkRef(vectorBytes('two', 32), 0xffffffff)]),
    ],
    read: chunkRefs,
    write: (refs) => concatBytes(refs.map(({ id, length }) => encodeChunkRef(id, length))),
  }),
  target({
    name: 'resource',
    form: 'cbor',
    samples: [encodeCbor(samples.resource)],
    read: decodeResource,
    write: ({ record, roots }) => encodeResource(record, roots),
  }),
  target({
    name: 'keyring',
    form: 'cbor',
    samples: [
      encodeKeyring(keyring),
      encodeKeyring({ ...keyring, lineage: vectorBytes('lineage', 16) }),
      encodeKeyring(writerKeyring(keyring, vectorBytes('writer', 16))),
    ],
    read: decodeKeyring,
    write: encodeKeyring,
  }),
  target({
    name: 'key-slot',
    form: 'json',
    samples: slotSamples.map(encodeSlot),
    read(bytes) {
      const slot = decodeSlot(bytes, where);
      openSlot(slot, recoveryIdentity, where);
      return slot;
    },
    write: encodeSlot,
  }),
  target({
    name: 'configuration',
    form: 'json',
    samples: [encodeConfiguration(samples.configuration, keyring)],
    read(bytes) {
      const envelope = decodeConfiguration(bytes, where);
      checkConfiguration(envelope, keyring);
      return envelope.configuration;
    },
    write: (configuration) => encodeConfiguration(configuration, keyring),
    codes: ['repository.keys-changed'],
  }),
  target({
    name: 'signed-configuration',
    form: 'json',
    samples: [utf8(canonicalJson(samples.configuration as unknown as Json))],
    // Signed as it is: what a later version, or a wrong one, may have written.
    read(bytes) {
      const configuration = parsed(bytes);
      const envelope = decodeConfiguration(encodeConfiguration(configuration, keyring), where);
      checkConfiguration(envelope, keyring);
      return envelope.configuration;
    },
    codes: ['repository.keys-changed'],
  }),
  target({
    name: 'key-text',
    form: 'bytes',
    samples: [utf8(privateKeyText('recovery', recoveryIdentity)), utf8(publicKeyText(vectorBytes('public', 32)))],
    read(bytes) {
      const text = Buffer.from(bytes).toString();
      return text.includes('public')
        ? parsePublicKey(text, where)
        : parsePrivateKey('recovery', text, where).privateKey;
    },
    codes: ['key.invalid'],
  }),
  target({
    name: 'restore-plan',
    form: 'json',
    samples: [utf8(JSON.stringify({ ...samples.plan, seal: sealOf(samples.plan) }))],
    read: (bytes) => parseRestorePlan(Buffer.from(bytes).toString()),
    codes: ['plan.invalid'],
  }),
  target({
    name: 'document',
    form: 'bytes',
    samples: [sealDocument(keyring, 'snapshot', encodeCbor(samples.snapshot), samples.runtime, plainPolicy)],
    read: (bytes) => hex(openDocument(keyring, 'snapshot', bytes, where)),
  }),
  sealed('snapshot', 'snapshot', samples.snapshot, (bytes) => openSnapshot(keyring, bytes, snapshotKey)),
  sealed('checkpoint', 'checkpoint', samples.checkpoint, (bytes) => openCheckpoint(keyring, bytes, where)),
  sealed('mark', 'mark', samples.mark, (bytes) => openMark(keyring, bytes, markKey('f'.repeat(32)))),
  sealed('audit-record', 'audit', samples.audit, (bytes) => openAuditRecord(keyring, bytes, auditKey(3))),
  {
    name: 'wal-object',
    form: 'bytes',
    slow: true,
    samples: samples.walPlains,
    read(plain) {
      const bytes = sealDocument(keyring, 'wal', plain, samples.runtime, plainPolicy);
      checkWalHead(samples.walKey.run, bytes.subarray(0, walHeadBytes), bytes.length, where);
      return hex(openAnyWal(keyring, samples.walKey, bytes, where).bytes);
    },
  },
  target({
    name: 'wal-history',
    form: 'bytes',
    slow: true,
    samples: [samples.walHistory],
    read: (plain) =>
      hex(
        openAnyWal(
          keyring,
          { ...samples.walKey, run: 'history' },
          sealDocument(keyring, 'wal', plain, samples.runtime, plainPolicy),
          where,
        ).bytes,
      ),
  }),
  target({
    name: 'wal-name',
    form: 'bytes',
    samples: samples.walNames.map((name) => utf8(name)),
    // Names are texts of the store; one is accepted only in the form in which it is written.
    read(bytes) {
      const key = Buffer.from(bytes).toString('latin1');
      const name = parseWalKey(key);
      if (!name) throw new HoldfastError('repository.corrupt', 'no name of WAL');
      const { cluster, timeline, run } = name;
      return run === 'history' ? historyKey(cluster, timeline) : runKey(cluster, run);
    },
    write: (key) => Buffer.from(key, 'latin1'),
    canonical: true,
  }),
  sealed('lock-record', 'lock', samples.lock, (bytes) => openLockRecord(keyring, bytes, where)),
];

function parsed(bytes: Uint8Array): typeof samples.configuration {
  const isNone = new HoldfastError('repository.corrupt', 'nothing that anybody could sign');
  try {
    const value = JSON.parse(Buffer.from(bytes).toString()) as typeof samples.configuration | null;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw isNone;
    return value;
  } catch {
    throw isNone;
  }
}

/** Headers stand at the beginning of something: what follows is nobody's. */
function headerOf(length: number, bytes: Uint8Array): Uint8Array {
  if (bytes.length > length) throw new HoldfastError('repository.corrupt', 'longer than a header');
  return bytes;
}
