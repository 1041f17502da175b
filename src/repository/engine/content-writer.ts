import { HoldfastError } from '../../kernel/errors.ts';
import { emptyBytes } from '../../kernel/bytes.ts';
import type { FileSource } from '../../kernel/capture.ts';
import type { EntryKind } from '../../kernel/entry.ts';
import {
  contentKind,
  documentLimit,
  foldReferences,
  inlineContent,
  inlineLimit,
  noContent,
  type ContentRef,
} from '../tree/content.ts';
import type { StoredItem, StoreItem } from './messages.ts';
import type { Pool } from './pool.ts';

/** Turns bytes into stored content. A dry one only computes where they would lie, for comparisons. */
export interface ContentWriter {
  bytes(content: Uint8Array, options?: ContentOptions): Promise<ContentRef>;
  stream(content: AsyncIterable<Uint8Array>, options?: ContentOptions): Promise<ContentRef>;
  /** Reads a file of this machine in a worker; throws item errors. */
  file(file: FileSource): Promise<ContentRef>;
  /** Hands over what waits for company. */
  flush(): void;
  /** Nothing reaches the workers from now on: what waits and what comes later is refused with run.interrupted. */
  close(): void;
}

export interface ContentOptions {
  /** Of which entry it is the content; default blob. It decides whether the chunks are metadata (contentKind). */
  readonly kind?: EntryKind;
  /** Keep it in the entry, whatever its size. */
  readonly inline?: boolean;
  /** The bytes are all there is in their memory, and nobody reads them any more (LoadedContent). */
  readonly ownsMemory?: boolean;
}

export interface ContentWriterSettings {
  readonly pool: Pool;
  readonly dry: boolean;
  readonly storeMetadata: (bytes: Uint8Array) => Uint8Array;
}

// One message for many small files: a message costs about as much as hashing 100 KiB.
const batchItems = 64;
const batchBytes = 1024 * 1024;
const pieceBytes = 1024 * 1024;
// Taking memory from one thread to another costs more than copying what is smaller.
const worthMoving = 32 * 1024;

interface Waiting {
  readonly item: StoreItem;
  /** Memory that moves to the worker, in place of being copied. */
  readonly moves: ArrayBuffer | undefined;
  readonly resolve: (ref: ContentRef) => void;
  readonly reject: (error: unknown) => void;
}

export function createContentWriter(settings: ContentWriterSettings): ContentWriter {
  const { pool, dry, storeMetadata } = settings;
  let batch: Waiting[] = [];
  let bytesWaiting = 0;
  let scheduled = false;
  let closed = false;

  function contentOf(stored: StoredItem): ContentRef {
    if (stored.error)
      throw new HoldfastError(
        stored.error.code,
        stored.error.message,
        stored.error.hint === undefined ? {} : { hint: stored.error.hint },
      );
    if (stored.inline)
      return stored.inline.length === 0
        ? noContent
        : { size: stored.size, inline: stored.inline, chunks: emptyBytes, depth: 0 };
    const content = foldReferences(stored.size, stored.chunks ?? emptyBytes, storeMetadata);
    return stored.novelty ? { ...content, novelty: stored.novelty } : content;
  }
  function dispatch(): void {
    const sent = batch;
    if (sent.length === 0) return;
    batch = [];
    bytesWaiting = 0;
    if (closed) {
      for (const { reject } of sent) reject(tooLate());
      return;
    }
    const transfer = sent.flatMap(({ moves }) => (moves ? [moves] : []));
    pool.run({ type: 'store', dry, items: sent.map(({ item }) => item) }, { transfer }).then(
      (items) => {
        sent.forEach(({ resolve, reject }, i) => {
          try {
            resolve(contentOf(items[i] as StoredItem));
          } catch (error) {
            reject(error);
          }
        });
      },
      (error: unknown) => {
        for (const { reject } of sent) reject(error);
      },
    );
  }
  function enqueue(item: StoreItem, size: number, moves?: ArrayBuffer): Promise<ContentRef> {
    const result = new Promise<ContentRef>((resolve, reject) => {
      batch.push({ item, moves, resolve, reject });
    });
    bytesWaiting += size;
    if (batch.length >= batchItems || bytesWaiting >= batchBytes) dispatch();
    else if (!scheduled) {
      scheduled = true;
      // Whatever came in the same turn travels together; nothing waits longer than that turn.
      setImmediate(() => {
        scheduled = false;
        dispatch();
      });
    }
    return result;
  }
  async function send(
    thread: number,
    stream: number,
    parts: readonly Uint8Array[],
    last: boolean,
  ): Promise<readonly StoredItem[]> {
    if (closed) throw tooLate();
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return await pool.run({ type: 'piece', stream, dry, bytes, last }, { thread, transfer: [bytes.buffer] });
  }
  async function streamAll(content: AsyncIterable<Uint8Array>, options: ContentOptions = {}): Promise<ContentRef> {
    // A document is held until it is known to be no metadata chunk.
    const firstPiece = options.kind === 'document' ? documentLimit + 1 : pieceBytes;
    const stream = pool.nextStream();
    let thread: number | undefined;
    let parts: Uint8Array[] = [];
    let held = 0;
    let sending: Promise<unknown> = Promise.resolve();
    try {
      for await (const part of content) {
        parts.push(part);
        held += part.length;
        if (held < (thread === undefined ? firstPiece : pieceBytes)) continue;
        thread ??= pool.pick();
        await sending;
        sending = send(thread, stream, parts, false);
        sending.catch(seenWhenAwaited);
        parts = [];
        held = 0;
      }
      if (thread === undefined) return await writer.bytes(Buffer.concat(parts), options);
      await sending;
      const [stored] = await send(thread, stream, parts, true);
      return contentOf(stored as StoredItem);
    } catch (error) {
      if (thread !== undefined) pool.dropStream(thread, stream);
      throw error;
    }
  }
  const writer: ContentWriter = {
    async bytes(content, options = {}) {
      if (content.length === 0) return noContent;
      // The same rule as in the workers, so that content ids do not depend on the way bytes came.
      if (content.length <= inlineLimit || options.inline) return inlineContent(content);
      const isMetadata = contentKind(options.kind ?? 'blob', content.length) === 'metadata';
      const moves = options.ownsMemory && content.length >= worthMoving ? (content.buffer as ArrayBuffer) : undefined;
      return await enqueue({ bytes: content, ...(isMetadata ? { metadata: true } : {}) }, content.length, moves);
    },
    stream: streamAll,
    file: ({ path, size, ino }) => enqueue({ file: { path, ino } }, size),
    flush: dispatch,
    close() {
      closed = true;
      dispatch();
    },
  };
  return writer;
}

function tooLate(): HoldfastError {
  return new HoldfastError('run.interrupted', 'the session ended before this was stored');
}

// The stream's loop awaits each send in its turn; this only keeps an early rejection from counting as unhandled.
function seenWhenAwaited(): void {
  /* awaited later */
}
