import type { CapturedEntry } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { isAwsError, required } from '../aws/classify.ts';
import { layersCollection, type Part } from './images.ts';
import type { RepositoryTarget } from './image-difference.ts';

const checkedAtOnce = 100;

/** Puts layers there that are not there yet, and looks whether they are. */
export async function pushLayers(target: RepositoryTarget, layers: readonly Part[]): Promise<void> {
  const { captured, resource } = target;
  for (const digest of await absent(target, layers)) {
    const entry = await captured.entry(layersCollection, digest);
    if (!entry)
      throw new HoldfastError('item.not-found', `the snapshot does not hold layer ${digest} of ${resource}`, {
        resource,
      });
    await upload(target, digest, entry);
  }
  const [left] = await absent(target, layers);
  if (left !== undefined)
    throw new HoldfastError('item.changed', `layer ${left} of ${resource} was pushed, and is not there`, { resource });
}

async function absent(
  { scene, name: repositoryName, resource }: RepositoryTarget,
  layers: readonly Part[],
): Promise<string[]> {
  const found: string[] = [];
  for (let at = 0; at < layers.length; at += checkedAtOnce) {
    const layerDigests = layers.slice(at, at + checkedAtOnce).map(({ digest }) => digest);
    const asking = scene.client.batchCheckLayerAvailability({ repositoryName, layerDigests });
    const answer = await required(asking, 'BatchCheckLayerAvailability', resource);
    const there = (answer.layers ?? []).filter(({ layerAvailability }) => layerAvailability === 'AVAILABLE');
    const known = new Set(there.map(({ layerDigest }) => layerDigest));
    found.push(...layerDigests.filter((digest) => !known.has(digest)));
  }
  return found;
}

/** In parts of the size that ECR asks for; no more than one is held. */
async function upload(target: RepositoryTarget, digest: string, entry: CapturedEntry): Promise<void> {
  const { scene, captured, name: repositoryName, resource } = target;
  const { client } = scene;
  const begun = await required(client.initiateLayerUpload({ repositoryName }), 'InitiateLayerUpload', resource);
  const { uploadId, partSize = 10 * 1024 * 1024 } = begun;
  let first = 0;
  const send = async (layerPartBlob: Uint8Array): Promise<void> => {
    const part = {
      repositoryName,
      uploadId,
      partFirstByte: first,
      partLastByte: first + layerPartBlob.length - 1,
      layerPartBlob,
    };
    await required(client.uploadLayerPart(part), 'UploadLayerPart', resource);
    first += layerPartBlob.length;
  };
  let held: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of captured.read(entry)) {
    for (let at = 0; at < piece.length;) {
      const taken = piece.subarray(at, at + partSize - bytes);
      held.push(taken);
      bytes += taken.length;
      at += taken.length;
      if (bytes < partSize) continue;
      await send(Buffer.concat(held));
      held = [];
      bytes = 0;
    }
  }
  if (bytes > 0) await send(Buffer.concat(held));
  try {
    await client.completeLayerUpload({ repositoryName, uploadId, layerDigests: [digest] });
  } catch (error) {
    // Somebody else pushed it meanwhile.
    if (!isAwsError(error, 'LayerAlreadyExistsException'))
      await required(Promise.reject(error), 'CompleteLayerUpload', resource);
  }
}
