/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** JSON with sorted keys, two spaces and a final newline: equal documents are equal bytes. */
export function canonicalJson(value: Json): string {
  return `${JSON.stringify(sortKeys(value), null, 2)}\n`;
}

/** The same without white space, for rows and fingerprints. */
export function compactJson(value: Json): string {
  return JSON.stringify(sortKeys(value));
}

function sortKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== 'object') return value;
  const record = value as Readonly<Record<string, Json | undefined>>;
  // Without a prototype: a key `__proto__` of somebody's item must stay a key.
  const sorted = Object.create(null) as Record<string, Json>;
  for (const key of Object.keys(record).sort()) {
    const inner = record[key];
    if (inner !== undefined) sorted[key] = sortKeys(inner);
  }
  return sorted;
}
