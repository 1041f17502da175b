import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../test/runs.ts';
import { asBuffer, displayBytes, utf8 } from '../../kernel/bytes.ts';
import type { NewEntry } from '../../kernel/capture.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { createLimiter } from '../../kernel/concurrency.ts';
import type { ContentWriter } from '../engine/content-writer.ts';
import { noContent } from '../tree/content.ts';
import type { StoredEntry } from '../tree/entry.ts';
import { createCollection, type CollectionSettings } from './collection.ts';
import type { EarlierEntries } from './earlier.ts';
import type { ResolvedEntry } from './resolve-entry.ts';

/** Keeps everything inline: what is tested here is order and failure, not chunks. */
const writer: ContentWriter = {
  bytes: async (content) => ({ ...noContent, size: content.length, inline: Uint8Array.from(content) }),
  stream: () => Promise.reject(new Error('no streams here')),
  file: () => Promise.reject(new Error('no files here')),
  flush: () => undefined,
  close: () => undefined,
};

interface Made {
  readonly taken: string[];
  readonly failed: string[];
  readonly collection: ReturnType<typeof createCollection>;
}

function make(settings: Partial<CollectionSettings> = {}): Made {
  const limiter = createLimiter(64);
  const taken: string[] = [];
  const failed: string[] = [];
  const collection = createCollection({
    sorted: true,
    resolve: { writer, limit: (task) => limiter.run(task), inlineDocuments: false },
    earlier: [],
    isWhole: () => true,
    take: (key) => void taken.push(displayBytes(key)),
    fail: (error, key) => failed.push(`${error.code} ${displayBytes(key)}`),
    ...settings,
  });
  return { taken, failed, collection };
}

function turns(count: number): Promise<void> {
  return new Promise((resolve) => {
    const next = (left: number): void => void (left === 0 ? resolve() : setImmediate(() => next(left - 1)));
    next(count);
  });
}

function name(i: number): string {
  return String(i).padStart(6, '0');
}

function loading(i: number, load: () => Promise<void>): NewEntry {
  return {
    key: name(i),
    kind: 'blob',
    async load() {
      await load();
      return { content: utf8(name(i)) };
    },
  };
}

const denied = (): Promise<never> => Promise.reject(new HoldfastError('item.denied', 'not for you'));

describe('collection', () => {
  it('hands on in the order of adding, whatever order the contents come in; an item error costs one item', async () => {
    const steps = fc.array(fc.tuple(fc.nat({ max: 6 }), fc.nat({ max: 9 })), { maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(steps, async (delays) => {
        const { taken, failed, collection } = make();
        for (const [i, [delay, luck]] of delays.entries())
          await collection.sink.add(loading(i, () => (luck === 0 ? denied() : turns(delay))));
        await collection.finish();
        const lucky = delays.flatMap(([, luck], i) => (luck === 0 ? [] : [name(i)]));
        expect(taken).toEqual(lucky);
        expect(failed.sort()).toEqual(delays.flatMap(([, luck], i) => (luck === 0 ? [`item.denied ${name(i)}`] : [])));
      }),
      { numRuns: runs(40, 1000) },
    );
  });

  it('keeps order while taking waits', async () => {
    const taken: string[] = [];
    const { collection } = make({
      async take(key) {
        await turns(asBuffer(key).readUInt8(5) % 3);
        taken.push(displayBytes(key));
      },
    });
    for (let i = 0; i < 500; i++) await collection.sink.add(loading(i, () => turns(i % 5)));
    await collection.finish();
    expect(taken).toEqual(Array.from({ length: 500 }, (_, i) => name(i)));
  });

  it('lets no more in than its window while the first is slow', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { collection, taken } = make();
    let added = 0;
    const adding = (async () => {
      for (let i = 0; i < 5000; i++) {
        await collection.sink.add(i === 0 ? loading(i, () => gate) : { key: name(i), kind: 'marker' });
        added++;
      }
    })();
    await turns(100);
    expect(added).toBeGreaterThan(1000);
    expect(added).toBeLessThan(2100);
    expect(taken).toEqual([]);
    release();
    await adding;
    await collection.finish();
    expect(taken).toHaveLength(5000);
  });

  it('surfaces every other error, at the next add and at the end, and takes nothing behind it', async () => {
    const { collection, taken } = make();
    await collection.sink.add({ key: 'a', kind: 'marker' });
    await collection.sink.add({
      key: 'b',
      kind: 'blob',
      load: () => Promise.reject(new HoldfastError('storage.full', 'no room')),
    });
    await turns(3);
    await expect(collection.sink.add({ key: 'c', kind: 'marker' })).rejects.toMatchObject({ code: 'storage.full' });
    await expect(collection.finish()).rejects.toMatchObject({ code: 'storage.full' });
    expect(taken).toEqual(['a']);
  });

  it('wakes those who wait when it fails, also by what takes', async () => {
    const { collection } = make({
      take(key) {
        if (displayBytes(key) === name(0)) throw new HoldfastError('storage.full', 'no room');
      },
    });
    const adding = (async () => {
      for (let i = 0; i < 5000; i++)
        await collection.sink.add(i === 0 ? loading(i, () => turns(20)) : { key: name(i), kind: 'marker' });
    })();
    await expect(adding).rejects.toMatchObject({ code: 'storage.full' });
    await expect(collection.finish()).rejects.toMatchObject({ code: 'storage.full' });
  });

  it('refuses keys that do not ascend', async () => {
    const { collection } = make();
    await collection.sink.add({ key: 'b', kind: 'marker' });
    for (const key of ['b', 'a'])
      await expect(collection.sink.add({ key, kind: 'marker' })).rejects.toMatchObject({ code: 'internal.bug' });
  });

  it('takes over what an earlier capture has under the same fingerprint and kind, best source first', async () => {
    const entry = (fingerprint: string, text: string): StoredEntry => ({
      kind: 'blob',
      content: { ...noContent, size: text.length, inline: utf8(text) },
      attributes: {},
      details: { from: text },
      secret: false,
      fingerprint,
    });
    const source = (entries: Record<string, StoredEntry>): EarlierEntries => ({
      find: (key) => entries[displayBytes(key)],
      close: () => Promise.resolve(),
    });
    const found: Record<string, string> = {};
    const { collection } = make({
      earlier: [
        source({ a: entry('1', 'first'), b: entry('old', 'first') }),
        source({ b: entry('1', 'second'), c: entry('1', 'gone') }),
      ],
      isWhole: ({ details }) => details['from'] !== 'gone',
      take: (key, { stored, reused }: ResolvedEntry) => {
        found[displayBytes(key)] = `${reused} ${asBuffer(stored.content.inline ?? utf8('')).toString()}`;
      },
    });
    for (const key of ['a', 'b', 'c', 'd'])
      await collection.sink.add({ key, kind: 'blob', fingerprint: '1', load: async () => ({ content: utf8('read') }) });
    await collection.finish();
    expect(found).toEqual({ a: 'true first', b: 'true second', c: 'false read', d: 'false read' });
  });

  it('takes over only what cannot be read any more when all is to be read again, and knows what is new', async () => {
    const before: StoredEntry = {
      kind: 'blob',
      content: { ...noContent, size: 4, inline: utf8('kept') },
      attributes: {},
      details: {},
      secret: false,
      fingerprint: '1',
    };
    const found: Record<string, string> = {};
    const { collection } = make({
      reread: true,
      earlier: [{ find: () => before, close: () => Promise.resolve() }],
      take(key, { stored, reused }, news) {
        found[displayBytes(key)] = `${reused} ${asBuffer(stored.content.inline ?? utf8('')).toString()} ${news}`;
      },
    });
    const load = (text: string) => async () => ({ content: utf8(text) });
    await collection.sink.add({ key: 'a', kind: 'blob', fingerprint: '1', load: load('kept') });
    await collection.sink.add({ key: 'b', kind: 'blob', fingerprint: '1', load: load('read') });
    await collection.sink.add({ key: 'c', kind: 'marker', fingerprint: '1', load: async () => ({}) });
    await collection.finish();
    expect(found).toEqual({ a: 'false kept undefined', b: 'false read changed', c: 'true kept undefined' });
  });
});
