import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { concatBytes, hex } from '../../src/kernel/bytes.ts';
import { decodePackRecords, encodePackRecords, type PackRecord } from '../../src/repository/format/pack-directory.ts';
import { createChunkTable } from '../../src/repository/index/chunk-table.ts';
import { createLocationIndex } from '../../src/repository/index/locations.ts';
import { settings, digest } from './cases.ts';

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
