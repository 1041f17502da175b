import { createByteBudget, createLimiter } from '../../kernel/concurrency.ts';
import { equalBytes } from '../../kernel/bytes.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { readContent } from '../read/captured.ts';
import type { ImportingSession } from '../session/import.ts';
import type { RepositoryState } from '../state.ts';
import { chunkRefs, contentKind, inlineLimit, type ChunkRef, type ContentRef } from '../tree/content.ts';
import { capturedEntry, type StoredEntry } from '../tree/entry.ts';
import type { CopySource } from './source.ts';

/** Brings contents over. */
export interface ContentCopy {
  /** Where the content of an entry of the source lies in the target, once it is there. */
  copy(key: Uint8Array, entry: StoredEntry): Promise<ContentRef>;
  /** Bytes of contents read from the source. */
  readonly bytesRead: number;
}

// Contents on their way: a large one takes as much as its chunks that are read ahead may need.
const budgetBytes = 32 * 1024 * 1024;
const chunksAtOnce = 4;

export function contentCopy(
  source: CopySource,
  target: RepositoryState,
  session: ImportingSession,
  sameIds: boolean,
): ContentCopy {
  const { writer, storeData, storeMetadata } = session.import;
  const budget = createByteBudget(budgetBytes);
  let bytesRead = 0;

  async function* counted(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const part of parts) {
      bytesRead += part.length;
      yield part;
    }
  }
  /** Cut and identified anew: where the target writes such contents by itself, they are recognised. */
  async function rewrite(key: Uint8Array, entry: StoredEntry): Promise<ContentRef> {
    const parts = readContent({ ...source.state.chunks, chunk: source.chunk }, capturedEntry(key, entry));
    return await writer.stream(counted(parts), { kind: entry.kind });
  }
  async function storeChunk(kind: 'data' | 'metadata', { id }: ChunkRef): Promise<void> {
    if (target.index.isLive(id)) return;
    const bytes = await source.chunk(kind, id);
    bytesRead += bytes.length;
    const stored = await storedId(kind, bytes);
    if (!equalBytes(stored, id)) throw otherId();
  }
  async function storedId(kind: 'data' | 'metadata', bytes: Uint8Array): Promise<Uint8Array> {
    if (kind === 'metadata') return storeMetadata(bytes);
    if (bytes.length <= inlineLimit) return storeData(bytes);
    // A chunk by itself is cut nowhere: its first boundary is its end.
    const [ref, ...more] = chunkRefs((await writer.bytes(bytes)).chunks);
    if (!ref || more.length > 0) throw otherId();
    return ref.id;
  }
  /** Chunk by chunk, only those that are missing. The lists of a long content come after what they name. */
  async function transfer(chunks: Uint8Array, depth: number, kind: 'data' | 'metadata'): Promise<void> {
    const limiter = createLimiter(depth === 0 ? chunksAtOnce : 1);
    await Promise.all(
      chunkRefs(chunks).map((ref) =>
        limiter.run(async () => {
          if (depth === 0) return await storeChunk(kind, ref);
          const list = await source.page(ref.id);
          await transfer(list, depth - 1, kind);
          if (!target.index.isLive(ref.id)) storeMetadata(list);
        }),
      ),
    );
  }
  return {
    async copy(key, entry) {
      const { content, kind } = entry;
      if (content.chunks.length === 0) return content;
      const release = await budget.take(Math.min(content.size, budgetBytes / 2));
      try {
        if (sameIds) {
          await transfer(content.chunks, content.depth, contentKind(kind, content.size));
          return content;
        }
        return await rewrite(key, entry);
      } finally {
        release();
      }
    },
    get bytesRead() {
      return bytesRead;
    },
  };
}

function otherId(): HoldfastError {
  return new HoldfastError('internal.bug', 'a chunk has another id in the target although both make the same ids');
}
