import { HoldfastError } from '../../kernel/errors.ts';
import { asBuffer } from '../../kernel/bytes.ts';

// Documents of ours have four levels; what goes through all of a document must not run out of stack.
const deepest = 32;

/** A map out of a document that anybody may have written. Throws repository.corrupt, naming `what`, for anything else. */
export function decodeJsonMap(bytes: Uint8Array, what: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(asBuffer(bytes).toString('utf8'));
  } catch (error) {
    throw new HoldfastError('repository.corrupt', `${what} is no JSON`, { resource: what, cause: error });
  }
  if (!isMap(value) || isDeeper(value, deepest))
    throw new HoldfastError('repository.corrupt', `${what} is no document of this format`, { resource: what });
  return value;
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
