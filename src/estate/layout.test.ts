import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemorySnapshot } from '../connectors/conformance-memory.ts';
import { asBuffer, compareBytes, concatBytes, hex, utf8 } from '../kernel/bytes.ts';
import type { CapturedResource } from '../kernel/entry.ts';
import { escapeSegment } from './escape.ts';
import { createCollectionLayout, foldCase, foldNothing, reservedNames, type Fold } from './layout.ts';

const ref = { type: 't', name: 'n', id: 'i', region: 'r', account: 'a' };

async function captured(keys: readonly Uint8Array[], collection: string): Promise<CapturedResource> {
  const snapshot = createMemorySnapshot(ref);
  const sink = collection === '' ? snapshot.sink.root : snapshot.sink.collection(collection, { order: 'unsorted' });
  for (const key of keys) await sink.add({ key, kind: 'blob', content: key });
  const other = snapshot.sink.collection('items', { order: 'unsorted' });
  await other.add({ key: 'x', kind: 'row', document: {} });
  return (await snapshot.finish()).captured;
}

async function pathsOf(keys: readonly Uint8Array[], fold: Fold, collection = 'objects'): Promise<string[]> {
  const sorted = [...keys].sort(compareBytes);
  const resource = await captured(sorted, collection);
  const layout = createCollectionLayout(resource, collection, fold, collection === '' ? reservedNames(resource) : []);
  const paths: string[] = [];
  for (const key of sorted) paths.push(await layout.pathOf(key));
  return paths;
}

/** Keys that are likely to be near each other, and to be nasty. */
const piece = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .constantFrom('a', 'A', 'b', '.', '/', '/', '%', '~', '-', '\\', '\n', 'é', 'e\u0301', 'ß', '😀')
      .map(utf8),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('..', '/../', '%41', '%~', '%-', 'items', 'items.jsonl', 'x'.repeat(239)).map(utf8),
  },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 3 }) },
);
const key = fc.array(piece, { minLength: 1, maxLength: 8 }).map((parts) => Uint8Array.from(concatBytes(parts)));
const keys = fc.uniqueArray(key, { minLength: 1, maxLength: 25, selector: hex });

describe('escaping of keys', () => {
  it.each<readonly [string, string]>([
    ['plain/name.txt', 'objects/plain/name.txt'],
    ['a//b', 'objects/a/%/b'],
    ['a/', 'objects/a/%'],
    ['/a', 'objects/%/a'],
    ['..', 'objects/%2E%2E'],
    ['a/../b', 'objects/a/%2E%2E/b'],
    ['.', 'objects/%2E'],
    ['...', 'objects/...'],
    ['100%', 'objects/100%25'],
    ['a\\b\n', 'objects/a%5Cb%0A'],
    ['a\0\0', 'objects/a%00%00'],
    ['x'.repeat(300), `objects/${'x'.repeat(240)}%-/${'x'.repeat(60)}`],
  ])('%j becomes %j', async (name, expected) => {
    expect(await pathsOf([utf8(name)], foldNothing)).toEqual([expected]);
    expect(asBuffer(unescapePath(expected.slice('objects/'.length))).toString()).toBe(name);
  });

  it('marks the folder when a key is both file and folder', async () => {
    const paths = await pathsOf(['a', 'a!', 'a/b', 'a/b/c', 'b/c'].map(utf8), foldNothing);
    expect(paths).toEqual(['objects/a', 'objects/a!', 'objects/a%~/b', 'objects/a%~/b%~/c', 'objects/b/c']);
  });

  it('keeps names apart that a file system would take for one', async () => {
    expect(await pathsOf(['README', 'ReadMe', 'readme'].map(utf8), foldCase)).toEqual([
      'objects/README',
      'objects/%52eadMe',
      'objects/%72eadme',
    ]);
    expect(await pathsOf(['Foo/x', 'foo/x'].map(utf8), foldCase)).toEqual(['objects/Foo/x', 'objects/%66oo/x']);
    expect(await pathsOf(['README', 'readme'].map(utf8), foldNothing)).toEqual(['objects/README', 'objects/readme']);
  });

  it('keeps documents away from the names of collections', async () => {
    const paths = await pathsOf(['config.json', 'items.jsonl', 'items/x', 'objects/x'].map(utf8), foldNothing, '');
    expect(paths).toEqual(['config.json', '%69tems.jsonl', '%69tems/x', 'objects/x']);
  });

  it.each([
    ['a file system that tells all names apart', foldNothing],
    ['a file system that ignores case', foldCase],
  ] as const)('on %s: reversible, without clashes, and inside', async (_, fold) => {
    await fc.assert(
      fc.asyncProperty(keys, fc.constantFrom('objects', ''), async (made, collection) => {
        const sorted = [...made].sort(compareBytes);
        const paths = await pathsOf(made, fold, collection);
        const prefix = collection === '' ? '' : 'objects/';
        const folders = new Set<string>();
        for (const [i, path] of paths.entries()) {
          expect(path.startsWith(prefix)).toBe(true);
          expect(hex(unescapePath(path.slice(prefix.length)))).toBe(hex(sorted[i] as Uint8Array));
          const names = path.split('/');
          for (const name of names) {
            expect(name).not.toMatch(/^\.{0,2}$/);
            expect([...Buffer.from(name)].some((byte) => byte < 0x20 || byte === 0x7f)).toBe(false);
            expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
          }
          names.slice(0, -1).reduce((above, name) => {
            const folder = above === '' ? name : `${above}/${name}`;
            folders.add(fold(folder));
            return folder;
          }, '');
        }
        const folded = paths.map(fold);
        expect(new Set(folded).size).toBe(made.length);
        for (const path of folded) expect(folders.has(path)).toBe(false);
        if (collection === '')
          for (const path of folded) expect(['items', 'items.jsonl']).not.toContain(path.split('/')[0]);
      }),
      { numRuns: 400 },
    );
  });

  it('one segment is one name: slashes in it are escaped', () => {
    expect(escapeSegment(utf8('team/app'))).toBe('team%2Fapp');
    expect(asBuffer(unescapePath('team%2Fapp')).toString()).toBe('team/app');
  });
});

/** The key behind an escaped path; exact for every path that is made. */
function unescapePath(path: string): Uint8Array {
  const parts: Uint8Array[] = [];
  const names = path.split('/');
  for (const [i, name] of names.entries()) {
    const goesOn = name.endsWith('%-');
    const plain = goesOn || name.endsWith('%~') ? name.slice(0, -2) : name;
    if (plain !== '%') parts.push(unescapeName(plain));
    if (!goesOn && i < names.length - 1) parts.push(utf8('/'));
  }
  return concatBytes(parts);
}

function unescapeName(name: string): Uint8Array {
  const parts = name.split(/(%[0-9A-F]{2})/);
  return concatBytes(parts.map((part, i) => (i % 2 === 1 ? Buffer.from(part.slice(1), 'hex') : utf8(part))));
}
