import { createHash } from 'node:crypto';
import { Refused, repositoryOf, textOf, type Image, type Operation, type Repository } from './state.ts';

interface ImageId {
  readonly imageDigest?: string;
  readonly imageTag?: string;
}

interface Descriptor {
  readonly digest: string;
}

interface Manifest {
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
  readonly manifests?: readonly Descriptor[];
}

function find({ images }: Repository, { imageDigest, imageTag }: ImageId): Image | undefined {
  if (imageDigest !== undefined) return images.get(imageDigest);
  return [...images.values()].find(({ tags }) => imageTag !== undefined && tags.has(imageTag));
}

/** A manifest is taken only when all that it names is there, and when it is what its digest says. */
function check(repository: Repository, manifest: string): void {
  const { config, layers = [], manifests = [] } = JSON.parse(manifest) as Manifest;
  for (const { digest } of [...(config ? [config] : []), ...layers])
    if (!repository.layers.has(digest)) throw new Refused('LayersNotFoundException', `${digest} is not there`);
  for (const { digest } of manifests)
    if (!repository.images.has(digest))
      throw new Refused('ReferencedImagesNotFoundException', `${digest} is not there`);
}

export const images: Readonly<Record<string, Operation>> = {
  PutImage(asked) {
    const repository = repositoryOf(asked);
    const manifest = textOf(asked, 'imageManifest');
    const tag = textOf(asked, 'imageTag');
    const digest = `sha256:${createHash('sha256').update(manifest).digest('hex')}`;
    const named = textOf(asked, 'imageDigest');
    if (named !== '' && named !== digest) throw new Refused('ImageDigestDoesNotMatchException', `it is ${digest}`);
    check(repository, manifest);
    const holder = tag === '' ? undefined : find(repository, { imageTag: tag });
    if (holder && holder.digest !== digest && repository.facts['imageTagMutability'] === 'IMMUTABLE')
      throw new Refused('ImageTagAlreadyExistsException', `${tag} is taken`);
    const there = repository.images.get(digest);
    if (there && (tag === '' || there.tags.has(tag)))
      throw new Refused('ImageAlreadyExistsException', `${digest} is there`);
    holder?.tags.delete(tag);
    const image = there ?? {
      digest,
      manifest,
      mediaType: textOf(asked, 'imageManifestMediaType'),
      tags: new Set<string>(),
    };
    if (tag !== '') image.tags.add(tag);
    repository.images.set(digest, image);
    return { image: { imageId: { imageDigest: digest } } };
  },
  DescribeImages(asked) {
    const details = [...repositoryOf(asked).images.values()].map(({ digest, mediaType, tags, manifest }) => ({
      imageDigest: digest,
      imageManifestMediaType: mediaType,
      imageSizeInBytes: manifest.length,
      imagePushedAt: 1,
      ...(tags.size > 0 ? { imageTags: [...tags] } : {}),
    }));
    // Two at a time, so that there are pages.
    const at = Number(asked.input['nextToken'] ?? 0);
    const nextToken = at + 2 < details.length ? { nextToken: String(at + 2) } : {};
    return { imageDetails: details.slice(at, at + 2), ...nextToken };
  },
  BatchGetImage(asked) {
    const repository = repositoryOf(asked);
    const ids = asked.input['imageIds'] as ImageId[];
    const found = ids.flatMap((id) => find(repository, id) ?? []);
    const gone = ids.filter((id) => !find(repository, id));
    return {
      images: found.map(({ digest, manifest, mediaType }) => ({
        imageId: { imageDigest: digest },
        imageManifest: manifest,
        imageManifestMediaType: mediaType,
      })),
      failures: gone.map((imageId) => ({ imageId, failureCode: 'ImageNotFound', failureReason: 'not found' })),
    };
  },
  BatchDeleteImage(asked) {
    const repository = repositoryOf(asked);
    for (const { imageDigest, imageTag } of asked.input['imageIds'] as ImageId[]) {
      const image = find(repository, imageDigest === undefined ? (imageTag ? { imageTag } : {}) : { imageDigest });
      if (imageTag !== undefined) image?.tags.delete(imageTag);
      // The last tag takes the image along.
      if (image && (imageDigest !== undefined || image.tags.size === 0)) repository.images.delete(image.digest);
    }
    return { imageIds: [], failures: [] };
  },
};
