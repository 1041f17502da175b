import type { ECR } from '@aws-sdk/client-ecr';
import { utf8 } from '../../kernel/bytes.ts';
import type { CaptureSink } from '../../kernel/capture.ts';
import { HoldfastError, isItemError } from '../../kernel/errors.ts';
import type { ConnectorContext, DiscoveredResource } from '../contract.ts';
import { capture as captureDocuments, sceneOf } from '../documents/capture.ts';
import { addressOf, kindOf } from '../documents/names.ts';
import { contentsOf, layersCollection, listImages, manifestsCollection, readManifests, type Image } from './images.ts';
import { loadLayer } from './layer-download.ts';
import type { RepositoryAddress } from './repository.ts';
import { ecr, type Options } from './service.ts';

const atOnce = 100;

/** Documents as the kit captures them; of repositories also manifests, byte for byte, and layers by digest. */
export async function capture(
  context: ConnectorContext<Options>,
  discovered: DiscoveredResource,
  sink: CaptureSink,
): Promise<void> {
  await captureDocuments(ecr, context, discovered, sink);
  const { kind } = kindOf(ecr, discovered.ref);
  if (kind !== 'repositories') return;
  const { client } = await sceneOf(ecr, context);
  const address = addressOf(discovered.ref, kind);
  try {
    await captureImages(client, address, context.signal, sink);
  } catch (error) {
    if (!isItemError(error)) throw error;
    sink.fail(error, { collection: manifestsCollection, key: '' });
  }
}

async function captureImages(
  client: ECR,
  address: RepositoryAddress,
  signal: AbortSignal,
  sink: CaptureSink,
): Promise<void> {
  const seen = new Set<string>();
  let foreign = 0;
  let waiting: Image[] = [];
  const flush = async (): Promise<void> => {
    if (waiting.length > 0) foreign += await addImages(client, address, signal, sink, waiting, seen);
    waiting = [];
  };
  for await (const image of listImages(client, address)) {
    waiting.push(image);
    if (waiting.length === atOnce) await flush();
  }
  await flush();
  if (foreign === 0) return;
  sink.note({
    class: 'lost',
    what: 'layers that are kept elsewhere',
    why: 'Layers of Windows may not be passed on: the registry of Microsoft has them, and not this repository.',
    action: 'Nothing, as long as that registry keeps them; or build such images again.',
    count: foreign,
  });
}

/** Adds manifests and those of their layers that are not there yet; returns how many layers are elsewhere. */
async function addImages(
  client: ECR,
  address: RepositoryAddress,
  signal: AbortSignal,
  sink: CaptureSink,
  images: readonly Image[],
  seen: Set<string>,
): Promise<number> {
  const manifests = sink.collection(manifestsCollection, { order: 'unsorted' });
  const layers = sink.collection(layersCollection, { order: 'unsorted' });
  const found = await readManifests(client, address, images);
  let foreign = 0;
  for (const { digest, tags, mediaType } of images) {
    const manifest = found.get(digest);
    if (manifest instanceof HoldfastError) sink.fail(manifest, { collection: manifestsCollection, key: digest });
    if (typeof manifest !== 'string') continue;
    const attributes = { mediaType, tags: [...tags] };
    await manifests.add({ key: digest, kind: 'blob', fingerprint: digest, attributes, content: utf8(manifest) });
    const contents = contentsOf(manifest);
    foreign += contents.foreign;
    for (const layer of contents.layers) {
      if (seen.has(layer.digest)) continue;
      seen.add(layer.digest);
      const load = async () => await loadLayer(client, address, layer, signal);
      await layers.add({ key: layer.digest, kind: 'blob', fingerprint: layer.digest, load });
    }
  }
  return foreign;
}
