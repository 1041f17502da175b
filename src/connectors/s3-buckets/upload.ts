import type { ByteBudget } from '../../kernel/concurrency.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Bucket } from './bucket.ts';
import { etagIsMd5 } from './object-details.ts';
import type { HeaderSettings } from './put-input.ts';

/** What every upload of one restore shares. */
export interface PutSettings extends HeaderSettings {
  readonly bucket: Bucket;
  readonly captured: CapturedResource;
  /** Bytes of content in memory over all uploads at once. */
  readonly memory: ByteBudget;
}

/** Throws item.damaged when S3 says that it stored other bytes than were sent. */
export function checkEtag(
  bucket: Bucket,
  key: string,
  answered: string | undefined,
  encryption: { readonly kind: string } | undefined,
  expected: string,
): void {
  const etag = (answered ?? '').replaceAll('"', '');
  const plain = encryption === undefined || encryption.kind === 'AES256';
  const derived = etag.includes('-') ? plain && expected.includes('-') : etagIsMd5(etag, encryption);
  if (!derived || etag === expected) return;
  throw new HoldfastError('item.damaged', `${bucket.label}/${key} was stored with other bytes than were sent`, {
    resource: `${bucket.label}/${key}`,
    hint: 'Run the same restore again; it writes the object anew.',
  });
}
