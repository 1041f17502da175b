import type { ECR } from '@aws-sdk/client-ecr';
import { createHash } from 'node:crypto';
import type { LoadedContent } from '../../kernel/capture.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { Part } from './images.ts';
import type { RepositoryAddress } from './repository.ts';

/**
 * Streams a layer. Throws item.unavailable when its address does not answer, and item.damaged at the end of the stream when
 * the bytes are not those of its digest.
 */
export async function loadLayer(
  client: ECR,
  { name: repositoryName, resource }: RepositoryAddress,
  { digest, size }: Part,
  signal: AbortSignal,
): Promise<LoadedContent> {
  const asking = client.getDownloadUrlForLayer({ repositoryName, layerDigest: digest });
  const { downloadUrl = '' } = await required(asking, 'GetDownloadUrlForLayer', resource);
  const what = `layer ${digest} of ${resource}`;
  let response: Response;
  try {
    response = await fetch(downloadUrl, { signal });
  } catch (error) {
    throw broken(what, resource, error);
  }
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    const code =
      response.status === 403 ? 'item.denied' : response.status === 404 ? 'item.not-found' : 'item.unavailable';
    throw new HoldfastError(code, `${what} could not be downloaded: its address answered ${response.status}`, {
      resource,
    });
  }
  const content = checked(response.body, digest, what, resource, signal);
  return { content, ...(size > 0 ? { expectedSize: size } : {}) };
}

async function* checked(
  body: AsyncIterable<Uint8Array>,
  digest: string,
  what: string,
  resource: string,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  const hash = createHash('sha256');
  try {
    for await (const part of body) {
      hash.update(part);
      yield part;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw broken(what, resource, error);
  }
  if (`sha256:${hash.digest('hex')}` !== digest)
    throw new HoldfastError('item.damaged', `${what} is not what its digest says`, { resource });
}

// The cause is named, not attached: what fetch throws may quote the signed address.
function broken(what: string, resource: string, error: unknown): HoldfastError {
  const name = error instanceof Error ? error.name : 'unknown';
  return new HoldfastError('item.unavailable', `${what} could not be downloaded (${name})`, { resource });
}
