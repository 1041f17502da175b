import { HoldfastError } from '../kernel/errors.ts';
import type { ByteRange } from './contract.ts';

/** Throws storage.truncated unless the range lies within an object of `size` bytes; internal.bug when it is no range. */
export function checkRange(key: string, range: ByteRange, size: number): void {
  const { offset, length } = range;
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0) {
    throw new HoldfastError('internal.bug', `illegal range ${offset}+${length} of ${key}`, { resource: key });
  }
  if (offset + length > size) {
    throw truncated(key, `bytes ${offset} to ${offset + length} were asked for, the object has ${size}`);
  }
}

export function sliceRange(key: string, content: Uint8Array, range: ByteRange): Uint8Array {
  checkRange(key, range, content.length);
  return content.subarray(range.offset, range.offset + range.length);
}

export function truncated(key: string, why: string, cause?: unknown): HoldfastError {
  return new HoldfastError('storage.truncated', `${key} is shorter than expected: ${why}`, { resource: key, cause });
}
