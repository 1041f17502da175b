import { HoldfastError } from '../kernel/errors.ts';
import type { ThawTier } from './contract.ts';

/** Classes whose objects must be thawed before they can be read. */
const archiveClasses: readonly string[] = ['GLACIER', 'DEEP_ARCHIVE'];

/**
 * Classes whose objects may have to be thawed: besides the archives Intelligent-Tiering, where a bucket's owner switched
 * its archive tiers on. Which of these objects are frozen only `thawState` says.
 */
export function mayBeFrozen(storageClass: string | undefined): boolean {
  return isArchive(storageClass) || storageClass === 'INTELLIGENT_TIERING';
}

export function isArchive(storageClass: string | undefined): boolean {
  return storageClass !== undefined && archiveClasses.includes(storageClass);
}

/** A class as objects carry it: listings name STANDARD, single answers leave it out; here it is always left out. */
export function classOf(named: string | undefined): { readonly storageClass?: string } {
  return named === undefined || named === 'STANDARD' ? {} : { storageClass: named };
}

/**
 * Hours until an object is readable, at most, as Amazon publishes them
 * (docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html). Undefined: the class has no
 * such tier. Expedited holds for objects below 250 MB; packs are far smaller.
 */
export function thawHours(storageClass: string, tier: ThawTier): number | undefined {
  // Of Intelligent-Tiering either archive tier; which one is not told beforehand.
  if (storageClass === 'DEEP_ARCHIVE' || storageClass === 'INTELLIGENT_TIERING')
    return { bulk: 48, standard: 12, expedited: undefined }[tier];
  return { bulk: 12, standard: 5, expedited: 5 / 60 }[tier];
}

export function frozen(key: string, storageClass = 'an archive class', cause?: unknown): HoldfastError {
  return new HoldfastError(
    'storage.frozen',
    `${key} is archived (${storageClass}) and must be thawed before it is read`,
    {
      resource: key,
      cause,
    },
  );
}

export function noSuchTier(key: string, storageClass: string, tier: ThawTier): HoldfastError {
  return new HoldfastError('storage.unsupported', `${key}: ${storageClass} has no ${tier} retrieval`, {
    resource: key,
    hint: 'Choose --thaw-tier standard or bulk.',
  });
}
