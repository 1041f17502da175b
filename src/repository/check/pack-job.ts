import { createSecretKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { asHoldfastError, HoldfastError } from '../../kernel/errors.ts';
import type { IdKeys } from '../chunks/id.ts';
import type { PackToCheck, StoredItem } from '../engine/messages.ts';
import { checkPackBytes } from './pack-check.ts';

/** Checks one pack in the thread it was sent to. `size`: bytes read. Of damage it tells; an error means it could not be read. */
export function checkPack(
  ids: IdKeys,
  repository: Uint8Array,
  job: PackToCheck,
  produced: (bytes: number) => void,
): StoredItem {
  try {
    const bytes = job.bytes ?? readPack(job);
    const verdict = checkPackBytes({ ids, repository, key: createSecretKey(job.key) }, job.pack, job.kind, bytes);
    produced(bytes.length * 3);
    return { size: bytes.length, verdict };
  } catch (error) {
    const { code, message, hint } = asHoldfastError(error);
    return { size: 0, error: { code, message, hint } };
  }
}

function readPack({ pack, packPath = '' }: PackToCheck): Uint8Array {
  try {
    return readFileSync(packPath);
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code ?? String(error);
    const code =
      errno === 'ENOENT'
        ? 'storage.not-found'
        : errno === 'EACCES' || errno === 'EPERM'
          ? 'storage.denied'
          : 'storage.unavailable';
    throw new HoldfastError(code, `${pack} could not be read (${errno})`, { resource: pack, cause: error });
  }
}
