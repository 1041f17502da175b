import type { KeyPath } from './mistakes.ts';

/** A source as written, in one shape: its keys, and where they stand in the file. */
export interface NotedSource {
  readonly keys: Readonly<Record<string, unknown>>;
  /** Where the keys stand: `sources[0]`, or `sources[0].s3-buckets`. */
  readonly at: KeyPath;
  /** Where the type stands. */
  readonly typeAt: KeyPath;
  readonly typePart: 'key' | 'value';
}

/**
 * Brings the three notations into one:
 * `lambda-functions`, `{ s3-buckets: { include: […] } }`, `{ type: local, name: tools, path: ./tools }`.
 * Returns a message where it is none of them.
 */
export function readNotation(written: unknown, index: number): NotedSource | string {
  const at: KeyPath = ['sources', index];
  if (typeof written === 'string') return { keys: { type: written }, at, typeAt: at, typePart: 'value' };
  if (typeof written !== 'object' || written === null || Array.isArray(written))
    return 'expected a type (lambda-functions), or a map (s3-buckets: { … }; type: local)';
  const keys = written as Readonly<Record<string, unknown>>;
  if ('type' in keys) return { keys, at, typeAt: [...at, 'type'], typePart: 'value' };
  const [type, ...others] = Object.keys(keys);
  if (type === undefined || others.length > 0)
    return 'a source has a key type, or is one type with its options under it (s3-buckets: { … })';
  const inner = keys[type] ?? {};
  if (typeof inner !== 'object' || Array.isArray(inner)) return `expected a map of options under ${type}`;
  if ('type' in inner) return `${type} says its type already: remove the key type under it`;
  return { keys: { ...inner, type }, at: [...at, type], typeAt: [...at, type], typePart: 'key' };
}
