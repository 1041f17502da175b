import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hex } from '../../src/kernel/bytes.ts';
import { isInSample } from '../../src/repository/check/sample.ts';
import { createMemoryStore } from '../../src/storage/memory/index.ts';
import { contentsOf, createSmall, openSmall, snapshotOf } from '../repository/small-repository.ts';
import { simulatedRuntime } from '../simulated-time.ts';
import { numRuns, settings } from './cases.ts';

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
