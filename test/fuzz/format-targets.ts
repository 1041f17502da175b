import { HoldfastError } from '../../src/kernel/errors.ts';
import { concatBytes, equalBytes, hex, utf8 } from '../../src/kernel/bytes.ts';
import { decodeChunkGroup, encodeChunkGroup } from '../../src/repository/chunks/chunk-group.ts';
import { compressZstd, decompressZstd } from '../../src/repository/chunks/zstd.ts';
import { decodeCbor, encodeCbor } from '../../src/repository/format/cbor.ts';
import { plainPolicy } from '../../src/repository/format/document.ts';
import { decodeGroupHeader, encodeGroupHeader, groupHeaderLength } from '../../src/repository/format/group.ts';
import { decodeHeader, encodeHeader, headerLength } from '../../src/repository/format/header.ts';
import { decodePackRecords, encodePackRecords } from '../../src/repository/format/pack-directory.ts';
import { openGroup, sealGroup } from '../../src/repository/keys/seal.ts';
import { decodePackDirectory } from '../../src/repository/pack/directory.ts';
import { chunkRefs, encodeChunkRef } from '../../src/repository/tree/content.ts';
import { decodeEntry, encodeEntry } from '../../src/repository/tree/entry.ts';
import { decodeChild, decodePage, encodeChild, encodePage } from '../../src/repository/tree/page.ts';
import { vectorBytes } from '../../src/repository/vectors-for-test.ts';
import { groupKey, packSample } from './sealed-samples.ts';
import * as samples from './samples.ts';
import { type Target, target, where } from './target.ts';

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

/** Bytes of the format: headers, groups, packs, pages. */
export const formatTargets: readonly Target[] = [
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
    read: (bytes) => decodePackDirectory(samples.keyring, where, bytes, bytes),
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
];

/** Headers stand at the beginning of something: what follows is nobody's. */
function headerOf(length: number, bytes: Uint8Array): Uint8Array {
  if (bytes.length > length) throw new HoldfastError('repository.corrupt', 'longer than a header');
  return bytes;
}
