import { readFileSync } from 'node:fs';
import { createSecretKey } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { hex, unhex, utf8 } from '../kernel/bytes.ts';
import { canonicalJson } from '../kernel/json.ts';
import { decodeChunkGroup } from './chunks/chunk-group.ts';
import { checkConfiguration, decodeConfiguration } from './configuration.ts';
import { openDocument } from './format/document.ts';
import { decodeHeader } from './format/header.ts';
import { openGroup } from './keys/seal.ts';
import { parsePrivateKey } from './keys/key-text.ts';
import { unlockWithPassphrase } from './keys/kinds/passphrase.ts';
import { openSlot, type Identity, type KeySlot } from './keys/slots.ts';
import { decodeEntry } from './tree/entry.ts';
import { decodePage } from './tree/page.ts';
import { makeVectors, vectorKeyring } from './vectors-for-test.ts';

interface Vectors {
  readonly packHeader: { readonly fields: object; readonly bytes: string };
  readonly chunkGroup: { readonly plain: string; readonly key: string; readonly sealed: string };
  readonly document: { readonly plain: string; readonly object: string };
  readonly page: { readonly leaf: string };
  readonly configuration: string;
  readonly writer: { readonly id: string; readonly slot: KeySlot };
  readonly keyTexts: { readonly writer: string };
  readonly keySlot: { readonly passphrase: string; readonly slot: KeySlot };
}

const file = new URL('../../docs/vectors.json', import.meta.url);

function published(): Vectors {
  return JSON.parse(readFileSync(file, 'utf8')) as Vectors;
}

// `npx vitest run src/repository/vectors.test.ts -u` writes the file anew: only together with a new format version.
test('what is written equals the published vectors of format 1', async () => {
  await expect(canonicalJson(await makeVectors())).toMatchFileSnapshot(fileURLToPath(file));
});

test('the published vectors are read back', async () => {
  const vectors = published();
  const repository = vectorKeyring.repository;
  expect(decodeHeader(unhex(vectors.packHeader.bytes), 'vector')).toMatchObject(vectors.packHeader.fields);
  const key = createSecretKey(unhex(vectors.chunkGroup.key));
  const { plain } = openGroup({ key, repository, kind: 'data' }, unhex(vectors.chunkGroup.sealed), 'vector');
  expect(hex(plain)).toBe(vectors.chunkGroup.plain);
  expect(decodeChunkGroup(plain, 'vector').map((chunk) => chunk.length)).toEqual([16, 32]);
  expect(hex(openDocument(vectorKeyring, 'index', unhex(vectors.document.object), 'vector'))).toBe(
    vectors.document.plain,
  );
  const { items } = decodePage(unhex(vectors.page.leaf), 'vector');
  expect(items.map(({ value }) => decodeEntry(value).kind)).toEqual(['blob', 'row']);
  expect(items.map((item) => hex(item.key))).toEqual([hex(utf8('a/b')), hex(utf8('a/c'))]);
  checkConfiguration(decodeConfiguration(utf8(vectors.configuration), 'vector'), vectorKeyring);
  const { slot, passphrase } = vectors.keySlot;
  const identity = (await unlockWithPassphrase(slot, passphrase, 'vector')) as Identity;
  expect(hex(openSlot(slot, identity, 'vector').chunkerSecret)).toBe(hex(vectorKeyring.chunkerSecret));
  const writer = openSlot(vectors.writer.slot, parsePrivateKey('writer', vectors.keyTexts.writer, 'vector'), 'vector');
  expect([writer.epochs, hex(writer.writer?.id ?? new Uint8Array(0))]).toEqual([[], vectors.writer.id]);
});

test('a group sealed for a metadata pack does not open as one of a data pack', () => {
  const { key, sealed } = published().chunkGroup;
  const context = { key: createSecretKey(unhex(key)), repository: vectorKeyring.repository, kind: 'metadata' as const };
  expect(() => openGroup(context, unhex(sealed), 'vector')).toThrowError('not what was sealed');
});
