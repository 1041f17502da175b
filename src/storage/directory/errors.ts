import type { ErrorCode } from '../../kernel/codes.ts';
import { HoldfastError } from '../../kernel/errors.ts';

const codeOfErrno: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'storage.not-found',
  ENOSPC: 'storage.full',
  EDQUOT: 'storage.full',
  // The file would be larger than the process or the file system allows.
  EFBIG: 'storage.full',
  EACCES: 'storage.denied',
  EPERM: 'storage.denied',
  EROFS: 'storage.denied',
  // A directory store cannot hold `a` and `a/b` at the same time.
  ENOTDIR: 'storage.unsupported',
  EISDIR: 'storage.unsupported',
  ENOTEMPTY: 'storage.unsupported',
  ENAMETOOLONG: 'storage.unsupported',
};

/** The errno name of what node:fs threw: `ENOENT`. */
export function errnoOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

/**
 * What node:fs threw, as ours. What is not about space, permissions or names (EIO, EMFILE, ESTALE, ETIMEDOUT) is
 * storage.unavailable: network file systems recover from most of it. `doing` goes before the key: `write`.
 */
export function fromErrno(error: unknown, doing: string, key: string): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const errno = errnoOf(error);
  const code = codeOfErrno[errno] ?? (errno === '' ? 'internal.bug' : 'storage.unavailable');
  const said = error instanceof Error ? error.message : String(error);
  return new HoldfastError(code, `cannot ${doing} ${key}: ${said}`, { resource: key, cause: error });
}
