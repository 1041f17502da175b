import * as fc from 'fast-check';
import { createHash, createSecretKey } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  compareBytes,
  concatBytes,
  displayBytes,
  equalBytes,
  hex,
  parseDisplay,
  utf8,
} from '../../src/kernel/bytes.ts';
import { isCode } from '../../src/kernel/errors.ts';
import { isInSample } from '../../src/repository/check/sample.ts';
import { decodeChunkGroup, encodeChunkGroup } from '../../src/repository/chunks/chunk-group.ts';
import { createGear } from '../../src/repository/chunks/gear.ts';
import { createStreamChunker } from '../../src/repository/chunks/stream-chunker.ts';
import { decodeCbor, encodeCbor, type Cbor } from '../../src/repository/format/cbor.ts';
import { decodePackRecords, encodePackRecords, type PackRecord } from '../../src/repository/format/pack-directory.ts';
import { createChunkTable } from '../../src/repository/index/chunk-table.ts';
import { createLocationIndex } from '../../src/repository/index/locations.ts';
import { parsePrivateKey, privateKeyText } from '../../src/repository/keys/key-text.ts';
import { openGroup, sealGroup } from '../../src/repository/keys/seal.ts';
import { dataReferences, encodeChunkRef, foldReferences } from '../../src/repository/tree/content.ts';
import { diffTrees } from '../../src/repository/tree/diff.ts';
import type { PageItem, TreeRef } from '../../src/repository/tree/page.ts';
import { walkTree } from '../../src/repository/tree/walk.ts';
import { createTreeWriter } from '../../src/repository/tree/writer.ts';
import { createMemoryStore } from '../../src/storage/memory/index.ts';
import { contentsOf, createSmall, openSmall, snapshotOf } from '../repository/small-repository.ts';
import { runs } from '../runs.ts';
import { simulatedRuntime } from '../simulated-time.ts';

// The laws of the engine, each tried on so many cases. The tests beside the code try more kinds of one thing.
const numRuns = runs(1000, 100_000);
const settings = { numRuns };

const sizes = { minimum: 64, average: 256, maximum: 1024 };
const gear = createGear(
  Uint8Array.from({ length: 32 }, (_, i) => i * 7),
  sizes,
);

function cut(pieces: readonly Uint8Array[]): string[] {
  const chunks: string[] = [];
  const chunker = createStreamChunker(gear, sizes, (chunk) => chunks.push(hex(chunk)));
  for (const piece of pieces) chunker.push(Buffer.from(piece));
  chunker.end();
  return chunks;
}

const content = fc
  .tuple(fc.nat({ max: 4000 }), fc.nat())
  .map(([length, seed]) =>
    Buffer.concat(Array.from({ length: Math.ceil(length / 64) }, (_, i) => digest(`${seed}/${i}`))).subarray(0, length),
  );

function digest(text: string): Buffer {
  return createHash('sha512').update(text).digest();
}

test('chunks: no gap, no overlap, none larger than the largest', () => {
  fc.assert(
    fc.property(content, (bytes) => {
      const chunks = cut([bytes]);
      expect(chunks.join('')).toBe(hex(bytes));
      expect(chunks.every((chunk) => chunk.length > 0 && chunk.length <= 2 * sizes.maximum)).toBe(true);
    }),
    settings,
  );
});

test('chunks: the same whatever the pieces in which content comes', () => {
  fc.assert(
    fc.property(content, fc.array(fc.nat({ max: 4000 }), { maxLength: 6 }), (bytes, ends) => {
      const marks = [0, ...ends.filter((end) => end < bytes.length).sort((a, b) => a - b), bytes.length];
      const pieces = marks.slice(1).map((end, i) => bytes.subarray(marks[i], end));
      expect(cut(pieces)).toEqual(cut([bytes]));
    }),
    settings,
  );
});

test('groups: what was sealed opens, and with any bit changed it does not', () => {
  const context = { key: createSecretKey(Buffer.alloc(32, 1)), repository: new Uint8Array(16), kind: 'data' as const };
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), fc.nat(), (chunks, bit) => {
      const plain = encodeChunkGroup(
        chunks.map(({ length }) => length),
        concatBytes(chunks),
      );
      const sealed = sealGroup(context, 'chunks', plain, Buffer.alloc(12), 3);
      expect(decodeChunkGroup(openGroup(context, sealed, 'it').plain, 'it').map(hex)).toEqual(chunks.map(hex));
      const at = (bit >> 3) % sealed.length;
      sealed[at] = (sealed[at] as number) ^ (1 << (bit & 7));
      expect(() => openGroup(context, sealed, 'it')).toThrow(expect.objectContaining({ code: 'repository.corrupt' }));
    }),
    settings,
  );
});

const id = fc.nat({ max: 60 }).map((number) => digest(`${number}`).subarray(0, 32));
const packs: fc.Arbitrary<PackRecord> = fc
  .record({
    id,
    kind: fc.constantFrom('data', 'metadata'),
    chunks: fc.array(fc.array(id, { minLength: 1, maxLength: 4 }), { maxLength: 3 }),
  })
  .map(({ id: packId, kind, chunks }) => ({
    id: packId,
    kind,
    size: 10_000,
    salt: new Uint8Array(32),
    epoch: 1,
    keyMode: 'epoch',
    groups: chunks.map((ids, i) => ({
      offset: 64 + i * 500,
      length: 400,
      chunkCount: ids.length,
      ids: concatBytes(ids),
    })),
  }));

test('index: records come back as they were written', () => {
  const plain = (records: readonly PackRecord[]): unknown =>
    records.map((record) => ({
      ...record,
      id: hex(record.id),
      salt: hex(record.salt),
      groups: record.groups.map((group) => ({ ...group, ids: hex(group.ids) })),
    }));
  fc.assert(
    fc.property(fc.array(packs, { maxLength: 5 }), (records) => {
      expect(plain(decodePackRecords(encodePackRecords(records), 'it'))).toEqual(plain(records));
    }),
    settings,
  );
});

test('index: merged in any order, and any number of times, it knows the same packs and chunks', () => {
  const merged = (records: readonly PackRecord[]): unknown => {
    const index = createLocationIndex(createChunkTable(), () => undefined);
    for (const record of records) index.add(record, true);
    const known = [
      ...new Set(records.flatMap(({ groups }) => groups.flatMap(({ ids }) => hex(ids).match(/.{64}/g) ?? []))),
    ];
    // Of several copies either may be given: a chunk is where it was said to be.
    for (const name of known) {
      const { pack, offset, place } = index.locate(Buffer.from(name, 'hex')) ?? {
        pack: undefined,
        offset: 0,
        place: 0,
      };
      const record = records.find((one) => pack?.key.endsWith(hex(one.id)));
      const group = record?.groups.find((one) => one.offset === offset);
      expect(group && hex(group.ids.subarray(place * 32, place * 32 + 32))).toBe(name);
    }
    return { packs: [...index.packs()].map(({ key }) => key).sort(), chunks: known.sort() };
  };
  const distinct = fc.uniqueArray(packs, { selector: (record) => hex(record.id), maxLength: 4 });
  fc.assert(
    fc.property(distinct, (records) => {
      const once = merged(records);
      expect(merged(records.toReversed())).toEqual(once);
      expect(merged([...records, ...records])).toEqual(once);
    }),
    settings,
  );
});

function pages() {
  const stored = new Map<string, Uint8Array>();
  return {
    store(page: Uint8Array): Uint8Array {
      const name = createHash('sha256').update(page).digest();
      stored.set(hex(name), page);
      return name;
    },
    load: async (name: Uint8Array) => stored.get(hex(name)) as Uint8Array,
  };
}

const items = fc
  .uniqueArray(
    fc.record({
      key: fc.string({ unit: fc.constantFrom('a', 'b', '/', 'z'), maxLength: 7 }).map(utf8),
      value: fc.nat({ max: 1200 }).map((n) => new Uint8Array(n).fill(n)),
    }),
    { selector: ({ key }) => hex(key), maxLength: 25 },
  )
  .map((list) => list.sort((a, b) => compareBytes(a.key, b.key)));

function write(into: ReturnType<typeof pages>, list: readonly PageItem[]): TreeRef | undefined {
  const tree = createTreeWriter(into.store);
  for (const { key, value } of list) tree.add(key, value, value.length);
  return tree.finish();
}

test('trees: what was written is walked, in order, and the root counts it', async () => {
  await fc.assert(
    fc.asyncProperty(items, async (list) => {
      const from = pages();
      const root = write(from, list);
      const found: string[] = [];
      for await (const page of walkTree(from.load, root))
        for (const { key, value } of page) found.push(`${hex(key)} ${value.length}`);
      expect(found).toEqual(list.map(({ key, value }) => `${hex(key)} ${value.length}`));
      expect(root?.entries ?? 0).toBe(list.length);
    }),
    settings,
  );
});

test('trees: a difference is what comparing all of both gives, and turned round it is its mirror', async () => {
  const changes = async (
    from: ReturnType<typeof pages>,
    a: TreeRef | undefined,
    b: TreeRef | undefined,
  ): Promise<string[]> => {
    const found: string[] = [];
    for await (const { key, before, after } of diffTrees(from.load, a, b))
      found.push(`${hex(key)} ${before?.length ?? '-'} ${after?.length ?? '-'}`);
    return found;
  };
  await fc.assert(
    fc.asyncProperty(items, items, async (left, right) => {
      const from = pages();
      const [a, b] = [write(from, left), write(from, right)];
      const there = await changes(from, a, b);
      const was = new Map(left.map(({ key, value }) => [hex(key), value]));
      const is = new Map(right.map(({ key, value }) => [hex(key), value]));
      const naive = [...new Set([...was.keys(), ...is.keys()])]
        .sort()
        .filter((key) => !equalBytes(was.get(key) ?? utf8('absent'), is.get(key) ?? utf8('absent')))
        .map((key) => `${key} ${was.get(key)?.length ?? '-'} ${is.get(key)?.length ?? '-'}`);
      expect(there).toEqual(naive);
      const mirrored = (await changes(from, b, a)).map((line) => line.replace(/ (\S+) (\S+)$/, ' $2 $1'));
      expect(mirrored).toEqual(there);
    }),
    settings,
  );
});

const leaf = fc.oneof(
  fc.constantFrom<Cbor>(null, true, false, -0),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true }),
  fc.string({ unit: 'binary', maxLength: 9 }),
  fc.uint8Array({ maxLength: 40 }),
);
const value: fc.Arbitrary<Cbor> = fc.letrec<{ value: Cbor }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 5 }), tie('value'), { maxKeys: 4 }),
  ),
})).value;

test('CBOR: of one value there is one form, and no other bytes are taken for it', () => {
  fc.assert(
    fc.property(value, fc.nat(), fc.nat({ max: 254 }), (one, place, change) => {
      const bytes = encodeCbor(one);
      expect(hex(encodeCbor(decodeCbor(bytes, 'it')))).toBe(hex(bytes));
      const other = Buffer.from(bytes);
      const at = place % other.length;
      other[at] = ((other[at] as number) + 1 + change) & 0xff;
      try {
        expect(hex(encodeCbor(decodeCbor(other, 'it')))).toBe(hex(other));
      } catch (error) {
        if (!isCode(error, 'repository.corrupt')) throw error;
      }
    }),
    settings,
  );
});

test('references: folded and unfolded they are the same', async () => {
  const many = fc.oneof(
    { weight: 30, arbitrary: fc.nat({ max: 60 }) },
    { weight: 1, arbitrary: fc.integer({ min: 1000, max: 2100 }) },
  );
  await fc.assert(
    fc.asyncProperty(many, fc.nat(), async (count, seed) => {
      const list = concatBytes(
        Array.from({ length: count }, (_, i) => encodeChunkRef(digest(`${seed}/${i}`).subarray(0, 32), i)),
      );
      const from = pages();
      const folded = foldReferences(1, list, from.store);
      const found: Uint8Array[] = [];
      for await (const refs of dataReferences(folded, from.load))
        for (const ref of refs) found.push(encodeChunkRef(ref.id, ref.length));
      expect(Buffer.from(concatBytes(found)).equals(list)).toBe(true);
    }),
    settings,
  );
});

test('keys on paper: read back in capitals, with spaces for dashes, they are the same; with one character wrong they are none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.nat(), (privateKey, place) => {
      const text = privateKeyText('recovery', { privateKey });
      expect(
        hex(
          parsePrivateKey(
            'recovery',
            text.toUpperCase().replaceAll('-', ' ').replace('HOLDFAST RECOVERY KEY 1', 'holdfast-recovery-key-1'),
            'it',
          ).privateKey,
        ),
      ).toBe(hex(privateKey));
      const digits = [...text.matchAll(/(?<=: .*)[a-z2-7]/g)].map(({ index }) => index);
      const at = digits[place % (digits.length - 1)] as number;
      const wrong = text.slice(0, at) + (text[at] === 'q' ? 'r' : 'q') + text.slice(at + 1);
      expect(() => parsePrivateKey('recovery', wrong, 'it')).toThrow(expect.objectContaining({ code: 'key.invalid' }));
    }),
    settings,
  );
});

test('names: any bytes are shown as text, and the text gives the bytes back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => {
      expect(hex(parseDisplay(displayBytes(bytes)))).toBe(hex(bytes));
    }),
    settings,
  );
});

test('samples: week after week every pack gets read', () => {
  const weekMs = 7 * 24 * 3600 * 1000;
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.integer({ min: 1, max: 50 }),
      fc.nat({ max: 3000 }),
      (name, parts, week) => {
        const pack = `data/00/${hex(name)}`;
        // One week more than the parts: the last window of a round may reach into the next.
        const weeks = Array.from({ length: parts + 1 }, (_, i) => isInSample(pack, 1 / parts, (week + i) * weekMs));
        expect(weeks).toContain(true);
      },
    ),
    settings,
  );
});

test('snapshots: what was captured is read back byte for byte', async () => {
  const runtime = simulatedRuntime(1);
  const store = createMemoryStore({ runtime });
  const file = fc.tuple(
    fc.constantFrom('a', 'b', 'deep/c', 'd'),
    fc.string({ unit: fc.nat({ max: 255 }).map((byte) => String.fromCharCode(byte)), maxLength: 300 }),
  );
  const trees = fc.sample(
    fc.array(file, { maxLength: 4 }).map((files) => Object.fromEntries(files)),
    { numRuns, seed: 7 },
  );
  // One resource per case.
  const contents = Object.fromEntries(trees.map((files, i) => [`r${String(i).padStart(6, '0')}`, files]));
  const info = await snapshotOf(await createSmall({ store, runtime }), contents);
  expect(await contentsOf(await openSmall({ store, runtime }), info)).toEqual(contents);
});
