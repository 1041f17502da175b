import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes, equalBytes, hex, utf8 } from '../../kernel/bytes.ts';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import { runs } from '../../../test/runs.ts';
import { diffTrees } from './diff.ts';
import { decodePage, encodePage, type PageItem, type TreeRef } from './page.ts';
import { findInTree, startsWith, walkTree, type TreeRange } from './walk.ts';
import { createTreeWriter } from './writer.ts';

const numRuns = runs(60, 3000);

/** Pages under their digests, and how many were read. */
interface Pages {
  readonly stored: Map<string, Uint8Array>;
  loads: number;
  store(page: Uint8Array): Uint8Array;
  load(id: Uint8Array): Promise<Uint8Array>;
}

function pages(): Pages {
  const stored = new Map<string, Uint8Array>();
  const made: Pages = {
    stored,
    loads: 0,
    store(page) {
      const id = createHash('sha256').update(page).digest();
      stored.set(hex(id), page);
      return id;
    },
    async load(id) {
      made.loads++;
      return stored.get(hex(id)) as Uint8Array;
    },
  };
  return made;
}

function build(into: Pages, items: readonly PageItem[]): TreeRef | undefined {
  const writer = createTreeWriter(into.store);
  for (const { key, value } of items) writer.add(key, value, value.length);
  return writer.finish();
}

async function walked(from: Pages, root: TreeRef | undefined, range?: TreeRange): Promise<PageItem[]> {
  const found: PageItem[] = [];
  for await (const page of walkTree(from.load, root, range)) found.push(...page);
  return found;
}

// Short keys over few letters share prefixes; values large enough that a few hundred items fill several pages.
const key = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', '/', 'z'), maxLength: 8 }).map(utf8),
  fc.uint8Array({ maxLength: 6 }),
);
const item = fc.record({ key, value: fc.nat({ max: 3000 }).map((n) => new Uint8Array(n).fill(n % 256)) });
const sets = fc
  .uniqueArray(item, { selector: ({ key: bytes }) => hex(bytes), maxLength: 120, size: 'max' })
  .map((items) => items.sort((a, b) => compareBytes(a.key, b.key)));

function names(items: readonly PageItem[]): string[] {
  return items.map(({ key: bytes, value }) => `${hex(bytes)}=${value.length}`);
}

function named(ref: TreeRef | undefined): unknown {
  return ref && { ...ref, id: hex(ref.id) };
}

function many(count: number): PageItem[] {
  return Array.from({ length: count }, (_, i) => ({
    key: utf8(`folder/${String(i).padStart(7, '0')}`),
    value: utf8(`value ${i} ${'x'.repeat(i % 90)}`),
  }));
}

describe('tree', () => {
  it('gives back its entries in order, its counts, and any of them alone', async () => {
    await fc.assert(
      fc.asyncProperty(sets, key, async (items, other) => {
        const from = pages();
        const root = build(from, items);
        expect(names(await walked(from, root))).toEqual(names(items));
        expect(root?.entries ?? 0).toBe(items.length);
        expect(root?.bytes ?? 0).toBe(items.reduce((sum, { value }) => sum + value.length, 0));
        for (const one of items) {
          const found = await findInTree(from.load, root, one.key);
          if (!found || !equalBytes(found, one.value)) throw new Error(`${hex(one.key)} was not found`);
        }
        const known = items.some((one) => equalBytes(one.key, other));
        expect((await findInTree(from.load, root, other)) !== undefined).toBe(known);
      }),
      { numRuns },
    );
  });

  it('walks ranges and prefixes', async () => {
    await fc.assert(
      fc.asyncProperty(
        sets,
        fc.option(key, { nil: undefined }),
        fc.option(key, { nil: undefined }),
        async (items, from, prefix) => {
          const store = pages();
          const root = build(store, items);
          const expected = items.filter(
            (one) => (!from || compareBytes(one.key, from) >= 0) && (!prefix || startsWith(one.key, prefix)),
          );
          const range = { ...(from ? { from } : {}), ...(prefix ? { prefix } : {}) };
          expect(names(await walked(store, root, range))).toEqual(names(expected));
        },
      ),
      { numRuns },
    );
  });

  it('has one root for equal entries, and another for others', () => {
    fc.assert(
      fc.property(sets, fc.nat(), (items, at) => {
        const root = build(pages(), items);
        expect(named(build(pages(), items))).toEqual(named(root));
        if (items.length === 0) return;
        const fewer = items.filter((_, i) => i !== at % items.length);
        expect(named(build(pages(), fewer))).not.toEqual(named(root));
      }),
      { numRuns },
    );
  });

  it('goes on untouched after a partial root, which holds what was there', async () => {
    await fc.assert(
      fc.asyncProperty(sets, fc.nat(), async (items, at) => {
        const cut = items.length === 0 ? 0 : at % items.length;
        const from = pages();
        const writer = createTreeWriter(from.store);
        for (const one of items.slice(0, cut)) writer.add(one.key, one.value, one.value.length);
        const partial = writer.partial();
        for (const one of items.slice(cut)) writer.add(one.key, one.value, one.value.length);
        expect(named(writer.finish())).toEqual(named(build(pages(), items)));
        expect(names(await walked(from, partial))).toEqual(names(items.slice(0, cut)));
      }),
      { numRuns },
    );
  });

  it('refuses keys that do not ascend', () => {
    const writer = createTreeWriter(pages().store);
    writer.add(utf8('b'), utf8('1'), 1);
    for (const bad of ['a', 'b'])
      expect(() => writer.add(utf8(bad), utf8('1'), 1)).toThrow(expect.objectContaining({ code: 'internal.bug' }));
  });

  it('rewrites few pages of 100,000 entries when one changes, comes or goes; a comparison reads few more', async () => {
    const items = many(100_000);
    const store = pages();
    const before = build(store, items);
    const all = store.stored.size;
    expect(all).toBeGreaterThan(150);
    const middle = 54_321;
    const variants = {
      changed: items.map((one, i) => (i === middle ? { ...one, value: utf8('another') } : one)),
      removed: items.filter((_, i) => i !== middle),
      added: items.toSpliced(middle, 0, { key: utf8('folder/0054320x'), value: utf8('new') }),
    };
    for (const [change, variant] of Object.entries(variants)) {
      const known = store.stored.size;
      const after = build(store, variant);
      expect(store.stored.size - known, change).toBeLessThanOrEqual(8);
      store.loads = 0;
      const found: string[] = [];
      for await (const difference of diffTrees(store.load, before, after)) found.push(hex(difference.key));
      expect(found, change).toHaveLength(1);
      expect(store.loads, change).toBeLessThanOrEqual(16);
    }
    store.loads = 0;
    for await (const difference of diffTrees(store.load, before, before)) expect(difference).toBeUndefined();
    expect(store.loads).toBe(0);
  });

  it('skips equal pages around a run of new ones', async () => {
    const items = many(40_000);
    const store = pages();
    const before = build(store, items);
    const fresh = many(5000).map((one, i) => ({
      key: utf8(`folder/0020000/${String(i).padStart(6, '0')}`),
      value: one.value,
    }));
    const known = store.stored.size;
    const after = build(store, items.toSpliced(20_001, 0, ...fresh));
    const written = store.stored.size - known;
    store.loads = 0;
    let found = 0;
    for await (const difference of diffTrees(store.load, before, after)) if (difference.after) found++;
    expect(found).toBe(5000);
    expect(store.loads).toBeLessThanOrEqual(written + 12);
  });
});

describe('diff', () => {
  it('equals the naive one', async () => {
    await fc.assert(
      fc.asyncProperty(sets, sets, fc.nat({ max: 100 }), async (left, right, shared) => {
        const store = pages();
        // Part of the left side on both, so that there is something to skip.
        const common = left.filter((_, i) => i % 100 < shared);
        const other = [...new Map([...right, ...common].map((one) => [hex(one.key), one])).values()].sort((a, b) =>
          compareBytes(a.key, b.key),
        );
        const changes: string[] = [];
        for await (const { key: bytes, before, after } of diffTrees(
          store.load,
          build(store, left),
          build(store, other),
        ))
          changes.push(`${hex(bytes)} ${before?.length ?? '-'} ${after?.length ?? '-'}`);
        expect(changes).toEqual(naive(left, other));
      }),
      { numRuns },
    );
  });
});

function naive(left: readonly PageItem[], right: readonly PageItem[]): string[] {
  const before = new Map(left.map((one) => [hex(one.key), one.value]));
  const after = new Map(right.map((one) => [hex(one.key), one.value]));
  return [...new Set([...before.keys(), ...after.keys()])]
    .sort()
    .filter((name) => {
      const [was, is] = [before.get(name), after.get(name)];
      return !was || !is || !equalBytes(was, is);
    })
    .map((name) => `${name} ${before.get(name)?.length ?? '-'} ${after.get(name)?.length ?? '-'}`);
}

describe('page', () => {
  it('survives every cut and flip', () => {
    fc.assert(
      fc.property(sets, (items) => {
        const bytes = encodePage(
          0,
          items.slice(0, 6).map(({ key: bytes, value }) => ({ key: bytes, value: value.subarray(0, 9) })),
        );
        for (let at = 0; at < bytes.length; at++) {
          expect(() => decodePage(bytes.subarray(0, at), 'page')).toThrow(HoldfastError);
          const flipped = Uint8Array.from(bytes);
          flipped[at] = (flipped[at] as number) ^ 0x81;
          try {
            decodePage(flipped, 'page');
          } catch (error) {
            expect(isCode(error, 'repository.corrupt', 'repository.newer-format'), String(error)).toBe(true);
          }
        }
      }),
      { numRuns: runs(30, 1000) },
    );
  });
});
