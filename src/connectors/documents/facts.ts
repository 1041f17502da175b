import type { Json } from '../../kernel/json.ts';

/**
 * An answer of an API, or a part of one, as a document: without metadata, without what is not set, and without the fields
 * named. Dates that remain become text.
 */
export function facts(answer: object | undefined, ...without: readonly string[]): Record<string, Json> {
  const { $metadata: _, ...rest } = (answer ?? {}) as Record<string, unknown>;
  const kept = Object.entries(rest).filter(([name]) => !without.includes(name));
  return JSON.parse(JSON.stringify(Object.fromEntries(kept))) as Record<string, Json>;
}

/** The same, of these fields only. */
export function pick(answer: object | undefined, ...names: readonly string[]): Record<string, Json> {
  const kept = Object.entries(answer ?? {}).filter(([name]) => names.includes(name));
  return JSON.parse(JSON.stringify(Object.fromEntries(kept))) as Record<string, Json>;
}

/** Undefined for a document that says nothing. */
export function unlessEmpty(document: Record<string, Json>): Record<string, Json> | undefined {
  return Object.keys(document).length === 0 ? undefined : document;
}
