import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { CaptureSink, CollectionSink, IncrementSink, LoadedContent, NewEntry } from '../kernel/capture.ts';
import type {
  Attributes,
  CapturedEntry,
  CapturedResource,
  ContentMatcher,
  LedgerNote,
  ResourceRef,
} from '../kernel/entry.ts';
import { HoldfastError, isItemError } from '../kernel/errors.ts';
import { asBuffer, compareBytes, displayBytes, emptyBytes, utf8 } from '../kernel/bytes.ts';
import { canonicalJson, compactJson, type Json } from '../kernel/json.ts';

/** A captured resource held in memory, for the conformance suite only (ours, not the repository). */
export interface MemoryResource {
  readonly captured: CapturedResource;
  readonly failures: readonly HoldfastError[];
  /** Entries with a fingerprint whose content was loaded although the previous capture had the same key. */
  readonly loadedAgain: number;
  /** Everything that must be equal between two captures of an unchanged resource. */
  dump(): readonly string[];
}

interface Held extends CapturedEntry {
  readonly content: Uint8Array;
}

export function createMemorySnapshot(
  ref: ResourceRef,
  previous?: MemoryResource,
): { sink: CaptureSink; finish(): Promise<MemoryResource> } {
  const collections = new Map<string, Held[]>();
  const failures: HoldfastError[] = [];
  const ledger: LedgerNote[] = [];
  const running: Promise<void>[] = [];
  let loadedAgain = 0;

  function open(name: string, sorted: boolean): CollectionSink {
    const held = collections.get(name) ?? [];
    collections.set(name, held);
    let last: Uint8Array | undefined;
    return {
      async add(entry) {
        const key = typeof entry.key === 'string' ? utf8(entry.key) : entry.key;
        if (sorted && last && compareBytes(last, key) >= 0)
          throw new HoldfastError('internal.bug', `${displayBytes(key)} came after ${displayBytes(last)}`);
        last = key;
        running.push(store(name, held, key, entry));
        await Promise.resolve();
      },
      async idle() {
        await Promise.all(running);
      },
    };
  }
  function openIncrement(name: string): IncrementSink {
    const sink = open(name, false);
    const held = collections.get(name) as Held[];
    async function remove(key: string | Uint8Array): Promise<void> {
      await sink.idle();
      const gone = typeof key === 'string' ? utf8(key) : key;
      const at = held.findIndex((one) => compareBytes(one.key, gone) === 0);
      if (at >= 0) held.splice(at, 1);
    }
    running.push(
      (async () => {
        for await (const entry of previous?.captured.entries(name) ?? []) held.push(entry as Held);
      })(),
    );
    return {
      idle: sink.idle,
      remove,
      async add(entry) {
        await remove(entry.key);
        await sink.add(entry);
      },
    };
  }
  async function store(collection: string, held: Held[], key: Uint8Array, entry: NewEntry): Promise<void> {
    try {
      const old = await previous?.captured.entry(collection, key);
      if (old && entry.fingerprint !== undefined && old.fingerprint === entry.fingerprint) {
        held.push({ ...(old as Held), attributes: entry.attributes ?? {} });
        return;
      }
      if (old && entry.fingerprint !== undefined) loadedAgain++;
      const loaded = await load(entry);
      const content = await bytesOf(loaded, entry.kind);
      if (loaded.expectedSize !== undefined && content.length !== loaded.expectedSize) {
        throw new HoldfastError(
          'item.damaged',
          `${displayBytes(key)} ended after ${content.length} of ${loaded.expectedSize} bytes`,
        );
      }
      held.push({
        key,
        kind: entry.kind,
        size: content.length,
        attributes: entry.attributes ?? {},
        details: loaded.details ?? {},
        secret: entry.secret ?? false,
        fingerprint: entry.fingerprint ?? '',
        contentId: createHash('sha256').update(content).digest('hex'),
        content,
      });
    } catch (error) {
      if (!isItemError(error)) throw error;
      failures.push(error);
    }
  }
  return {
    sink: {
      root: open('', false),
      collection: (name, settings) => open(name, settings?.order !== 'unsorted'),
      increment: { ...(previous ? { previous: previous.captured } : {}), collection: openIncrement },
      fail: (error) => failures.push(error),
      note: (note) => ledger.push(note),
    },
    async finish() {
      await Promise.all(running);
      for (const held of collections.values()) held.sort((a, b) => compareBytes(a.key, b.key));
      return {
        captured: capturedIn(ref, collections, ledger),
        failures,
        loadedAgain,
        dump: () => dump(collections, ledger),
      };
    },
  };
}

async function load(entry: NewEntry): Promise<LoadedContent> {
  if (entry.load) return await entry.load();
  if (entry.file) return { content: readFileSync(asBuffer(entry.file.path)) };
  return {
    ...(entry.content ? { content: entry.content } : {}),
    ...(entry.document === undefined ? {} : { document: entry.document }),
  };
}

async function bytesOf(loaded: LoadedContent, kind: string): Promise<Uint8Array> {
  if (loaded.document !== undefined)
    return utf8(kind === 'row' ? compactJson(loaded.document) : canonicalJson(loaded.document));
  if (loaded.content === undefined) return emptyBytes;
  if (loaded.content instanceof Uint8Array) return loaded.content;
  const parts: Uint8Array[] = [];
  for await (const part of loaded.content) parts.push(part);
  return Buffer.concat(parts);
}

function capturedIn(
  ref: ResourceRef,
  collections: ReadonlyMap<string, Held[]>,
  ledger: readonly LedgerNote[],
): CapturedResource {
  const resource: CapturedResource = {
    ref,
    ledger,
    collections: [...collections].filter(([, held]) => held.length > 0).map(([name]) => name),
    async *entries(collection, range = {}) {
      for (const entry of collections.get(collection) ?? []) {
        if (range.from && compareBytes(entry.key, range.from) < 0) continue;
        if (range.prefix && compareBytes(entry.key.subarray(0, range.prefix.length), range.prefix) !== 0) continue;
        yield entry;
      }
    },
    async entry(collection, key) {
      const wanted = typeof key === 'string' ? utf8(key) : key;
      return (collections.get(collection) ?? []).find((e) => compareBytes(e.key, wanted) === 0);
    },
    async *read(entry) {
      yield (entry as Held).content;
    },
    bytes: async (entry) => (entry as Held).content,
    matcher: async (entry) => matcherOf(asBuffer((entry as Held).content)),
    async json(collection, key) {
      const entry = await resource.entry(collection, key);
      return entry === undefined ? undefined : (JSON.parse(asBuffer((entry as Held).content).toString('utf8')) as Json);
    },
  };
  return resource;
}

function matcherOf(content: Buffer): ContentMatcher {
  let at = 0;
  let matches = true;
  return {
    push(bytes) {
      matches &&= content.subarray(at, at + bytes.length).equals(bytes);
      at += bytes.length;
      return matches;
    },
    end: () => matches && at === content.length,
  };
}

function dump(collections: ReadonlyMap<string, Held[]>, ledger: readonly LedgerNote[]): string[] {
  const facts = (a: Attributes): string => compactJson(a);
  const lines = [...collections].flatMap(([name, held]) =>
    held.map(
      (e) =>
        `${name}/${displayBytes(e.key)} ${e.kind} ${e.size} ${e.contentId} ${facts(e.attributes)} ${facts(e.details)} ${e.secret}`,
    ),
  );
  return [...lines, ...ledger.map((note) => compactJson(note as unknown as Json))].sort();
}
