import { createHash } from 'node:crypto';
import { HoldfastError } from '../../kernel/errors.ts';
import type { ConnectorContext } from '../contract.ts';

interface Package {
  /** Signed address, valid for ten minutes (Lambda API, FunctionCodeLocation). A credential: never shown. */
  readonly address: string;
  /** Base64 of the SHA-256, as Lambda states it. */
  readonly sha256: string;
  /** For messages: `function.zip of lambda-functions/api`. */
  readonly what: string;
  readonly resource: string;
}

const attempts = 3;

/**
 * Streams a code package. Throws item.denied, item.not-found or item.unavailable when the address does not answer, and
 * item.damaged at the end of the stream when the bytes are not those Lambda announced.
 */
export async function download(
  context: Pick<ConnectorContext, 'runtime' | 'signal'>,
  from: Package,
): Promise<AsyncIterable<Uint8Array>> {
  for (let attempt = 1; ; attempt++) {
    try {
      return checked(await open(from, context.signal), from, context.signal);
    } catch (error) {
      context.signal.throwIfAborted();
      if (attempt === attempts || !(error instanceof HoldfastError) || error.row.nature !== 'retriable') throw error;
      await context.runtime.clock.sleep(200 * 2 ** attempt, context.signal);
    }
  }
}

async function open(from: Package, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  let response: Response;
  try {
    response = await fetch(from.address, { signal });
  } catch (error) {
    throw broken(from, 'could not be downloaded', error);
  }
  if (response.ok && response.body) return response.body;
  await response.body?.cancel();
  const { status } = response;
  throw new HoldfastError(
    status === 403 ? 'item.denied' : status === 404 ? 'item.not-found' : 'item.unavailable',
    `${from.what} could not be downloaded: its address answered ${status}`,
    { resource: from.resource },
  );
}

async function* checked(
  body: AsyncIterable<Uint8Array>,
  from: Package,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const part of body) {
      hash.update(part);
      bytes += part.byteLength;
      yield part;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw broken(from, `broke off after ${bytes} bytes`, error);
  }
  const found = hash.digest('base64');
  if (found !== from.sha256)
    throw new HoldfastError(
      'item.damaged',
      `${from.what} is not what Lambda announced: ${bytes} bytes with SHA-256 ${found} instead of ${from.sha256}`,
      { resource: from.resource },
    );
}

// The cause is named, not attached: what fetch throws may quote the signed address.
function broken(from: Package, happened: string, error: unknown): HoldfastError {
  const cause = (error as { cause?: { code?: unknown } } | undefined)?.cause?.code;
  const why = typeof cause === 'string' ? cause : error instanceof Error ? error.name : 'unknown reason';
  return new HoldfastError('item.unavailable', `${from.what} ${happened}: ${why}`, { resource: from.resource });
}
