import { createHash } from 'node:crypto';
import { hex, utf8 } from '../kernel/bytes.ts';
import { systemClock, type Runtime } from '../kernel/runtime.ts';
import type { Json } from '../kernel/json.ts';
import { encodeChunkGroup } from './chunks/chunk-group.ts';
import { createGear, defaultChunkSizes, type ChunkSizes } from './chunks/gear.ts';
import { chunkId } from './chunks/id.ts';
import { encodeConfiguration, newConfiguration } from './configuration.ts';
import { plainPolicy, sealDocument } from './format/document.ts';
import { encodeHeader, type ObjectHeader } from './format/header.ts';
import { encodePackRecords } from './format/pack-directory.ts';
import { publicKeyOf } from './keys/curve25519.ts';
import { privateKeyText, publicKeyText } from './keys/key-text.ts';
import {
  authorityKey,
  encodeKeyring,
  exchangeKey,
  idKeys,
  noticeSecret,
  writerKeyring,
  type Keyring,
} from './keys/keyring.ts';
import { lockWithPassphrase, passphraseKind } from './keys/kinds/passphrase.ts';
import { x25519Kind } from './keys/kinds/x25519.ts';
import { objectKey } from './keys/object-key.ts';
import { sealGroup } from './keys/seal.ts';
import { encodeSlot, sealSlot, slotDigest, writerIdOf } from './keys/slots.ts';
import { encodeChunkRef, foldReferences } from './tree/content.ts';
import { encodeEntry } from './tree/entry.ts';
import { encodeChild, encodePage, endsPage } from './tree/page.ts';

/** A fixed pseudo-random stream: SHA-256 of label and block number (u32 LE), block after block, cut to `length`. */
export function vectorBytes(label: string, length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let block = 0; block * 32 < length; block++) {
    const number = Buffer.alloc(4);
    number.writeUInt32LE(block);
    blocks.push(createHash('sha256').update(utf8(label)).update(number).digest());
  }
  return Buffer.concat(blocks).subarray(0, length);
}

const repository = vectorBytes('repository', 16);
const createdAt = Date.parse('2026-11-20T02:00:00.000Z');
const smallSizes: ChunkSizes = { minimum: 64, average: 1024, maximum: 4096 };

/** The secrets from which every vector is made. */
export const vectorKeyring: Keyring = {
  repository,
  epochs: [{ epoch: 1, secret: vectorBytes('epoch 1', 32) }],
  idSecret: vectorBytes('ids', 32),
  chunkerSecret: vectorBytes('chunker', 32),
};

/** Bytes that no zstd makes shorter: compressed bytes differ between versions of zstd, and no vector may depend on them. */
const incompressible = vectorBytes('content', 48);

/** Clock and random source stand still; each call for random bytes gets the next stream. */
function fixedRuntime(): Runtime {
  let calls = 0;
  return {
    clock: { ...systemClock, now: () => createdAt },
    random: { bytes: (length) => vectorBytes(`random ${calls++}`, length) },
  };
}

function boundaries(sizes: ChunkSizes, input: Uint8Array): number[] {
  const space = createGear(vectorKeyring.chunkerSecret, sizes)(input.length);
  space.bytes.set(input);
  const ends: number[] = [];
  for (let from = 0; from < input.length; from = ends.at(-1) as number) ends.push(space.find(from, input.length));
  return ends;
}

function keyHex(fields: Pick<ObjectHeader, 'keyMode' | 'type' | 'salt'>): string {
  return objectKey(vectorKeyring, { ...fields, epoch: 1 })
    .export()
    .toString('hex');
}

/** Everything in docs/vectors.json, made by the code as it is. */
export async function makeVectors(): Promise<Json> {
  const ids = idKeys(vectorKeyring);
  const salt = vectorBytes('salt', 32);
  const packHeader = encodeHeader({
    type: 'pack',
    kind: 'data',
    createdAt,
    retainUntil: createdAt + 86_400_000,
    retention: 'compliance',
    storageClass: 'GLACIER_IR',
    keyMode: 'epoch',
    epoch: 1,
    salt,
  });
  const underEpoch = { keyMode: 'epoch' as const, epoch: 1, salt };
  const packKey = objectKey(vectorKeyring, { ...underEpoch, type: 'pack' });
  const nonce = Buffer.from('0000000100000000000000a0', 'hex');
  const groupPlain = encodeChunkGroup([16, 32], incompressible);
  const group = sealGroup({ key: packKey, repository, kind: 'data' }, 'chunks', groupPlain, nonce, 3);
  const directory = encodePackRecords([
    {
      id: new Uint8Array(0),
      kind: 'data',
      size: 0,
      ...underEpoch,
      groups: [{ offset: 64, length: group.length, chunkCount: 1, ids: chunkId(ids, 'data', incompressible) }],
    },
  ]);
  const entry = encodeEntry({
    kind: 'blob',
    content: { size: 48, chunks: encodeChunkRef(chunkId(ids, 'data', incompressible), 48), depth: 0 },
    attributes: { mode: 0o644, etag: 'é', ratio: 0.5 },
    details: { tags: { b: '2', a: '1' } },
    secret: true,
    fingerprint: 'f1',
  });
  const row = encodeEntry({
    kind: 'row',
    content: { size: 7, inline: utf8('{"a":1}'), chunks: new Uint8Array(0), depth: 0 },
    attributes: {},
    details: {},
    secret: false,
    fingerprint: '',
  });
  const folded = foldReferences(
    1025,
    Buffer.concat(
      Array.from({ length: 1025 }, (_, i) => encodeChunkRef(chunkId(ids, 'data', Uint8Array.of(i & 255, i >> 8)), 1)),
    ),
    (bytes) => chunkId(ids, 'metadata', bytes),
  );
  const pageKeys = Array.from({ length: 2000 }, (_, i) => `objects/${String(i).padStart(6, '0')}.json`);
  const runtime = fixedRuntime();
  const epochExchange = exchangeKey(vectorKeyring, vectorBytes('epoch 1', 32));
  const identity = {
    privateKey: vectorBytes('identity', 32),
    authority: publicKeyOf('ed25519', authorityKey(vectorKeyring)),
  };
  const parameters = await lockWithPassphrase(identity, 'correct horse', runtime, { n: 1024, r: 8, p: 1 });
  const recipient = publicKeyOf('x25519', identity.privateKey);
  const plan = { kind: passphraseKind, role: 'owner' as const, label: 'passphrase', recipient: hex(recipient) };
  const madeAt = new Date(createdAt).toISOString();
  const slot = sealSlot({ ...plan, parameters }, vectorKeyring, madeAt, runtime);
  const writerPlan = { kind: x25519Kind, role: 'writer' as const, label: 'web-1', recipient: hex(recipient) };
  const writerSlot = sealSlot({ ...writerPlan, parameters: {} }, vectorKeyring, madeAt, runtime);
  const named = { [hex(vectorBytes('slot', 16))]: slotDigest(encodeSlot(slot)) };
  const writerId = writerIdOf(recipient);
  const ephemeral = vectorBytes('ephemeral', 32);
  const ephemeralPublic = publicKeyOf('x25519', ephemeral);
  const ownSalt = Buffer.concat([writerId, vectorBytes('writer salt', 16)]);
  return {
    about:
      'Test vectors of repository format 1 (docs/format.md). Byte strings are hex. stream(label, n): the first n bytes of SHA-256(label || u32le(0)) || SHA-256(label || u32le(1)) || ...',
    keyring: {
      repository: hex(repository),
      epoch1: hex(vectorKeyring.epochs[0]?.secret ?? new Uint8Array(0)),
      ids: hex(vectorKeyring.idSecret),
      chunker: hex(vectorKeyring.chunkerSecret),
      cbor: hex(encodeKeyring(vectorKeyring)),
    },
    derivedKeys: {
      idData: ids.data.export().toString('hex'),
      idMetadata: ids.metadata.export().toString('hex'),
      authority: hex(authorityKey(vectorKeyring)),
      authorityPublic: hex(publicKeyOf('ed25519', authorityKey(vectorKeyring))),
      exchange: hex(epochExchange),
      exchangePublic: hex(publicKeyOf('x25519', epochExchange)),
      notice: hex(noticeSecret(vectorKeyring, vectorBytes('epoch 1', 32))),
      salt: hex(salt),
      mark: keyHex({ keyMode: 'epoch', type: 'mark', salt }),
      pack: packKey.export().toString('hex'),
      index: objectKey(vectorKeyring, { ...underEpoch, type: 'index' })
        .export()
        .toString('hex'),
      snapshot: objectKey(vectorKeyring, { ...underEpoch, type: 'snapshot' })
        .export()
        .toString('hex'),
      checkpoint: objectKey(vectorKeyring, { ...underEpoch, type: 'checkpoint' })
        .export()
        .toString('hex'),
    },
    writer: {
      identity: hex(identity.privateKey),
      recipient: hex(recipient),
      id: hex(writerId),
      keyring: hex(encodeKeyring(writerKeyring(vectorKeyring, writerId))),
      ephemeral: hex(ephemeral),
      packSalt: hex(ephemeralPublic),
      pack: keyHex({ keyMode: 'recipient', type: 'pack', salt: ephemeralPublic }),
      indexSalt: hex(ownSalt),
      index: keyHex({ keyMode: 'writer', type: 'index', salt: ownSalt }),
      slot: { ...writerSlot },
    },
    keyTexts: {
      recovery: privateKeyText('recovery', { privateKey: identity.privateKey }),
      writer: privateKeyText('writer', identity),
      public: publicKeyText(recipient),
    },
    chunkIds: {
      plaintext: hex(incompressible),
      data: hex(chunkId(ids, 'data', incompressible)),
      metadata: hex(chunkId(ids, 'metadata', incompressible)),
    },
    gear: [
      {
        sizes: { ...smallSizes },
        input: 'stream("gear", 65536)',
        ends: boundaries(smallSizes, vectorBytes('gear', 65536)),
      },
      {
        sizes: { ...defaultChunkSizes },
        input: 'stream("gear", 4194304)',
        ends: boundaries(defaultChunkSizes, vectorBytes('gear', 4_194_304)),
      },
      { sizes: { ...smallSizes }, input: '10000 zero bytes', ends: boundaries(smallSizes, Buffer.alloc(10_000)) },
    ],
    packHeader: {
      fields: {
        type: 'pack',
        kind: 'data',
        createdAt,
        retainUntil: createdAt + 86_400_000,
        retention: 'compliance',
        storageClass: 'GLACIER_IR',
        epoch: 1,
      },
      bytes: hex(packHeader),
    },
    chunkGroup: {
      chunkLengths: [16, 32],
      plain: hex(groupPlain),
      key: packKey.export().toString('hex'),
      nonce: hex(nonce),
      sealed: hex(group),
    },
    packDirectory: { plain: hex(directory) },
    document: {
      type: 'index',
      plain: hex(vectorBytes('document', 16)),
      object: hex(sealDocument(vectorKeyring, 'index', vectorBytes('document', 16), fixedRuntime(), plainPolicy)),
    },
    entries: { blob: hex(entry), row: hex(row) },
    page: {
      leaf: hex(
        encodePage(0, [
          { key: utf8('a/b'), value: entry },
          { key: utf8('a/c'), value: row },
        ]),
      ),
      inner: hex(
        encodePage(1, [
          {
            key: utf8('a/b'),
            value: encodeChild({ id: chunkId(ids, 'metadata', incompressible), level: 0, entries: 300, bytes: 70_000 }),
          },
        ]),
      ),
    },
    pageEnds: {
      keys: 'objects/000000.json to objects/001999.json',
      pageBytes: 5000,
      itemBytes: 400,
      places: pageKeys.flatMap((key, i) => (endsPage(5000, utf8(key), 400) ? [i] : [])),
    },
    foldedReferences: {
      input: '1025 references of length 1 to the data chunks (u16le(i)), i = 0 to 1024',
      depth: folded.depth,
      list: hex(folded.chunks),
    },
    configuration: new TextDecoder().decode(
      encodeConfiguration(newConfiguration(repository, createdAt, named), vectorKeyring),
    ),
    keySlot: { passphrase: 'correct horse', slot: { ...slot } },
  };
}
