import { lstatSync, lutimesSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sameTime, toSeconds } from './file-times.ts';

let file = '';
beforeAll(() => {
  file = join(mkdtempSync(join(tmpdir(), 'holdfast-times-')), 'file');
  writeFileSync(file, '');
});
afterAll(() => rmSync(join(file, '..'), { recursive: true }));

describe('file times', () => {
  it('come back to the microsecond, on this Node and this file system', () => {
    // From 1910 to 2106, where a double of seconds still tells microseconds apart.
    const times = fc.bigInt({ min: -1_900_000_000_000_000_000n, max: 4_294_967_295_000_000_000n });
    fc.assert(
      fc.property(fc.oneof(times, fc.bigInt({ min: -5_000_000_000n, max: 5_000_000_000n })), (ns) => {
        for (const set of [utimesSync, lutimesSync]) {
          set(file, toSeconds(ns), toSeconds(ns));
          const { mtimeNs } = lstatSync(file, { bigint: true });
          expect(sameTime(mtimeNs, ns), `${ns} came back as ${mtimeNs}`).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('come back exactly for whole seconds, also before 1970', () => {
    for (const seconds of [0n, 1n, -1n, 1_763_000_000n, -2_000_000_000n, 4_102_444_800n]) {
      const ns = seconds * 1_000_000_000n;
      utimesSync(file, toSeconds(ns), toSeconds(ns));
      expect(lstatSync(file, { bigint: true }).mtimeNs).toBe(ns);
    }
  });
});
