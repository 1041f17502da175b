import { createHash } from 'node:crypto';
import { HoldfastError } from '../kernel/errors.ts';

/** First segment that no key may have: directory stores keep unfinished files there. */
export const reservedSegment = 'tmp';

const longestKey = 512;
const longestSegment = 200;
const legal = /^[a-z0-9._-]+(\/[a-z0-9._-]+)*$/;

/** Throws internal.bug for a key that the contract does not allow: keys are made by our own code, never by a person. */
export function checkKey(key: string): void {
  const problem = problemOf(key);
  if (problem !== undefined) {
    throw new HoldfastError('internal.bug', `illegal object key ${JSON.stringify(key)}: ${problem}`, { resource: key });
  }
}

/** Throws internal.bug for a list prefix that no legal key can start with. */
export function checkPrefix(prefix: string): void {
  if (prefix === '') return;
  const problem = problemOf(prefix.endsWith('/') ? `${prefix}x` : prefix, true);
  if (problem !== undefined) {
    throw new HoldfastError('internal.bug', `illegal prefix ${JSON.stringify(prefix)}: ${problem}`);
  }
}

/** A short name for a key that is safe as a file name. */
export function keyDigest(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}

/** True for keys that `checkKey` lets pass: what else lies in a store is not ours. */
export function isLegalKey(key: string): boolean {
  return problemOf(key) === undefined;
}

function problemOf(key: string, isPrefix = false): string | undefined {
  if (key.length > longestKey) return `longer than ${longestKey} characters`;
  if (!legal.test(key)) return 'only a-z, 0-9, ".", "_", "-" and single "/" between segments';
  const segments = key.split('/');
  // The last segment of a prefix may be the beginning of a longer one: "." of ".well-known".
  const whole = isPrefix ? segments.slice(0, -1) : segments;
  if (whole.some((segment) => segment === '.' || segment === '..')) return '"." and ".." are not allowed';
  if (segments.some((segment) => segment.length > longestSegment)) {
    return `a segment is longer than ${longestSegment} characters`;
  }
  if (whole[0] === reservedSegment) return `"${reservedSegment}/" is reserved for unfinished files`;
  return undefined;
}
