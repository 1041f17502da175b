import type { ErrorCode } from '../../kernel/codes.ts';
import { asHoldfastError, HoldfastError, isCode, isItemError } from '../../kernel/errors.ts';
import { showText, type ByteText } from './byte-text.ts';

interface Meaning {
  readonly code: ErrorCode;
  readonly why: string;
  readonly hint?: string;
}

const meanings: Readonly<Record<string, Meaning>> = {
  EACCES: { code: 'item.denied', why: 'permission denied', hint: 'Run Holdfast as a user who may do this.' },
  EPERM: { code: 'item.denied', why: 'not permitted', hint: 'Run Holdfast as a user who may do this.' },
  EROFS: { code: 'item.denied', why: 'the file system is read-only', hint: 'Mount the file system writable.' },
  ENOENT: { code: 'item.not-found', why: 'it is not there any more' },
  ESTALE: { code: 'item.not-found', why: 'it is not there any more' },
  ENOTDIR: { code: 'item.conflict', why: 'a part of its path is not a folder' },
  EEXIST: { code: 'item.conflict', why: 'something else is in its place' },
  EISDIR: { code: 'item.conflict', why: 'a folder is in its place' },
  ENOTEMPTY: { code: 'item.conflict', why: 'a folder that is not empty is in its place' },
  EBUSY: { code: 'item.conflict', why: 'it is in use' },
  ENAMETOOLONG: { code: 'item.unreadable', why: 'its path is longer than the system allows' },
  EIO: { code: 'item.unreadable', why: 'the disk reported an error' },
  EMFILE: { code: 'item.unavailable', why: 'too many files are open', hint: 'Raise the limit of open files.' },
  ENFILE: { code: 'item.unavailable', why: 'too many files are open', hint: 'Raise the limit of open files.' },
};

/** What the system said about one path, as an item error; a full disk is machine.disk-full; unknown things stay what they are. */
export function fileError(error: unknown, attempt: string, path: ByteText): HoldfastError {
  if (error instanceof HoldfastError) return error;
  if (error instanceof Error && error.name === 'AbortError') {
    return new HoldfastError('run.interrupted', `interrupted before it could ${attempt} ${showText(path)}`, {
      cause: error,
    });
  }
  const errno = (error as NodeJS.ErrnoException | undefined)?.code;
  const shown = showText(path);
  if (errno === 'ENOSPC' || errno === 'EDQUOT') {
    return new HoldfastError('machine.disk-full', `cannot ${attempt} ${shown}: no space left on its disk`, {
      resource: shown,
      cause: error,
    });
  }
  if (errno === undefined) return asHoldfastError(error);
  const meaning = meanings[errno] ?? { code: 'item.unreadable' as const, why: `the system said ${errno}` };
  return new HoldfastError(meaning.code, `cannot ${attempt} ${shown}: ${meaning.why}`, {
    resource: shown,
    cause: error,
    ...(meaning.hint === undefined ? {} : { hint: meaning.hint }),
  });
}

/** True for errors that cost one entry of a restore; the others (full disk, store away, interrupted) end it. */
export function costsOneEntry(error: unknown): error is HoldfastError {
  return isItemError(error) || isCode(error, 'restore.path-escapes', 'repository.corrupt');
}
