import { utf8 } from '../../kernel/bytes.ts';
import { asHoldfastError, type HoldfastError } from '../../kernel/errors.ts';
import { walkTree, type LoadChunk } from '../tree/walk.ts';
import type { Roots } from './record.ts';

/** What could not be captured: an entry, or all that lies under a name. Undefined: the resource, or a part without a name. */
export type FailedItem = { readonly collection: string; readonly key: string | Uint8Array } | undefined;

interface Before {
  readonly load: LoadChunk;
  readonly roots: Roots;
  /** Told what of the snapshot before cannot be read; then nothing is known to be gone either. */
  lost(error: HoldfastError): void;
}

/**
 * Whether one of the failures hides more than the entry it names: a listing, a folder or a table that could not be read. Then what
 * is missing is not known to be gone. Told by what the snapshot before had under that name.
 */
export async function hideOthers(failed: readonly FailedItem[], { load, roots, lost }: Before): Promise<boolean> {
  try {
    for (const item of failed) {
      if (item === undefined || item.key.length === 0) return true;
      const root = roots.get(item.collection);
      for await (const page of walkTree(load, root, { prefix: below(item.key) })) if (page.length > 0) return true;
    }
    return false;
  } catch (error) {
    lost(asHoldfastError(error));
    return true;
  }
}

const slash = 0x2f;

function below(key: string | Uint8Array): Uint8Array {
  const bytes = Buffer.from(typeof key === 'string' ? utf8(key) : key);
  return bytes.at(-1) === slash ? bytes : Buffer.concat([bytes, Buffer.of(slash)]);
}
