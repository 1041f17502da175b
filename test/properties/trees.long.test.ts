import * as fc from 'fast-check';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { compareBytes, concatBytes, equalBytes, hex, utf8 } from '../../src/kernel/bytes.ts';
import { dataReferences, encodeChunkRef, foldReferences } from '../../src/repository/tree/content.ts';
import { diffTrees } from '../../src/repository/tree/diff.ts';
import type { PageItem, TreeRef } from '../../src/repository/tree/page.ts';
import { walkTree } from '../../src/repository/tree/walk.ts';
import { createTreeWriter } from '../../src/repository/tree/writer.ts';
import { settings, digest } from './cases.ts';

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
