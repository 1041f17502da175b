import * as fc from 'fast-check';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { contentsOf, createSmall, refOf } from '../../../test/repository/small-repository.ts';
import { runs } from '../../../test/runs.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { asBuffer, utf8 } from '../../kernel/bytes.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';
import type { Repository, ResourceRecord, SnapshotInfo } from '../contract.ts';
import { noContent } from '../tree/content.ts';
import { encodeEntry, type StoredEntry } from '../tree/entry.ts';
import { createTreeWriter } from '../tree/writer.ts';
import { mergeIncrement, removal, type IncrementBase } from './increment.ts';
import { createSorter } from './sorter.ts';

type Rows = ReadonlyMap<string, string>;
/** A key's new value; undefined: it is deleted. */
type Changes = readonly (readonly [key: string, value: string | undefined])[];

async function repositoryOf(seed: number): Promise<Repository> {
  const runtime = simulatedRuntime(seed);
  return await createSmall({ store: createMemoryStore({ runtime }), runtime });
}

async function take(
  repository: Repository,
  what: { readonly whole: Rows } | { readonly changes: Changes },
  reread = false,
): Promise<{ readonly record: ResourceRecord; readonly info: SnapshotInfo; readonly hasPrevious: boolean }> {
  const session = await repository.startSession({ estate: 'acme', host: 'test', tags: {}, resume: false, reread });
  const resource = await session.resource({ ref: refOf('table'), source: 'table', tags: {} });
  const { sink } = resource;
  const row = (key: string, value: string) => ({ key, kind: 'row' as const, document: { value } });
  if ('whole' in what) {
    const items = sink.collection('items', { order: 'unsorted' });
    for (const [key, value] of what.whole) await items.add(row(key, value));
  } else {
    const items = sink.increment?.collection('items', () => {
      throw new Error('nothing is lost');
    });
    for (const [key, value] of what.changes)
      if (value === undefined) await items?.remove(key);
      else await items?.add(row(key, value));
  }
  const hasPrevious = sink.increment?.previous !== undefined;
  const record = await resource.finish();
  return { record, info: await session.commit([]), hasPrevious };
}

const keys = fc.integer({ min: 0, max: 40 }).map((i) => `key/${i}`);
const changes = fc.array(fc.tuple(keys, fc.option(fc.string({ maxLength: 8 }), { nil: undefined })), { maxLength: 30 });

describe('a capture of changes', () => {
  it('equals one of everything, whatever was put and deleted over several of them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(changes, { minLength: 1, maxLength: 5 }), fc.nat(), async (rounds, seed) => {
        const repository = await repositoryOf(seed);
        const table = new Map<string, string>();
        const first = rounds[0] ?? [];
        for (const [key, value] of first) if (value !== undefined) table.set(key, value);
        await take(repository, { whole: table });
        for (const round of rounds.slice(1)) {
          for (const [key, value] of round)
            if (value === undefined) table.delete(key);
            else table.set(key, value);
          const { record, info, hasPrevious } = await take(repository, { changes: round });
          const whole = await take(await repositoryOf(seed), { whole: table });
          expect([record.entries, record.checksum, hasPrevious]).toEqual([table.size, whole.record.checksum, true]);
          const { table: stored = {} } = await contentsOf(repository, info);
          expect(Object.fromEntries([...table].map(([key, value]) => [key, JSON.stringify({ value })]))).toEqual(
            stored,
          );
        }
      }),
      { numRuns: runs(25, 2000) },
    );
  });

  it('has nothing to go on from in a new repository', async () => {
    const { record, hasPrevious } = await take(await repositoryOf(1), {
      changes: [
        ['a', '1'],
        ['b', undefined],
      ],
    });
    expect([hasPrevious, record.entries, record.reused]).toEqual([false, 1, 0]);
  });

  it('has nothing to go on from where everything is to be read again', async () => {
    const repository = await repositoryOf(1);
    const whole = new Map([['a', '1']]);
    await take(repository, { whole });
    expect((await take(repository, { whole }, true)).hasPrevious).toBe(false);
    expect((await take(repository, { whole })).hasPrevious).toBe(true);
  });
});

function entry(value: string): StoredEntry {
  const content = { ...noContent, inline: utf8(value), size: value.length };
  return { kind: 'row', attributes: {}, details: {}, secret: false, fingerprint: '', content };
}

/** Entries `k000`, `k001`, … in a tree of their own. */
function baseOf(count: number, more: Partial<IncrementBase> = {}): IncrementBase {
  const chunks = new Map<string, Uint8Array>();
  const writer = createTreeWriter((bytes) => {
    const id = utf8(String(chunks.size).padStart(32, '0'));
    chunks.set(asBuffer(id).toString(), bytes);
    return id;
  });
  for (let i = 0; i < count; i++) writer.add(utf8(keyOf(i)), encodeEntry(entry('x'.repeat(200))), 200);
  const root = writer.finish();
  return {
    root,
    load: async (id) => chunks.get(asBuffer(id).toString()) as Uint8Array,
    isWhole: () => true,
    lost: () => {
      throw new Error('nothing is lost');
    },
    ...more,
  };
}

function keyOf(i: number): string {
  return `k${String(i).padStart(4, '0')}`;
}

async function merged(base: IncrementBase, edits: readonly (readonly [number, string | undefined])[], memory = 1e6) {
  const sorter = createSorter({ runtime: simulatedRuntime(1), folder: tmpdir(), memory });
  for (const [i, value] of edits) {
    const key = utf8(keyOf(i));
    await sorter.add(
      value === undefined ? removal(key) : { key, value: encodeEntry(entry(value)), size: value.length },
    );
  }
  const found: [string, number, boolean][] = [];
  for await (const { key, size, reused } of mergeIncrement(base, sorter.sorted()))
    found.push([asBuffer(key).toString(), size, reused]);
  return found;
}

describe('the merge of changes', () => {
  it('holds few of them: what does not fit in memory is merged out of files', async () => {
    const edits = Array.from({ length: 900 }, (_, i) => [(i * 7) % 1300, i % 3 === 0 ? undefined : 'new'] as const);
    const small = await merged(baseOf(1000), edits, 2000);
    expect(small).toEqual(await merged(baseOf(1000), edits));
    expect(small.filter(([, , reused]) => reused).length).toBeLessThan(1000);
    expect(small.map(([key]) => key)).toEqual(small.map(([key]) => key).sort());
  });

  it('tells once what was captured before and cannot be read, and keeps the changes', async () => {
    const whole = baseOf(1000);
    const told: (string | undefined)[] = [];
    const lost = (error: HoldfastError | undefined): void => void told.push(error?.code);
    let loads = 0;
    const load: IncrementBase['load'] = async (id) => {
      if (++loads > 3) throw new HoldfastError('repository.corrupt', 'the page is damaged');
      return await whole.load(id);
    };
    const found = await merged({ ...whole, load, lost }, [
      [999, 'new'],
      [2000, 'new'],
    ]);
    expect(told).toEqual(['repository.corrupt']);
    expect(found.filter(([, , reused]) => !reused).map(([key]) => key)).toEqual([keyOf(999), keyOf(2000)]);
    expect(found.length).toBeLessThan(1000);
    const gone = { ...whole, lost, isWhole: ({ content }: StoredEntry) => content.size === 0 };
    expect(await merged(gone, [[5, 'new']])).toEqual([[keyOf(5), 3, false]]);
    expect(told).toEqual(['repository.corrupt', undefined]);
  });

  it('throws what is no loss', async () => {
    const load = async (): Promise<Uint8Array> => {
      throw new HoldfastError('storage.unavailable', 'the store is away');
    };
    await expect(merged({ ...baseOf(1000), load }, [[1, 'new']])).rejects.toMatchObject({
      code: 'storage.unavailable',
    });
  });
});
