import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCode } from '../../kernel/errors.ts';
import { runs } from '../../../test/runs.ts';
import { decodeGroupHeader, encodeGroupHeader, groupHeaderLength, sealedLength, type GroupHeader } from './group.ts';
import { decodeHeader, encodeHeader, headerLength, type ObjectHeader } from './header.ts';
import { decodePackRecords, encodePackRecords, type PackRecord } from './pack-directory.ts';
import { createByteReader } from './reader.ts';
import { createByteWriter } from './writer.ts';

const numRuns = runs(200, 10_000);
const time = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

const headers: fc.Arbitrary<ObjectHeader> = fc.record({
  type: fc.constantFrom('pack', 'index', 'snapshot', 'checkpoint'),
  kind: fc.constantFrom('data', 'metadata'),
  createdAt: time,
  retainUntil: time,
  retention: fc.constantFrom('none', 'governance', 'compliance'),
  storageClass: fc.constantFrom('STANDARD', 'GLACIER_IR', 'DEEP_ARCHIVE', 'ONEZONE_IA'),
  keyMode: fc.constantFrom('epoch', 'recipient', 'writer'),
  epoch: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  salt: fc.uint8Array({ minLength: 32, maxLength: 32 }),
});
const groupHeaders: fc.Arbitrary<GroupHeader> = fc.record({
  type: fc.constantFrom('chunks', 'directory', 'document'),
  compression: fc.constantFrom('none', 'zstd'),
  plainLength: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  packedLength: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  nonce: fc.uint8Array({ minLength: 12, maxLength: 12 }),
});
const sealedBy: fc.Arbitrary<Pick<PackRecord, 'keyMode' | 'writer'>> = fc.oneof(
  fc.constant({ keyMode: 'epoch' as const }),
  fc.record({
    keyMode: fc.constant('recipient' as const),
    writer: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  }),
);
const packFields: fc.Arbitrary<Omit<PackRecord, 'keyMode'>> = fc.record({
  id: fc.constantFrom(0, 32).chain((length) => fc.uint8Array({ minLength: length, maxLength: length })),
  kind: fc.constantFrom('data', 'metadata'),
  size: fc.nat(),
  salt: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  epoch: fc.nat(),
  groups: fc.array(
    fc
      .tuple(fc.nat(), fc.nat(), fc.nat({ max: 5 }), fc.nat({ max: 255 }))
      .map(([offset, length, chunkCount, fill]) => ({
        offset,
        length: Math.max(length, 48),
        chunkCount,
        ids: new Uint8Array(chunkCount * 32).fill(fill),
      })),
    { maxLength: 4 },
  ),
});
const packs: fc.Arbitrary<PackRecord[]> = fc.array(
  fc.tuple(packFields, sealedBy).map(([fields, by]) => ({ ...fields, ...by, size: fields.size + 2 ** 33 })),
  { maxLength: 4 },
);

/** Buffers and arrays alike. */
function plain(value: object): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, item: unknown) =>
      item instanceof Uint8Array || isBufferJson(item) ? Buffer.from(bytesOf(item)).toString('hex') : item,
    ),
  );
}

function isBufferJson(item: unknown): item is { type: 'Buffer'; data: number[] } {
  return typeof item === 'object' && item !== null && (item as { type?: unknown }).type === 'Buffer';
}

function bytesOf(item: Uint8Array | { data: number[] }): Uint8Array {
  return item instanceof Uint8Array ? item : Uint8Array.from(item.data);
}

/** True when it threw one of our codes; anything else that is thrown goes on to the test. */
function refused(work: () => unknown): boolean {
  try {
    work();
    return false;
  } catch (error) {
    if (!isCode(error, 'repository.corrupt', 'repository.newer-format')) throw error;
    return true;
  }
}

/** Every cut must throw, every flip of one byte may throw, and only errors of ours come out. */
function survivesDamage(bytes: Uint8Array, decode: (bytes: Uint8Array) => unknown): void {
  for (let end = 0; end < bytes.length; end++) {
    if (!refused(() => decode(bytes.subarray(0, end)))) throw new Error(`the first ${end} bytes were taken for whole`);
  }
  for (let at = 0; at < bytes.length; at++) {
    for (const flip of [1, 0x80, 0xff]) {
      const flipped = Uint8Array.from(bytes);
      flipped[at] = (flipped[at] as number) ^ flip;
      refused(() => decode(flipped));
    }
  }
}

describe('object header', () => {
  it('comes back as it was, 64 bytes long', () => {
    fc.assert(
      fc.property(headers, (header) => {
        const bytes = encodeHeader(header);
        expect(bytes).toHaveLength(headerLength);
        expect(plain(decodeHeader(bytes, 'k'))).toEqual(plain(header));
      }),
      { numRuns },
    );
  });

  it('survives every cut and flip', () => {
    fc.assert(
      fc.property(headers, (header) => survivesDamage(encodeHeader(header), (bytes) => decodeHeader(bytes, 'k'))),
      { numRuns: 10 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (noise) => void refused(() => decodeHeader(noise, 'k'))),
      { numRuns },
    );
  });

  it('tells a newer format from damage', () => {
    const [sample] = fc.sample(headers, 1) as [ObjectHeader];
    const newer = Buffer.from(encodeHeader(sample));
    newer.writeUInt16LE(2, 4);
    expect(() => decodeHeader(newer, 'k')).toThrow(expect.objectContaining({ code: 'repository.newer-format' }));
    const damaged = Buffer.from(encodeHeader(sample));
    damaged[0] = 0;
    expect(() => decodeHeader(damaged, 'k')).toThrow(expect.objectContaining({ code: 'repository.corrupt' }));
  });
});

describe('group header', () => {
  it('comes back as it was, 32 bytes long', () => {
    fc.assert(
      fc.property(groupHeaders, (header) => {
        const bytes = encodeGroupHeader(header);
        expect(bytes).toHaveLength(groupHeaderLength);
        expect(plain(decodeGroupHeader(bytes, 'k'))).toEqual(plain(header));
        expect(sealedLength(header)).toBe(32 + header.packedLength + 16);
      }),
      { numRuns },
    );
  });

  it('survives every cut and flip', () => {
    fc.assert(
      fc.property(groupHeaders, (header) =>
        survivesDamage(encodeGroupHeader(header), (bytes) => decodeGroupHeader(bytes, 'k')),
      ),
      { numRuns: 10 },
    );
  });
});

describe('pack directory', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(packs, (records) => {
        expect(decodePackRecords(encodePackRecords(records), 'k').map(plain)).toEqual(records.map(plain));
      }),
      { numRuns },
    );
  });

  it('survives every cut and flip, and noise that announces billions', () => {
    fc.assert(
      fc.property(packs, (records) =>
        survivesDamage(encodePackRecords(records), (bytes) => decodePackRecords(bytes, 'k')),
      ),
      { numRuns: 20 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => void refused(() => decodePackRecords(noise, 'k'))),
      { numRuns: numRuns * 5 },
    );
  });
});

describe('byte writer and reader', () => {
  it('agree on numbers up to 2^53 - 1, whatever the memory they begin with', () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeNat()), fc.integer({ min: 1, max: 64 }), (numbers, initial) => {
        const writer = createByteWriter(initial);
        for (const number of numbers) writer.varint(number);
        const reader = createByteReader(writer.take(), 'numbers');
        expect(numbers.map(() => reader.varint())).toEqual(numbers);
        expect(reader.left).toBe(0);
      }),
      { numRuns },
    );
  });
});
