import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError, isItemError } from '../../kernel/errors.ts';
import { fromAws, isAwsError, required } from '../aws/classify.ts';
import type { ActionOutcome, PlannedAction, RestoreContext } from '../contract.ts';
import { apply as applyDocuments } from '../documents/apply.ts';
import { targetOf } from '../documents/target.ts';
import {
  imageDifference,
  manifestOf,
  type ImageDifference,
  type RepositoryTarget,
  type WantedImage,
} from './image-difference.ts';
import { contentsOf } from './images.ts';
import { pushLayers } from './layer-upload.ts';
import { ecr, type Options } from './service.ts';

/** Performs one action; images are compared anew, so that it may be repeated. */
export async function apply(
  context: RestoreContext<Options>,
  action: PlannedAction,
  captured: CapturedResource,
): Promise<ActionOutcome> {
  const { operation } = action;
  if (operation === 'create' || operation === 'write') return await applyDocuments(ecr, context, action, captured);
  const target = await targetOf(ecr, context, captured);
  const difference = await imageDifference(target);
  const outcome = await perform(target, operation, difference);
  // Never trust a 200.
  const left = todo(operation, await imageDifference(target)).length - (outcome.failures?.length ?? 0);
  if (left <= 0) return outcome;
  const { resource } = target;
  throw new HoldfastError('item.changed', `${left} images of ${resource} were written but read back otherwise`, {
    resource,
  });
}

function todo(operation: string, { missing, tagged, extraTags, extra }: ImageDifference): readonly unknown[] {
  return { 'push-images': missing, 'tag-images': tagged, 'untag-images': extraTags }[operation] ?? extra;
}

async function perform(
  target: RepositoryTarget,
  operation: string,
  difference: ImageDifference,
): Promise<ActionOutcome> {
  switch (operation) {
    case 'push-images':
      return await each(
        await childrenFirst(target, difference.missing),
        async (image) => await push(target, image, image.tags),
      );
    case 'tag-images':
      return await each(
        difference.tagged,
        async ({ image, tags }) => await put(target, image, await manifestOf(target, image), tags),
      );
    case 'untag-images':
      return await each(difference.extraTags, async ({ digest, tag }) => await untag(target, digest, tag));
    case 'delete-images':
      return await each(difference.extra, async (imageDigest) => await remove(target, { imageDigest }));
    default:
      throw new HoldfastError('plan.invalid', `${operation} is nothing that can be done to ${target.resource}`);
  }
}

/** One after the other; what fails costs itself. */
async function each<Item>(items: readonly Item[], perform: (item: Item) => Promise<void>): Promise<ActionOutcome> {
  const failures: HoldfastError[] = [];
  for (const item of items) {
    try {
      await perform(item);
    } catch (error) {
      if (!isItemError(error)) throw error;
      failures.push(error);
    }
  }
  const result = items.length === 0 ? 'unchanged' : 'done';
  return { result, class: 'exact', items: items.length - failures.length, failures };
}

/** An index can be put only when the images that it names are there. */
async function childrenFirst(target: RepositoryTarget, images: readonly WantedImage[]): Promise<WantedImage[]> {
  const waiting = new Map(images.map((image) => [image.digest, image]));
  const children = new Map<string, readonly string[]>();
  for (const image of images) children.set(image.digest, contentsOf(await manifestOf(target, image)).images);
  const ordered: WantedImage[] = [];
  while (waiting.size > 0) {
    const ready = [...waiting.values()].filter(
      ({ digest }) => !(children.get(digest) ?? []).some((child) => waiting.has(child)),
    );
    // Digests make circles impossible; whatever is left is pushed all the same.
    const next = ready.length > 0 ? ready : [...waiting.values()];
    for (const image of next) waiting.delete(image.digest);
    ordered.push(...next);
  }
  return ordered;
}

async function push(target: RepositoryTarget, image: WantedImage, tags: readonly string[]): Promise<void> {
  const manifest = await manifestOf(target, image);
  await pushLayers(target, contentsOf(manifest).layers);
  await put(target, image, manifest, tags);
}

/** The manifest under its tags, or under none; ECR refuses one whose digest is another. */
async function put(
  target: RepositoryTarget,
  image: WantedImage,
  imageManifest: string,
  tags: readonly string[],
): Promise<void> {
  const { scene, name: repositoryName, resource } = target;
  const manifest = {
    repositoryName,
    imageManifest,
    imageManifestMediaType: image.mediaType,
    imageDigest: image.digest,
  };
  for (const tag of tags.length > 0 ? tags : [undefined]) {
    try {
      await scene.client.putImage({ ...manifest, ...(tag === undefined ? {} : { imageTag: tag }) });
    } catch (error) {
      if (!isAwsError(error, 'ImageAlreadyExistsException')) throw fromAws(error, 'PutImage', resource);
    }
  }
}

/** The last tag takes its image along: it is put back without one. */
async function untag(target: RepositoryTarget, digest: string, tag: string): Promise<void> {
  await remove(target, { imageTag: tag });
  const { missing } = await imageDifference(target);
  const image = missing.find((one) => one.digest === digest);
  if (image) await push(target, image, image.tags);
}

async function remove(
  { scene, name: repositoryName, resource }: RepositoryTarget,
  imageId: { readonly imageDigest?: string; readonly imageTag?: string },
): Promise<void> {
  const deleting = scene.client.batchDeleteImage({ repositoryName, imageIds: [imageId] });
  const [failure] = (await required(deleting, 'BatchDeleteImage', resource)).failures ?? [];
  if (failure && failure.failureCode !== 'ImageNotFound')
    throw new HoldfastError('item.conflict', `an image of ${resource} could not be deleted: ${failure.failureReason}`, {
      resource,
    });
}
