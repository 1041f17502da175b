import type { Json } from '../../kernel/json.ts';

/** A JSON object, to be read by its fields. */
export interface Facts {
  readonly [name: string]: Json | undefined;
}

/**
 * What an answer of the SDK says, as JSON: without dates (which change by themselves), what is not set or empty, and the
 * fields named, and the tags of AWS itself, which nobody can set. Templates that are empty stay: they say "pass it on".
 */
export function factsOf(answer: object | undefined, ...without: readonly string[]): Facts {
  const left = new Set(['$metadata', ...without]);
  const entries = Object.entries(answer ?? {}).filter(([name]) => !left.has(name));
  return (said(Object.fromEntries(entries)) ?? {}) as Facts;
}

function said(value: unknown, isTemplate = false): Json | undefined {
  if (value === undefined || value instanceof Date) return undefined;
  if (value === null) return isTemplate ? '' : undefined;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) {
    const items = value.map((item) => said(item)).filter((item) => item !== undefined);
    return items.length === 0 ? undefined : items;
  }
  if (typeof value !== 'object') return value as Json;
  const kept = Object.entries(value).flatMap(([name, inner]) => {
    const fact = name.endsWith('Templates') ? templates(inner) : said(/tags$/i.test(name) ? ours(inner) : inner);
    // Taking a description away leaves an empty one.
    const isNothing = fact === undefined || (fact === '' && /^description$/i.test(name));
    return isNothing ? [] : [[name, fact] as const];
  });
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function ours(tags: unknown): unknown {
  if (typeof tags !== 'object' || tags === null || Array.isArray(tags)) return tags;
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !key.startsWith('aws:')));
}

function templates(value: unknown): Json | undefined {
  const kept = Object.entries(value ?? {}).map(([type, text]) => [type, said(text, true) ?? ''] as const);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/** A document without some of its fields. */
export function without(document: Json, ...names: readonly string[]): Json {
  return Object.fromEntries(Object.entries(document as Facts).filter(([name]) => !names.includes(name))) as Json;
}
