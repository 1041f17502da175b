import type { ECR } from '@aws-sdk/client-ecr';
import { createHash } from 'node:crypto';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import { pages } from '../documents/pages.ts';
import type { RepositoryAddress } from './repository.ts';

export const manifestsCollection = 'manifests';
export const layersCollection = 'layers';

/** An image as the repository lists it. */
export interface Image {
  readonly digest: string;
  readonly tags: readonly string[];
  readonly mediaType: string;
}

/** Something that a manifest names: a layer or a configuration; or, of an index, another manifest. */
export interface Part {
  readonly digest: string;
  readonly size: number;
}

export interface Contents {
  /** Kept in the repository by digest. */
  readonly layers: readonly Part[];
  /** Kept elsewhere: layers of Windows that nobody may pass on. */
  readonly foreign: number;
  /** Images that an index names. */
  readonly images: readonly string[];
}

interface Descriptor {
  readonly digest?: string;
  readonly size?: number;
  readonly mediaType?: string;
}

interface Manifest {
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
  readonly manifests?: readonly Descriptor[];
  readonly fsLayers?: readonly { readonly blobSum?: string }[];
}

/** Images a page at a time, untagged ones and those within an index too. */
export async function* listImages(
  client: ECR,
  { name: repositoryName, resource }: RepositoryAddress,
): AsyncGenerator<Image> {
  const ask = async (nextToken: string | undefined) =>
    await required(client.describeImages({ repositoryName, maxResults: 1000, nextToken }), 'DescribeImages', resource);
  for await (const { imageDetails = [] } of pages(ask, (page) => page.nextToken))
    for (const { imageDigest: digest = '', imageTags = [], imageManifestMediaType: mediaType = '' } of imageDetails)
      yield { digest, tags: [...imageTags].sort(), mediaType };
}

/** Manifests of up to a hundred images, byte for byte; each is compared with its digest. Those that are gone are left out. */
export async function readManifests(
  client: ECR,
  { name: repositoryName, resource }: RepositoryAddress,
  images: readonly Image[],
): Promise<Map<string, string | HoldfastError>> {
  const imageIds = images.map(({ digest }) => ({ imageDigest: digest }));
  const acceptedMediaTypes = [...new Set(images.map(({ mediaType }) => mediaType).filter((type) => type !== ''))];
  const asking = client.batchGetImage({
    repositoryName,
    imageIds,
    ...(acceptedMediaTypes.length > 0 ? { acceptedMediaTypes } : {}),
  });
  const answer = await required(asking, 'BatchGetImage', resource);
  const found = new Map<string, string | HoldfastError>();
  for (const { imageId, imageManifest = '' } of answer.images ?? []) {
    const digest = imageId?.imageDigest ?? '';
    const isWhole = digestOf(imageManifest) === digest;
    const message = `the manifest ${digest} of ${resource} is not what its digest says`;
    found.set(digest, isWhole ? imageManifest : new HoldfastError('item.damaged', message, { resource }));
  }
  for (const { imageId, failureReason } of answer.failures ?? []) {
    const digest = imageId?.imageDigest ?? '';
    found.set(
      digest,
      new HoldfastError('item.not-found', `${digest} of ${resource}: ${failureReason ?? 'is gone'}`, { resource }),
    );
  }
  return found;
}

export function digestOf(bytes: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** What a manifest names: of Docker and of OCI, single ones and indexes. */
export function contentsOf(text: string): Contents {
  const { config, layers = [], manifests = [], fsLayers = [] } = JSON.parse(text) as Manifest;
  const named = [
    ...(config ? [config] : []),
    ...layers,
    ...fsLayers.map(({ blobSum }) => ({ digest: blobSum }) as Descriptor),
  ];
  const isForeign = ({ mediaType = '' }: Descriptor): boolean => /foreign|nondistributable/.test(mediaType);
  const parts = named.filter((one) => !isForeign(one)).map(({ digest = '', size = 0 }) => ({ digest, size }));
  return {
    layers: [...new Map(parts.map((part) => [part.digest, part])).values()],
    foreign: named.filter(isForeign).length,
    images: manifests.flatMap(({ digest }) => digest ?? []),
  };
}
