import { buildConnector, Pool, type Dispatcher } from 'undici';
import { asBuffer, concatBytes, emptyBytes } from '../../../kernel/bytes.ts';

/** One request as it goes over the wire. */
export interface WireRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body?: Uint8Array | readonly Uint8Array[];
  /** Where the answer's bytes go; absent, or undefined for this answer: they are collected. */
  readonly into?: (head: AnswerHead) => Placement | undefined;
}

/** Bytes of the answer after the first `skip` go to `target`; when it is full, the rest is not waited for. */
export interface Placement {
  readonly target: Uint8Array;
  readonly skip: number;
}

export interface AnswerHead {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface Answer extends AnswerHead {
  /** What arrived. */
  readonly body: Uint8Array;
  /** The answer ended before its end; what arrived is in `body`. */
  readonly cut?: Error;
}

/** A request on its way. */
export interface Exchange {
  /** Rejects when no answer began. */
  readonly answer: Promise<Answer>;
  /** Gives it up, and its connection. */
  abort(reason: Error): void;
}

/** Told when a request has a connection, and when its answer began. */
export interface ExchangeWatch {
  readonly sent?: () => void;
  readonly began?: (status: number) => void;
}

export interface Transport {
  exchange(request: WireRequest, watch?: ExchangeWatch): Exchange;
  close(): Promise<void>;
}

export interface TransportSettings {
  /** `https://s3.eu-west-1.amazonaws.com`, `http://[::1]:9000`. */
  readonly origin: string;
  readonly connections: number;
  /** A connection on which nothing moves for so long, in neither direction, is closed: ms. A slow one that moves is not. */
  readonly idleMs: number;
  readonly connectMs: number;
}

/** Kept-alive connections to one host, each with one request at a time. */
export function createTransport(settings: TransportSettings): Transport {
  const connect = buildConnector({ timeout: settings.connectMs });
  const pool = new Pool(settings.origin, {
    connections: settings.connections,
    pipelining: 1,
    // Both would count time since the last byte of the answer only, and end an upload that is slow but moving.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: (options, callback) =>
      connect(options, (error, socket) => {
        if (error !== null) {
          callback(error, null);
          return;
        }
        socket.setTimeout(settings.idleMs, () => socket.destroy(stalled(settings)));
        callback(null, socket);
      }),
  });
  return {
    exchange: (request, watch = {}) => begin(pool, request, watch),
    close: () => pool.destroy(),
  };
}

function stalled({ origin, idleMs }: TransportSettings): Error {
  return Object.assign(new Error(`nothing moved for ${idleMs / 1000} s on the connection to ${origin}`), {
    code: 'ETIMEDOUT',
  });
}

function begin(pool: Pool, request: WireRequest, watch: ExchangeWatch): Exchange {
  let controller: Dispatcher.DispatchController | undefined;
  let given: Error | undefined;
  const answer = new Promise<Answer>((resolve, reject) => {
    let head: AnswerHead | undefined;
    let placement: Placement | undefined;
    let collected: Uint8Array[] = [];
    let toSkip = 0;
    let filled = 0;

    function received(): Uint8Array {
      if (placement) return placement.target.subarray(0, filled);
      return collected.length === 1 ? (collected[0] ?? emptyBytes) : concatBytes(collected);
    }
    pool.dispatch(
      {
        method: request.method,
        path: request.path,
        headers: request.headers,
        body: bodyOf(request.body),
        // undici closes the connection after a HEAD unless told otherwise.
        reset: false,
      },
      {
        onRequestStart(started) {
          controller = started;
          if (given) started.abort(given);
          else watch.sent?.();
        },
        onResponseStart(_, status, headers) {
          // 100 Continue and the like are not the answer.
          if (status < 200) return;
          const begun = { status, headers };
          // What it throws is the request's error: nothing has begun then.
          placement = request.into?.(begun);
          toSkip = placement?.skip ?? 0;
          head = begun;
          watch.began?.(status);
        },
        onResponseData(started, chunk) {
          if (!placement) {
            collected.push(chunk);
            return;
          }
          const wanted = toSkip > 0 ? chunk.subarray(toSkip) : chunk;
          toSkip -= chunk.length - wanted.length;
          const fitting = wanted.subarray(0, placement.target.length - filled);
          placement.target.set(fitting, filled);
          filled += fitting.length;
          if (fitting.length < wanted.length) started.abort(enough);
        },
        onResponseEnd() {
          if (head) resolve({ ...head, body: received() });
        },
        onResponseError(_, error) {
          if (!head || given) reject(error);
          else if (error === enough) resolve({ ...head, body: received() });
          else resolve({ ...head, body: received(), cut: error });
          collected = [];
        },
      },
    );
  });
  return {
    answer,
    abort(reason) {
      given = reason;
      controller?.abort(reason);
    },
  };
}

const enough = new Error('all that was wanted arrived');

function bodyOf(body: WireRequest['body']): Uint8Array | null {
  if (body === undefined) return null;
  // undici writes any iterable; its types name streams only.
  return body instanceof Uint8Array ? asBuffer(body) : (body as unknown as Uint8Array);
}
