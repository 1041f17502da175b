import type { CapturedEntry } from '../../kernel/entry.ts';
import { asBuffer, displayBytes } from '../../kernel/bytes.ts';
import type { ECR } from '@aws-sdk/client-ecr';
import type { Target } from '../documents/target.ts';
import { listImages, manifestsCollection, type Image } from './images.ts';
import type { Options } from './service.ts';

export type RepositoryTarget = Target<ECR, Options>;

export interface WantedImage extends Image {
  readonly entry: CapturedEntry;
}

export interface ImageDifference {
  /** Not there at all. */
  readonly missing: readonly WantedImage[];
  /** There, and tags of the snapshot do not lead to them. */
  readonly tagged: readonly { readonly image: WantedImage; readonly tags: readonly string[] }[];
  /** Tags that lead to an image of the snapshot now and did not then. */
  readonly extraTags: readonly { readonly digest: string; readonly tag: string }[];
  /** Images that the snapshot does not have. */
  readonly extra: readonly string[];
}

/** Compares images of the snapshot with those of the repository: digests and tags only, no content. */
export async function imageDifference(target: RepositoryTarget): Promise<ImageDifference> {
  const { scene, captured, name, resource, id } = target;
  const { only } = scene;
  const live = new Map<string, Image>();
  if (only !== undefined && only.collection !== manifestsCollection)
    return { missing: [], tagged: [], extraTags: [], extra: [] };
  if (id !== undefined)
    for await (const image of listImages(scene.client, { name, resource })) live.set(image.digest, image);
  const missing: WantedImage[] = [];
  const tagged: { image: WantedImage; tags: string[] }[] = [];
  const extraTags: { digest: string; tag: string }[] = [];
  const known = new Set<string>();
  if (captured.collections.includes(manifestsCollection)) {
    for await (const entry of captured.entries(manifestsCollection, only ? { prefix: only.prefix } : {})) {
      const { tags = [], mediaType = '' } = entry.attributes as {
        readonly tags?: string[];
        readonly mediaType?: string;
      };
      const image = { digest: displayBytes(entry.key), tags, mediaType, entry };
      known.add(image.digest);
      const there = live.get(image.digest);
      if (there === undefined) {
        missing.push(image);
        continue;
      }
      const gone = tags.filter((tag) => !there.tags.includes(tag));
      if (gone.length > 0) tagged.push({ image, tags: gone });
      extraTags.push(...there.tags.filter((tag) => !tags.includes(tag)).map((tag) => ({ digest: image.digest, tag })));
    }
  }
  const extra = only === undefined ? [...live.keys()].filter((digest) => !known.has(digest)) : [];
  return { missing, tagged, extraTags, extra };
}

export async function manifestOf({ captured }: RepositoryTarget, { entry }: WantedImage): Promise<string> {
  return asBuffer(await captured.bytes(entry)).toString('utf8');
}
