import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { PackRecord } from '../format/pack-directory.ts';
import { createChunkTable } from './chunk-table.ts';
import { createColumn, lastAtMost } from './column.ts';
import { createGroupTable } from './group-table.ts';
import { createLocationIndex } from './locations.ts';
import { createPackTable } from './pack-table.ts';

function idOf(n: number): Buffer {
  return createHash('sha256').update(`id ${n}`).digest();
}

function packOf(n: number, settings: Partial<PackRecord> = {}): PackRecord {
  const salt = Buffer.alloc(32, n % 3);
  return { id: idOf(n), kind: 'data', size: 1000 + n, salt, epoch: 1, keyMode: 'epoch', groups: [], ...settings };
}

/** A group with so many chunks, whose ids nothing looks at. */
function group(offset: number, length: number, chunkCount: number) {
  return { offset, length, chunkCount, ids: Buffer.alloc(chunkCount * 32) };
}

describe('columns', () => {
  it('keep every number over many blocks, the largest too', () => {
    const column = createColumn();
    for (let i = 0; i < 40_000; i++) column.push(i * 100_000);
    column.push(2 ** 32 - 1);
    column.set(39_999, 7);
    expect(column.length).toBe(40_001);
    expect([0, 16_383, 16_384, 39_998, 39_999, 40_000].map(column.at)).toEqual([
      0,
      1_638_300_000,
      1_638_400_000,
      3_999_800_000,
      7,
      2 ** 32 - 1,
    ]);
  });

  it('find the last of equal numbers, and nothing before the first', () => {
    const column = createColumn();
    for (const value of [5, 7, 7, 9]) column.push(value);
    expect([4, 5, 6, 7, 8, 9, 10].map((value) => lastAtMost(column, value))).toEqual([-1, 0, 0, 2, 2, 3, 3]);
  });
});

describe('groups', () => {
  it('have their own lengths where they lie close together, before gaps, and at the end of a pack', () => {
    const groups = createGroupTable();
    expect(groups.add([group(64, 100, 2), group(164, 50, 0), group(300, 20, 3)])).toBe(0);
    expect(groups.add([group(64, 10, 1)])).toBe(3);
    expect(groups.add([])).toBe(4);
    expect(groups.add([group(64, 30, 4), group(94, 1, 1)])).toBe(4);
    const all = [...Array(6).keys()];
    expect(all.map(groups.length)).toEqual([100, 50, 20, 10, 30, 1]);
    expect(all.map(groups.chunkCount)).toEqual([2, 0, 3, 1, 4, 1]);
    expect([...Array(11).keys()].map(groups.ofChunk)).toEqual([0, 0, 2, 2, 2, 3, 4, 4, 4, 4, 5]);
    expect([groups.count, groups.chunks]).toEqual([6, 11]);
  });
});

describe('packs', () => {
  it('are found by their ids, keep what was said of them, and are one object each', () => {
    const packs = createPackTable();
    const groups = [group(64, 1, 1)];
    const count = 2500;
    for (let n = 0; n < count; n++)
      packs.add(packOf(n, { groups, kind: n % 2 === 0 ? 'data' : 'metadata', epoch: (n % 5) + 1 }), 'live', n);
    expect(packs.count).toBe(count);
    expect(packs.find(idOf(count))).toBeUndefined();
    for (const n of [0, 1, 511, 2047, 2048, count - 1]) {
      expect(packs.find(idOf(n))).toBe(n);
      const { salt, ...pack } = packs.at(n);
      expect(pack).toMatchObject({
        size: 1000 + n,
        epoch: (n % 5) + 1,
        keyMode: 'epoch',
        firstGroup: n,
        groupCount: 1,
      });
      const name = idOf(n).toString('hex');
      expect(pack.key).toBe(`${n % 2 === 0 ? 'data' : 'meta'}/${name.slice(0, 2)}/${name}`);
      expect(salt[0]).toBe(n % 3);
      expect(packs.at(n)).toBe(packs.at(n));
      expect(packs.ofGroup(n)).toBe(n);
    }
  });

  it('change their standing, also for those who hold one', () => {
    const packs = createPackTable();
    packs.add(packOf(1, { kind: 'metadata' }), 'live', 0);
    const held = packs.at(0);
    packs.setStanding(0, 'marked');
    packs.setStanding(0, 'condemned');
    expect([held.standing, packs.standing(0), held.kind]).toEqual(['condemned', 'condemned', 'metadata']);
  });

  it('refuse what can be no pack', () => {
    const packs = createPackTable();
    expect(packs.find(Buffer.alloc(5))).toBeUndefined();
    for (const wrong of [{ id: Buffer.alloc(31) }, { size: 2 ** 32 }])
      expect(() => packs.add(packOf(1, wrong), 'live', 0)).toThrow(/can be none/);
    expect(packs.count).toBe(0);
  });
});

describe('an index that is listed', () => {
  it('tells of all packs, by the keys that they are known by, and keeps nothing for it', () => {
    const index = createLocationIndex(createChunkTable(), () => undefined);
    for (let n = 0; n < 30; n++) index.add(packOf(n, { kind: n % 2 === 0 ? 'data' : 'metadata' }));
    index.demote([idOf(7).toString('hex')], 'marked');
    const listed = [...index.listing()];
    expect(listed).toEqual([...index.packs()].map(({ key, size, standing }) => ({ key, size, standing })));
    expect(listed.filter(({ standing }) => standing === 'marked')).toHaveLength(1);
    expect([...index.listing()][0]).not.toBe([...index.listing()][0]);
    expect(listed.every(({ key }) => index.hasPack(key))).toBe(true);
    const name = idOf(0).toString('hex');
    const others = [`meta/${name.slice(0, 2)}/${name}`, 'data/README', `data/${'00'.repeat(32)}`, ''];
    expect(others.filter(index.hasPack)).toEqual([]);
  });
});

describe('an index that is told how much is coming', () => {
  const perPack = 500;
  const packs = 40;
  const total = perPack * packs;
  function chunksOf(pack: number): PackRecord {
    const ids = Buffer.concat(Array.from({ length: perPack }, (_, i) => idOf(pack * perPack + i)));
    return packOf(-pack - 1, { groups: [{ offset: 64, length: 10, chunkCount: perPack, ids }] });
  }
  function indexTold(coming: number) {
    const segments: SharedArrayBuffer[] = [];
    const index = createLocationIndex(createChunkTable(), (segment) => segments.push(segment));
    index.expect(coming);
    for (let pack = 0; pack < packs; pack++) index.add(chunksOf(pack));
    return { index, segments };
  }
  function wronglyNumbered({ numberOf }: ReturnType<typeof indexTold>['index']): number[] {
    return [...Array(total).keys()].filter((n) => numberOf(idOf(n)) !== n);
  }

  it('makes one segment that fits, and finds everything in it', () => {
    const { index, segments } = indexTold(total);
    // The first one holds some; 16 bytes a slot, 85 % full, and room for what is claimed meanwhile.
    expect(segments.map(({ byteLength }) => byteLength < (total + 4096) * 19)).toEqual([true]);
    expect(wronglyNumbered(index)).toEqual([]);
    const last = total - 1;
    expect(index.locate(idOf(last))).toMatchObject({ number: last, place: perPack - 1, group: packs - 1, offset: 64 });
    expect(index.has(idOf(total))).toBe(false);
  });

  it('goes on growing by itself where more comes than it was told', () => {
    const { index, segments } = indexTold(1000);
    expect(segments.length).toBeGreaterThan(0);
    expect(wronglyNumbered(index)).toEqual([]);
  });
});
