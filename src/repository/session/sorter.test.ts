import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runs } from '../../../test/runs.ts';
import { asBuffer, compareBytes, hex, utf8 } from '../../kernel/bytes.ts';
import { systemRuntime } from '../../kernel/runtime.ts';
import { createSorter, type SortItem, type Sorter } from './sorter.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-sorter-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function sorter(memory: number): Sorter {
  return createSorter({ runtime: systemRuntime, folder, memory });
}

async function collected(from: Sorter): Promise<SortItem[]> {
  const items: SortItem[] = [];
  for await (const item of from.sorted()) items.push(item);
  return items;
}

/** Paths of this process's open files that lie in the folder, by /proc; removed ones end with ` (deleted)`. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
    } catch {
      // Closed meanwhile.
      return false;
    }
  });
}

describe('sorter', () => {
  it('gives back everything in order, of equal keys the last one, however little fits in memory', async () => {
    const items = fc.array(fc.tuple(fc.uint8Array({ maxLength: 3 }), fc.nat({ max: 2000 })), { maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(items, fc.constantFrom(0, 1000, 20_000, 1_000_000), async (pairs, memory) => {
        const expected = new Map<string, number>();
        const made = sorter(memory);
        for (const [key, size] of pairs) {
          expected.set(hex(key), size);
          await made.add({ key, value: new Uint8Array(size), size });
        }
        const found = await collected(made);
        expect(found.map(({ key, size }) => [hex(key), size])).toEqual(
          [...expected].sort(([a], [b]) => compareBytes(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'))),
        );
        if (found.some(({ value, size }) => value.length !== size)) throw new Error('a value has another length');
      }),
      { numRuns: runs(25, 500) },
    );
  });

  it('writes nothing readable, leaves no name behind, and lets go of its files', async () => {
    const made = sorter(50_000);
    for (let i = 0; i < 2000; i++)
      await made.add({ key: utf8(`key ${i}`), value: utf8('a secret of the estate '.repeat(5)), size: i });
    expect(readdirSync(folder)).toEqual([]);
    if (process.platform === 'linux') {
      const files = openFiles();
      expect(files.length).toBeGreaterThan(2);
      for (const fd of files) {
        const bytes = readFileSync(`/proc/self/fd/${fd}`);
        expect(bytes.length).toBeGreaterThan(10_000);
        expect(bytes.includes('secret')).toBe(false);
        expect(bytes.includes('key ')).toBe(false);
      }
    }
    expect(asBuffer((await collected(made))[1]?.key ?? utf8('')).toString()).toBe('key 1');
    if (process.platform === 'linux') expect(openFiles()).toEqual([]);
  });

  it('lets go of its files when nobody reads them, or not to the end', async () => {
    const [unread, halfRead] = [sorter(0), sorter(0)];
    for (let i = 0; i < 5; i++) {
      await unread.add({ key: utf8(`${i}`), value: utf8('x'), size: 1 });
      await halfRead.add({ key: utf8(`${i}`), value: utf8('x'), size: 1 });
    }
    await unread.discard();
    for await (const { key } of halfRead.sorted()) if (asBuffer(key).toString() === '2') break;
    expect(readdirSync(folder)).toEqual([]);
    if (process.platform === 'linux') expect(openFiles()).toEqual([]);
  });
});
