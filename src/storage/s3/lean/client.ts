import { createHash } from 'node:crypto';
import type { Runtime } from '../../../kernel/runtime.ts';
import { answerError, headerOf, type AnswerError } from './answer-error.ts';
import type { Credentials } from './credentials.ts';
import { encodeKey, queryString } from './encode.ts';
import { createHedge } from './hedge.ts';
import { createSigner, unsignedPayload, type Identity } from './signer.ts';
import type { Target } from './target.ts';
import { createTransport, type Answer, type ExchangeWatch, type Transport, type WireRequest } from './transport.ts';

/** One request for an object of the bucket, or with key '' for the bucket itself. */
export interface LeanRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'DELETE';
  readonly key: string;
  readonly query?: readonly (readonly [name: string, value: string])[];
  /** Lower-case names. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: Uint8Array | readonly Uint8Array[];
  /** Hex SHA-256 of the body, where the caller knows it. */
  readonly sha256?: string;
  readonly into?: WireRequest['into'];
  /** A read whose late answer may be asked for a second time. */
  readonly hedged?: boolean;
}

/** Signed requests for one bucket, without the layers of the SDK: a tenth of its time per request. */
export interface LeanClient {
  /** True over TLS: bodies go unsigned, with a checksum. */
  readonly secure: boolean;
  /** The answer of status 2xx. Throws an AnswerError, or the error of a connection without an answer. Repeats nothing. */
  send(request: LeanRequest): Promise<Answer>;
  /** How many reads were sent a second time. */
  readonly hedged: number;
  close(): Promise<void>;
}

export interface LeanSettings {
  readonly runtime: Runtime;
  readonly credentials: Credentials;
  readonly target: Target;
  /** Where the bucket is reached in another region, when it turns out to be there. */
  readonly targetIn: (region: string) => Promise<Target>;
  readonly connections: number;
  readonly idleMs: number;
  readonly connectMs: number;
}

// Region, clock and credentials may each be wrong once.
const mostCorrections = 3;

export function createLeanClient(settings: LeanSettings): LeanClient {
  const { runtime, credentials } = settings;
  const signer = createSigner('s3');
  const hedge = createHedge({ clock: runtime.clock });
  const transports = new Map<string, Transport>();
  let target = settings.target;
  /** The store's clock minus ours: ms. */
  let skew = 0;

  function transportTo(origin: string): Transport {
    let transport = transports.get(origin);
    if (!transport) {
      const { connections, idleMs, connectMs } = settings;
      transport = createTransport({ origin, connections, idleMs, connectMs });
      transports.set(origin, transport);
    }
    return transport;
  }
  function wire(request: LeanRequest, identity: Identity, to: Target): WireRequest {
    const { method, body, into } = request;
    const path = `${to.path}${encodeKey(request.key)}`;
    const query = request.query === undefined ? '' : queryString(request.query);
    const payload = payloadOf(request, to);
    const given: (readonly [string, string])[] = [...(request.headers ?? []), ['x-amz-content-sha256', payload]];
    const { host } = to;
    const signed = { method, path, query, host, headers: given, payload };
    const headers = signer.sign(identity, to.region, signed, runtime.clock.now() + skew);
    // A body in parts is written as it is; without a length it would go in chunks, which S3 does not take.
    if (body !== undefined && !(body instanceof Uint8Array)) headers.push('content-length', String(lengthOf(body)));
    return {
      method,
      path: query === '' ? path : `${path}?${query}`,
      headers,
      ...(body === undefined ? {} : { body }),
      ...(into === undefined ? {} : { into: (head) => (head.status < 300 ? into(head) : undefined) }),
    };
  }
  /** What to do about an answer that says that the request was not made as the store wants it. */
  async function corrected(error: AnswerError, answer: Answer, sentTo: Target): Promise<Target | undefined> {
    const { name, region } = error;
    if (name === 'RequestTimeTooSkewed') {
      const theirs = Date.parse(headerOf(answer, 'date') ?? '');
      if (Number.isNaN(theirs)) return undefined;
      skew = theirs - runtime.clock.now();
      return sentTo;
    }
    if (/^(ExpiredToken|InvalidToken|TokenRefreshRequired)/.test(name)) {
      return (await credentials.renew()) ? sentTo : undefined;
    }
    if (answer.status === 307) return elsewhere(sentTo, headerOf(answer, 'location'));
    if (region === undefined || region === sentTo.region || (answer.status !== 301 && answer.status !== 400)) {
      return undefined;
    }
    target = await settings.targetIn(region);
    return target;
  }
  async function send(request: LeanRequest): Promise<Answer> {
    let to = target;
    for (let corrections = 0; ; corrections++) {
      const current = credentials.current();
      const identity = current instanceof Promise ? await current : current;
      const made = wire(request, identity, to);
      const transport = transportTo(to.origin);
      const begin = (watch?: ExchangeWatch) => transport.exchange(made, watch);
      const answer = await (request.hedged === true ? hedge.run(begin) : begin().answer);
      if (answer.status >= 200 && answer.status < 300) return answer;
      const error = answerError(answer);
      const next = corrections < mostCorrections ? await corrected(error, answer, to) : undefined;
      if (next === undefined) throw error;
      to = next;
    }
  }
  return {
    secure: target.secure,
    send,
    get hedged() {
      return hedge.hedged;
    },
    async close() {
      await Promise.all([...transports.values()].map((transport) => transport.close()));
    },
  };
}

/** A temporary redirect (buckets that are some hours old at most): to the same path of another host, never out of TLS. */
function elsewhere(from: Target, location: string | undefined): Target | undefined {
  const url = location === undefined || !URL.canParse(location) ? undefined : new URL(location);
  if (url === undefined || (from.secure && url.protocol !== 'https:') || url.host === from.host) return undefined;
  const bucket = from.path.slice(1, -1).split('/').at(-1) ?? '';
  const inPath = bucket === '' || url.pathname.startsWith(`/${bucket}/`) || url.pathname === `/${bucket}`;
  return { ...from, origin: url.origin, host: url.host, path: inPath ? from.path : '/' };
}

const emptySha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Over TLS nobody can change a body on its way, and its checksum header is signed; elsewhere the body itself is. */
function payloadOf(request: LeanRequest, to: Target): string {
  if (request.body === undefined) return emptySha256;
  if (to.secure) return unsignedPayload;
  return request.sha256 ?? sha256Hex(request.body);
}

export function sha256Hex(body: Uint8Array | readonly Uint8Array[]): string {
  const digest = createHash('sha256');
  for (const part of body instanceof Uint8Array ? [body] : body) digest.update(part);
  return digest.digest('hex');
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}
