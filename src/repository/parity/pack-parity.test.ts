import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noise } from '../../../test/repository/small-repository.ts';
import { runs } from '../../../test/runs.ts';
import { parityLimits, findHead, type ParitySettings } from './layout.ts';
import { protectPack, repairPack } from './pack-parity.ts';

function packOf(size: number): { pack: Buffer; id: Buffer } {
  const pack = Buffer.from(noise(size, size), 'latin1');
  return { pack, id: createHash('sha256').update(pack).digest() };
}

function protectedPack(size: number, settings: ParitySettings): { pack: Buffer; parity: Buffer } {
  const { pack, id } = packOf(size);
  return {
    pack,
    parity: Buffer.concat(protectPack(id, [pack.subarray(0, size / 3), pack.subarray(size / 3)], settings)),
  };
}

const settings = fc.record({ data: fc.integer({ min: 1, max: 20 }), parity: fc.integer({ min: 1, max: 6 }) });

function isSame(repaired: Uint8Array | undefined, pack: Buffer): boolean {
  return repaired !== undefined && pack.equals(repaired);
}

/** Overwrites whole blocks; a byte of each is surely another. */
function damage(bytes: Buffer, from: number, length: number): void {
  for (let at = from; at < Math.min(bytes.length, from + length); at++) bytes[at] = (bytes[at] as number) ^ 0x5a;
}

describe('parity of a pack', () => {
  it('repairs any damage of as many blocks in each stripe as there are parity shards', () => {
    const cases = fc.record({ size: fc.integer({ min: 1, max: 60_000 }), settings, seed: fc.nat() });
    fc.assert(
      fc.property(cases, ({ size, settings, seed }) => {
        const { pack, parity } = protectedPack(size, settings);
        const head = findHead(parity);
        if (!head) throw new Error('no head');
        const { shard, block, data, parity: rows } = head;
        const damaged = Buffer.from(pack);
        for (let at = 0; at < shard; at += block) {
          for (let n = 0; n < rows; n++)
            damage(damaged, ((seed + at / block + n * 3) % (data + rows)) * shard + at, block);
        }
        expect(isSame(repairPack(damaged, parity), pack)).toBe(true);
      }),
      { numRuns: runs(300, 5000) },
    );
  });

  it('repairs a burst as long as its parity shards, less a block, wherever it begins', () => {
    const { pack, parity } = protectedPack(300_000, { data: 16, parity: 2 });
    const head = findHead(parity);
    const burst = 2 * (head?.shard ?? 0) - (head?.block ?? 0);
    for (let from = 0; from < pack.length; from += 7001) {
      const damaged = Buffer.from(pack);
      damage(damaged, from, burst);
      expect(isSame(repairPack(damaged, parity), pack)).toBe(true);
    }
  });

  it('repairs a pack that was cut off, that grew, or that is gone, as far as its shards go', () => {
    const { pack, parity } = protectedPack(100_000, { data: 4, parity: 4 });
    expect(isSame(repairPack(pack.subarray(0, 30_000), parity), pack)).toBe(true);
    expect(isSame(repairPack(Buffer.alloc(0), parity), pack)).toBe(true);
    expect(isSame(repairPack(Buffer.concat([pack, pack]), parity), pack)).toBe(true);
    const less = protectedPack(100_000, { data: 16, parity: 2 });
    expect(isSame(repairPack(less.pack.subarray(0, 90_000), less.parity), less.pack)).toBe(true);
    expect(repairPack(less.pack.subarray(0, 80_000), less.parity)).toBeUndefined();
  });

  it('bears damage of its own, in either head and in parity shards', () => {
    const { pack, parity } = protectedPack(200_000, { data: 8, parity: 3 });
    const damaged = Buffer.from(pack);
    damage(damaged, 1000, 3000);
    for (const [from, length] of [
      [0, 100],
      [5, 1],
      [60, 5000],
      [parity.length - 5000, 4900],
      [parity.length - 8, 8],
      [90_000, 4096],
    ] as const) {
      const worn = Buffer.from(parity);
      damage(worn, from, length);
      expect(isSame(repairPack(damaged, worn), pack)).toBe(true);
    }
    const both = Buffer.from(parity);
    damage(both, 0, 8);
    damage(both, parity.length - 200, 200);
    expect(repairPack(damaged, both)).toBeUndefined();
  });

  it('gives the pack or nothing, never other bytes, whatever is lost', () => {
    const { pack, parity } = protectedPack(20_000, { data: 5, parity: 2 });
    const hole = fc.record({ at: fc.nat({ max: 25_000 }), length: fc.integer({ min: 1, max: 9000 }) });
    const holes = fc.array(hole, { maxLength: 6 });
    fc.assert(
      fc.property(holes, holes, fc.nat({ max: parity.length }), (inPack, inParity, cut) => {
        const [damaged, worn] = [Buffer.from(pack), Buffer.from(parity.subarray(0, cut + parity.length / 2))];
        for (const { at, length } of inPack) damage(damaged, at, length);
        for (const { at, length } of inParity.slice(3)) damage(worn, at, length);
        const repaired = repairPack(damaged, worn);
        if (repaired) expect(pack.equals(repaired)).toBe(true);
      }),
      { numRuns: runs(500, 10_000) },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noisy) => {
        expect(repairPack(pack, noisy)).toBeUndefined();
      }),
      { numRuns: runs(500, 10_000) },
    );
  });

  it('costs what it says', () => {
    const share = (size: number, wanted: ParitySettings): number => protectedPack(size, wanted).parity.length / size;
    expect(share(4_000_000, { data: 16, parity: 2 })).toBeLessThan(0.13);
    expect(share(4_000_000, { data: 16, parity: 2 })).toBeGreaterThan(0.125);
    expect(protectedPack(100, { data: 16, parity: 2 }).parity.length).toBeLessThan(600);
    expect(share(50_000, parityLimits)).toBeLessThan(0.7);
  });

  it('is not made of bytes that are not the pack', () => {
    const { pack, id } = packOf(5000);
    pack[77] = (pack[77] as number) ^ 1;
    expect(() => protectPack(id, [pack], { data: 4, parity: 1 })).toThrow(/changed in memory/);
  });
});
