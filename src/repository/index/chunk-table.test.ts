import { createHash } from 'node:crypto';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runs } from '../../../test/runs.ts';
import { compileForChild, type Compiled } from '../../../test/storage/compile.ts';
import { createChunkTable } from './chunk-table.ts';
import { createLocationIndex } from './locations.ts';

function idOf(n: number): Buffer {
  return createHash('sha256').update(`id ${n}`).digest();
}

// Threads cannot run TypeScript on Node 20: they take the table compiled.
let compiled: Compiled;
beforeAll(async () => {
  compiled = await compileForChild(fileURLToPath(new URL('chunk-table.ts', import.meta.url)));
});
afterAll(() => compiled.remove());

const threadSource = `
  const { createHash } = require('node:crypto');
  const { parentPort, workerData } = require('node:worker_threads');
  import(workerData.module).then(({ createChunkTable }) => {
    const table = createChunkTable(workerData.segments);
    const gate = new Int32Array(workerData.gate);
    const ids = [];
    for (let n = 0; n < workerData.count; n++) ids.push(createHash('sha256').update('id ' + n).digest());
    Atomics.add(gate, 0, 1);
    Atomics.notify(gate, 0);
    // All begin at once, each somewhere else, so that they meet.
    while (Atomics.load(gate, 0) < workerData.threads) Atomics.wait(gate, 0, Atomics.load(gate, 0), 100);
    const won = [];
    for (let i = 0; i < ids.length; i++) {
      const n = (i * workerData.step) % ids.length;
      if (table.claim(ids[n])) won.push(n);
    }
    parentPort.postMessage(won);
  });
`;

async function race(count: number, threads: number, segments: readonly SharedArrayBuffer[]): Promise<number[][]> {
  const gate = new SharedArrayBuffer(4);
  const module = pathToFileURL(compiled.path).href;
  // Steps that have no factor in common with the count visit every id once.
  const steps = [1, 1, 7, 11, 13];
  return await Promise.all(
    Array.from({ length: threads }, async (_, i) => {
      const workerData = { module, segments, gate, count, threads, step: steps[i % steps.length] };
      const worker = new Worker(threadSource, { eval: true, workerData });
      return await new Promise<number[]>((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
      });
    }),
  );
}

describe('chunk table', () => {
  it('gives each id to one thread only', async () => {
    for (let round = 0; round < runs(2, 40); round++) {
      const table = createChunkTable();
      const count = 9001;
      const won = await race(count, 4, table.segments);
      const all = won.flat().sort((a, b) => a - b);
      expect(all).toHaveLength(count);
      expect(new Set(all).size).toBe(count);
      expect(table.size).toBe(count);
      for (let n = 0; n < count; n += 97) {
        expect(table.claim(idOf(n))).toBe(false);
        expect(table.locate(idOf(n))).toBeUndefined();
      }
    }
  });

  it.each([3, 4] as const)('of %s words grows by segments and keeps the first place of an id', (slotWords) => {
    const table = createChunkTable([], slotWords);
    const other = createChunkTable(table.segments);
    let grown = 0;
    for (let n = 0; n < 60_000; n++) {
      const segment = table.reserve(1);
      if (segment) {
        grown++;
        other.addSegment(segment);
      }
      if (!table.claim(idOf(n))) throw new Error(`${n} was known already`);
      table.place(idOf(n), n);
    }
    expect(grown).toBeGreaterThan(1);
    for (let n = 0; n < 60_000; n += 11) {
      table.place(idOf(n), 1);
      const found = other.claim(idOf(n)) ? undefined : other.locate(idOf(n));
      if (found?.number !== n) throw new Error(`${n} is not where it was first placed`);
    }
    expect(table.locate(idOf(60_001))).toBeUndefined();
  });

  it('compares as much of an id as its slots keep, in threads that know only the segments, too', () => {
    const id = Buffer.from('00112233445566778899aabbccddeeff'.repeat(2), 'hex');
    const unlike = (byte: number): Buffer => {
      const other = Buffer.from(id);
      other[byte] = 0x5a;
      return other;
    };
    for (const slotWords of [3, 4] as const) {
      const table = createChunkTable([], slotWords);
      expect(table.claim(id)).toBe(true);
      table.place(id, 7);
      const other = createChunkTable(table.segments);
      const known = [4, 8, 11, 12, 15].map((byte) => other.locate(unlike(byte))?.number === 7);
      expect(known).toEqual(slotWords === 3 ? [false, false, false, true, true] : Array(5).fill(false));
      expect(other.claim(unlike(11))).toBe(true);
    }
  });

  it('to read by takes a quarter less, and demotes as the other does', () => {
    const bytes = ([3, 4] as const).map((slotWords) => {
      const table = createChunkTable([], slotWords);
      const segment = table.reserve(30_000, 30_000);
      for (let n = 0; n < 30_000; n++) table.place(idOf(n), n);
      table.demote((number) => number % 1000 === 1);
      const found = [0, 1, 29_001, 29_999].map((n) => table.locate(idOf(n)));
      expect(found.map((place) => place?.number)).toEqual([0, 1, 29_001, 29_999]);
      expect(found.map((place) => place?.demoted)).toEqual([false, true, true, false]);
      return segment?.byteLength ?? 0;
    });
    expect((bytes[0] ?? 0) / (bytes[1] ?? 0)).toBeCloseTo(0.75, 3);
  });

  it('stores rather than loses when it is full, and still ends', () => {
    const table = createChunkTable();
    let won = 0;
    for (let n = 0; n < 20_000; n++) if (table.claim(idOf(n))) won++;
    expect(won).toBe(20_000);
    expect(table.size).toBeLessThan(16_384);
    // Those that found no room are claimed again: stored twice, never taken for stored.
    expect(table.claim(idOf(19_999))).toBe(true);
  });
});

describe('location index', () => {
  const salt = new Uint8Array(32);
  const pack = (n: number, keyMode: 'epoch' | 'recipient' = 'epoch') => ({
    id: idOf(n),
    kind: 'data' as const,
    size: 1000,
    salt,
    epoch: 1,
    keyMode,
    groups: [
      { offset: 64, length: 100, chunkCount: 2, ids: Buffer.concat([idOf(n * 2), idOf(n * 2 + 1)]) },
      { offset: 164, length: 50, chunkCount: 1, ids: idOf(-n) },
    ],
  });

  it('knows each chunk of each pack, a pack named twice once, over many growths', () => {
    const index = createLocationIndex(createChunkTable(), () => undefined);
    for (const n of [...Array(3000).keys(), ...Array(3000).keys()]) index.add(pack(n + 1));
    expect(index.packCount).toBe(3000);
    expect(index.chunkCount).toBe(9000);
    for (let n = 1; n <= 3000; n += 7) {
      expect(index.locate(idOf(n * 2 + 1))).toMatchObject({ offset: 64, place: 1 });
      expect(index.locate(idOf(-n))).toMatchObject({ offset: 164, length: 50, place: 0 });
    }
    expect(index.has(idOf(99_999))).toBe(false);
  });

  it('numbers each stored chunk once, below their count, and the same after growing', () => {
    const index = createLocationIndex(createChunkTable(), () => undefined);
    for (let n = 1; n <= 500; n++) index.add(pack(n));
    const ids = Array.from({ length: 500 }, (_, i) => [(i + 1) * 2, (i + 1) * 2 + 1, -(i + 1)]).flat();
    const numbers = ids.map((n) => index.numberOf(idOf(n)));
    expect(new Set(numbers).size).toBe(1500);
    for (const number of numbers) expect(number).toBeLessThan(index.chunkCount);
    for (let n = 501; n <= 3000; n++) index.add(pack(n));
    expect(ids.map((n) => index.numberOf(idOf(n)))).toEqual(numbers);
    expect(index.numberOf(idOf(99_999))).toBeUndefined();
  });

  it('reads what writers stored that cannot read, and relies on it once an owner stored it too', () => {
    const table = createChunkTable();
    const index = createLocationIndex(table, () => undefined);
    index.add(pack(1, 'recipient'));
    index.add(pack(2));
    const [foreign, own] = [idOf(3), idOf(5)];
    expect(index.locate(foreign)).toMatchObject({ offset: 64, place: 1 });
    expect([foreign, own].map((id) => index.isLive(id))).toEqual([false, true]);
    expect([foreign, own].map((id) => index.has(id))).toEqual([true, true]);
    // Stored again by one, and by one only.
    expect([table.claim(foreign), table.claim(foreign), table.claim(own)]).toEqual([true, false, false]);
    expect(index.locate(foreign)).toMatchObject({ offset: 64, place: 1 });
    index.add({ ...pack(7), groups: [{ offset: 500, length: 9, chunkCount: 1, ids: foreign }] });
    expect(index.locate(foreign)).toMatchObject({ offset: 500, place: 0 });
    expect(index.isLive(foreign)).toBe(true);
  });

  it('asks for room before what is on its way could fill the table', () => {
    const segments: SharedArrayBuffer[] = [];
    const table = createChunkTable();
    const index = createLocationIndex(table, (segment) => segments.push(segment));
    for (let n = 0; n < 10_000; n++) table.claim(idOf(n));
    index.reserve(1000);
    expect(segments).toHaveLength(1);
  });
});
