import { equalBytes } from '../../kernel/bytes.ts';
import type { ErrorCode } from '../../kernel/codes.ts';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import type { ObjectStore, StoredObject } from '../contract.ts';

/** The violation of the contract, as a case throws it. */
function violation(what: string, cause?: unknown): HoldfastError {
  return new HoldfastError('storage.unsupported', `the store breaks its contract: ${what}`, {
    hint: 'Use a store that gives these guarantees: a directory, Amazon S3, or a compatible store with conditional writes.',
    cause,
  });
}

export function expectThat(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw violation(otherwise);
}

/** Awaits work that must fail with one of the codes. */
export async function expectCode(work: Promise<unknown>, what: string, ...codes: readonly ErrorCode[]): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (isCode(error, ...codes)) return;
    const said = error instanceof HoldfastError ? `${error.code} (${error.message})` : String(error);
    throw violation(`${what} failed with ${said} instead of ${codes.join(' or ')}`, error);
  }
  throw violation(`${what} succeeded instead of failing with ${codes.join(' or ')}`);
}

export async function expectContent(store: ObjectStore, key: string, expected: Uint8Array): Promise<void> {
  const content = await store.get(key);
  expectThat(
    equalBytes(content, expected),
    `${key} was read with ${content.length} bytes that are not the ${expected.length} stored`,
  );
}

export async function listed(store: ObjectStore, prefix: string): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  for await (const object of store.list(prefix)) objects.push(object);
  return objects;
}

/** The same bytes for the same seed; no two seeds alike in any 16 bytes. */
export function patternBytes(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = (seed + 1) * 0x9e3779b1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}
