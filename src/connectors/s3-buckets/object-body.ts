import { createHash } from 'node:crypto';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import type { Clock } from '../../kernel/runtime.ts';

export interface BodySource {
  /** For messages: `s3-buckets/acme-uploads/a/key`. */
  readonly what: string;
  /** Bytes of the whole object. */
  readonly size: number;
  /** Hex MD5 of the whole object, where the ETag is one. */
  readonly md5: string | undefined;
  readonly first: AsyncIterable<Uint8Array>;
  /** The rest of the very same object (If-Match), from `offset` on. Throws item errors. */
  reopen(offset: number): Promise<AsyncIterable<Uint8Array>>;
  /** Milliseconds without a byte after which the connection counts as dead. */
  readonly idle: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Tries without any progress before the object counts as unavailable. */
const fruitlessTries = 5;

/**
 * The bytes of one object. A connection that breaks or stalls is opened again where it stopped; what arrives is checked
 * against the announced length and, where there is one, the MD5. Throws item.unavailable or item.damaged.
 */
export async function* readBody(source: BodySource): AsyncGenerator<Uint8Array> {
  const hash = source.md5 === undefined ? undefined : createHash('md5');
  let offset = 0;
  let body: AsyncIterable<Uint8Array> | undefined = source.first;
  for (let fruitless = 0; ;) {
    const before = offset;
    let broken: unknown;
    try {
      body ??= await source.reopen(offset);
      for await (const chunk of withoutStalls(body, source)) {
        offset += chunk.length;
        hash?.update(chunk);
        yield chunk;
      }
    } catch (error) {
      source.signal.throwIfAborted();
      if (error instanceof HoldfastError && !isCode(error, 'item.unavailable', 'item.throttled')) throw error;
      if (offset >= source.size && saysOtherBytes(error)) throw damaged(source, error);
      broken = error;
    }
    if (offset >= source.size) break;
    fruitless = offset > before ? 0 : fruitless + 1;
    if (fruitless >= fruitlessTries) throw brokenOff(source, offset, broken);
    await source.clock.sleep(100 * 2 ** fruitless, source.signal);
    body = undefined;
  }
  if (offset > source.size) {
    throw new HoldfastError('item.damaged', `${source.what} gave ${offset} bytes instead of ${source.size}`, {
      resource: source.what,
    });
  }
  if (hash && hash.digest('hex') !== source.md5) {
    throw new HoldfastError('item.damaged', `the bytes of ${source.what} do not have the MD5 of its ETag`, {
      resource: source.what,
    });
  }
}

/** How the SDK reports that an answer does not match the checksum in its own headers. */
function saysOtherBytes(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Checksum mismatch');
}

function damaged(source: BodySource, cause: unknown): HoldfastError {
  return new HoldfastError('item.damaged', `the bytes of ${source.what} do not match their checksum`, {
    resource: source.what,
    cause,
  });
}

function brokenOff(source: BodySource, offset: number, cause: unknown): HoldfastError {
  const why = cause instanceof Error ? cause.message : 'the connection ended early';
  return new HoldfastError(
    'item.unavailable',
    `${source.what} broke off after ${offset} of ${source.size} bytes, ${fruitlessTries} times: ${why}`,
    { resource: source.what, cause },
  );
}

/** Ends with an error where nothing arrives for `idle` ms: a socket without traffic would otherwise hold a slot for ever. */
async function* withoutStalls(body: AsyncIterable<Uint8Array>, source: BodySource): AsyncGenerator<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]();
  const watch = watchForStalls(source);
  let ended = false;
  try {
    for (;;) {
      const next = await watch.over(() => iterator.next());
      if (next.done === true) {
        ended = true;
        return;
      }
      yield next.value;
    }
  } finally {
    watch.stop();
    // Closes the connection where the reader stopped early; not awaited, as a stalled one may never answer.
    if (!ended) void iterator.return?.().then(undefined, () => undefined);
  }
}

interface StallWatch {
  /** What comes, or an error where nothing came for `idle` ms, or the run is stopped. One at a time. */
  over<T>(coming: () => Promise<T>): Promise<T>;
  stop(): void;
}

/**
 * One timer and one listener for a whole body: most bodies are small and there are millions. A signal made of others for each
 * piece (AbortSignal.any) would leave something behind in the run's own for as long as it lives.
 */
function watchForStalls({ clock, idle, signal, what }: BodySource): StallWatch {
  const own = new AbortController();
  const abort = (): void => own.abort(signal.reason);
  let waiting: { readonly since: number; readonly reject: (error: unknown) => void } | undefined;
  async function watch(): Promise<void> {
    for (;;) {
      const waited = waiting ? clock.now() - waiting.since : 0;
      if (waited >= idle)
        throw new HoldfastError('item.unavailable', `${what} sent nothing for ${idle} ms`, { resource: what });
      await clock.sleep(idle - waited, own.signal);
    }
  }
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  watch().catch((error: unknown) => waiting?.reject(error));
  return {
    over: (coming) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        waiting = { since: clock.now(), reject };
        coming()
          .finally(() => (waiting = undefined))
          .then(resolve, reject);
      }),
    stop() {
      signal.removeEventListener('abort', abort);
      own.abort(new Error('the body ended'));
    },
  };
}
