import type { CaptureSink, CollectionSink } from '../../kernel/capture.ts';
import { compareBytes, displayBytes, equalBytes, hex, utf8 } from '../../kernel/bytes.ts';
import { createLimiter } from '../../kernel/concurrency.ts';
import type { Attributes, CapturedEntry, CapturedResource } from '../../kernel/entry.ts';
import type { HoldfastError } from '../../kernel/errors.ts';
import { compactJson, type Json } from '../../kernel/json.ts';
import type { Comparable, ComparisonSession, Difference } from './contract.ts';
import { createContentWriter } from '../engine/content-writer.ts';
import type { RepositoryState } from '../state.ts';
import { capturedEntry, decodeEntry, encodeEntry, type ReadableEntry } from '../tree/entry.ts';
import { createCollection, type OrderedCollection } from '../session/collection.ts';
import { ascendingEarlier, searchingEarlier } from '../session/earlier.ts';
import { createSorter, type Sorter } from '../session/sorter.ts';
import { chunkId } from '../chunks/id.ts';
import { sameContent } from '../tree/content.ts';
import { readable, type StoredResource } from './captured.ts';

export interface CompareSettings {
  readonly state: RepositoryState;
  readonly captured: StoredResource;
  readonly comparable: Comparable | undefined;
  readonly onDifference: (difference: Difference) => void;
  readonly temporaryFolder: string;
  readonly sorterMemory: number;
}

const loadsAtOnce = 64;

/** Merges what a live capture adds with what was captured, entry by entry in order; stores nothing. */
export function compareWithLive(settings: CompareSettings): ComparisonSession {
  const { state, captured } = settings;
  const collections = new Map<string, { ordered: OrderedCollection; merge: Merge; sorter: Sorter | undefined }>();
  const failures: HoldfastError[] = [];
  const unread = new Set<string>();
  const limiter = createLimiter(loadsAtOnce);
  // Pages and lists of references are only identified, never kept: what they would be called is all a comparison needs.
  const writer = createContentWriter({
    pool: state.pool,
    dry: true,
    storeMetadata: (bytes) => chunkId(state.ids, 'metadata', bytes),
  });
  const load = (id: Uint8Array): Promise<Uint8Array> => state.chunks.chunk('metadata', id);
  let compared = 0;

  function fail(error: HoldfastError, item?: { readonly collection: string; readonly key: string | Uint8Array }): void {
    failures.push(error);
    if (item) unread.add(unreadName(item.collection, typeof item.key === 'string' ? utf8(item.key) : item.key));
  }
  function open(name: string, sorted: boolean): CollectionSink {
    const known = collections.get(name);
    if (known) return known.ordered.sink;
    const root = captured.roots.get(name);
    const merge = mergeCollection(name);
    const sorter = sorted
      ? undefined
      : createSorter({ runtime: state.runtime, folder: settings.temporaryFolder, memory: settings.sorterMemory });
    const ordered = createCollection({
      sorted,
      resolve: { writer, limit: (task) => limiter.run(task), inlineDocuments: true },
      earlier: [sorted ? ascendingEarlier(load, root) : searchingEarlier(load, root)],
      isWhole: () => true,
      fail: (error, key) => fail(error, { collection: name, key }),
      take: (key, { stored }) =>
        sorter ? sorter.add({ key, value: encodeEntry(stored), size: 0 }) : merge.next(capturedEntry(key, stored)),
    });
    collections.set(name, { ordered, merge, sorter });
    return ordered.sink;
  }
  interface Merge {
    next(live: ReadableEntry): Promise<void>;
    end(): Promise<void>;
  }
  function mergeCollection(collection: string): Merge {
    const before = captured.entries(collection)[Symbol.asyncIterator]();
    let head: CapturedEntry | undefined;
    let started = false;
    async function advance(): Promise<void> {
      const next = await before.next();
      head = next.done === true ? undefined : next.value;
      started = true;
    }
    function missing(entry: CapturedEntry): void {
      if (unread.has(unreadName(collection, entry.key))) return;
      compared++;
      report(collection, entry, 'missing', []);
    }
    return {
      async next(live) {
        if (!started) await advance();
        while (head && compareBytes(head.key, live.key) < 0) {
          missing(head);
          await advance();
        }
        compared++;
        if (!head || compareBytes(head.key, live.key) > 0) {
          report(collection, live, 'extra', []);
          return;
        }
        const parts = await differingParts(collection, head, live);
        if (parts.length > 0) report(collection, head, 'changed', parts);
        await advance();
      },
      async end() {
        if (!started) await advance();
        while (head) {
          missing(head);
          await advance();
        }
      },
    };
  }
  function report(
    collection: string,
    entry: CapturedEntry,
    change: Difference['change'],
    parts: Difference['parts'],
  ): void {
    settings.onDifference({ collection, key: entry.key, kind: entry.kind, secret: entry.secret, change, parts });
  }
  function comparable(collection: string, key: string, part: 'content' | 'attributes' | 'details', value: Json): Json {
    return settings.comparable ? settings.comparable({ collection, key, part }, value) : value;
  }
  async function differingParts(
    collection: string,
    before: CapturedEntry,
    live: ReadableEntry,
  ): Promise<Difference['parts']> {
    const key = displayBytes(before.key);
    const parts: Difference['parts'][number][] = [];
    if (before.kind !== live.kind) return [{ part: 'content', before: before.kind, after: live.kind }];
    for (const part of ['attributes', 'details'] as const) {
      // Nearly always: then they need no putting in order.
      if (JSON.stringify(before[part]) === JSON.stringify(live[part])) continue;
      const was = comparable(collection, key, part, facts(before[part]));
      const is = comparable(collection, key, part, facts(live[part]));
      if (compactJson(was) !== compactJson(is)) parts.push({ part, before: was, after: is });
    }
    if (before.kind === 'document' || before.kind === 'row') {
      const difference = await differingDocument(collection, key, before, live);
      if (difference) parts.push(difference);
    } else if (before.contentId !== live.contentId) parts.push({ part: 'content' });
    return parts;
  }
  async function differingDocument(
    collection: string,
    key: string,
    before: CapturedEntry,
    live: ReadableEntry,
  ): Promise<Difference['parts'][number] | undefined> {
    if (sameContent(readable(before).content, live.content)) return undefined;
    const wasBytes = await captured.bytes(before);
    const isBytes = live.content.inline ?? (await captured.bytes(live));
    if (equalBytes(wasBytes, isBytes)) return undefined;
    const was = comparable(collection, key, 'content', parse(wasBytes));
    const is = comparable(collection, key, 'content', parse(isBytes));
    if (compactJson(was) === compactJson(is)) return undefined;
    return before.secret ? { part: 'content' } : { part: 'content', before: was, after: is };
  }
  const sink: CaptureSink = {
    get root() {
      return open('', false);
    },
    collection: (name, options) => open(name, options?.order !== 'unsorted'),
    fail,
    // What will not come back is the ledger's matter, not a difference.
    note: () => undefined,
  };
  return {
    sink,
    async finish() {
      writer.flush();
      try {
        for (const { ordered, merge, sorter } of collections.values()) {
          await ordered.finish();
          if (sorter)
            for await (const { key, value } of sorter.sorted())
              await merge.next(capturedEntry(key, decodeEntry(value)));
          await merge.end();
        }
      } finally {
        for (const { sorter } of collections.values()) await sorter?.discard();
      }
      // A collection the live capture never opened is empty there; unless it could not be read at all.
      for (const name of captured.collections) {
        if (!collections.has(name) && !unread.has(unreadName(name, new Uint8Array(0))))
          await mergeCollection(name).end();
      }
      return { compared, failures };
    },
  };
}

function unreadName(collection: string, key: Uint8Array): string {
  return `${collection}/${hex(key)}`;
}

function facts(attributes: Attributes): Json {
  return attributes;
}

function parse(bytes: Uint8Array): Json {
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as Json;
}

/** A captured resource as this room's readers made it; anything else is a defect. */
export function isStoredResource(resource: CapturedResource): resource is StoredResource {
  return 'roots' in resource;
}
