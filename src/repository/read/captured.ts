import { HoldfastError } from '../../kernel/errors.ts';
import { asBuffer, concatBytes, displayBytes, utf8 } from '../../kernel/bytes.ts';
import type { CapturedEntry, CapturedResource, EntryRange } from '../../kernel/entry.ts';
import type { Json } from '../../kernel/json.ts';
import type { ResourceRecord } from '../contract.ts';
import { contentKind, dataReferences } from '../tree/content.ts';
import { capturedEntry, decodeEntry, kindOfEntry, type ReadableEntry } from '../tree/entry.ts';
import type { TreeRef } from '../tree/page.ts';
import { findInTree, walkTree } from '../tree/walk.ts';
import type { ChunkReader } from './chunk-reader.ts';
import { contentMatcher } from './matcher.ts';

/** A captured resource with the roots of its trees, for those parts of this room that compare trees. */
export interface StoredResource extends CapturedResource {
  readonly roots: ReadonlyMap<string, TreeRef>;
}

/** Where the kind cannot be told so, decoding tells what is wrong. */
function isPassedOver(value: Uint8Array, { wanted }: EntryRange): boolean {
  if (!wanted) return false;
  const kind = kindOfEntry(value);
  return kind !== undefined && !wanted(kind);
}

// How many chunks of one content are fetched ahead.
const readAhead = 4;

export function storedResource(
  chunks: ChunkReader,
  { ref, ledger, points }: Pick<ResourceRecord, 'ref' | 'ledger' | 'points'>,
  roots: ReadonlyMap<string, TreeRef>,
): StoredResource {
  const load = (id: Uint8Array): Promise<Uint8Array> => chunks.chunk('metadata', id);
  const resource: StoredResource = {
    ref,
    ledger,
    ...(points ? { points } : {}),
    roots,
    collections: [...roots.keys()].sort(),
    async *entries(collection, range = {}) {
      for await (const page of walkTree(load, roots.get(collection), range)) {
        for (const item of page) {
          if (isPassedOver(item.value, range)) continue;
          yield capturedEntry(item.key, decodeEntry(item.value));
        }
      }
    },
    async entry(collection, key) {
      const bytes = typeof key === 'string' ? utf8(key) : key;
      const value = await findInTree(load, roots.get(collection), bytes);
      return value === undefined ? undefined : capturedEntry(bytes, decodeEntry(value));
    },
    read: (entry) => readContent(chunks, entry),
    async bytes(entry) {
      const { inline, chunks: references, size } = readable(entry).content;
      // Rows, and all that is small: by the million.
      if (inline && references.length === 0 && inline.length === size) return inline;
      const parts: Uint8Array[] = [];
      for await (const part of readContent(chunks, entry)) parts.push(part);
      return parts.length === 1 ? (parts[0] as Uint8Array) : concatBytes(parts);
    },
    matcher: (entry) => contentMatcher(chunks, readable(entry)),
    async json(collection, key) {
      const entry = await resource.entry(collection, key);
      return entry === undefined
        ? undefined
        : (JSON.parse(asBuffer(await resource.bytes(entry)).toString('utf8')) as Json);
    },
  };
  return resource;
}

/** An entry's bytes in order, each chunk checked; a few are fetched ahead. */
export async function* readContent(chunks: ChunkReader, entry: CapturedEntry): AsyncGenerator<Uint8Array> {
  const { content } = readable(entry);
  if (content.inline) yield content.inline;
  let bytes = content.inline?.length ?? 0;
  const kind = contentKind(entry.kind, content.size);
  const coming: Promise<Uint8Array>[] = [];
  try {
    for await (const refs of dataReferences(content, (id) => chunks.chunk('metadata', id))) {
      for (const { id } of refs) {
        const fetching = chunks.chunk(kind, id);
        fetching.catch(seenWhenAwaited);
        coming.push(fetching);
        if (coming.length < readAhead) continue;
        const part = await (coming.shift() as Promise<Uint8Array>);
        bytes += part.length;
        yield part;
      }
    }
    for (const fetching of coming.splice(0)) {
      const part = await fetching;
      bytes += part.length;
      yield part;
    }
  } finally {
    await Promise.allSettled(coming);
  }
  if (bytes !== content.size)
    throw new HoldfastError(
      'repository.corrupt',
      `${displayBytes(entry.key)} has ${bytes} bytes where ${content.size} were captured`,
    );
}

export function readable(entry: CapturedEntry): ReadableEntry {
  if ('content' in entry) return entry as ReadableEntry;
  throw new HoldfastError('internal.bug', 'an entry of another source was given to the repository');
}

// Each fetch is awaited in its turn; this only keeps an early rejection from counting as unhandled.
function seenWhenAwaited(): void {
  /* awaited later */
}
