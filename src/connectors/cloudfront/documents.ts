import type { Json } from '../../kernel/json.ts';

/** A JSON object as it is captured. */
export type Document = Readonly<Record<string, Json | undefined>>;

/** Facts of the moment, which change without anybody changing the configuration. */
const momentary = new Set([
  '$metadata',
  'ETag',
  'InProgressInvalidationBatches',
  'LastModifiedTime',
  'State',
  'Status',
]);

/**
 * What the SDK returned, as JSON: dates in ISO form, what is undefined left out. Empty strings and empty sets stay, because
 * UpdateDistribution wants the full configuration back. Lists of words (aliases, methods, headers, countries) are sets to
 * CloudFront and come in any order; here they come in one.
 */
function plain(value: unknown): Json {
  if (value === undefined || value === null) return null;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) {
    const list = value.map(plain);
    return list.every((item) => typeof item === 'string') ? list.sort(compareText) : list;
  }
  if (typeof value !== 'object') return value as string | number | boolean;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => inner !== undefined && !momentary.has(key))
      .map(([key, inner]) => [key, plain(inner)]),
  );
}

export function plainObject(value: unknown): Document {
  return plain(value ?? {}) as Document;
}

/** A field as text; '' where it is none. */
export function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

export interface SplitConfiguration {
  readonly config: Document;
  /** Origin id → header name → value. */
  readonly headers: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * Takes the values of custom origin headers out of a distribution's configuration: they are shared secrets by which an
 * origin knows that a request came through CloudFront.
 */
export function splitHeaders(configuration: Document): SplitConfiguration {
  const headers: Record<string, Record<string, string>> = {};
  const origins = listIn(configuration['Origins']).map((origin) => {
    const custom = listIn(origin['CustomHeaders']);
    if (custom.length === 0) return origin;
    headers[text(origin['Id'])] = Object.fromEntries(
      custom.map((header) => [text(header['HeaderName']), text(header['HeaderValue'])]),
    );
    const names = custom.map(({ HeaderName }) => ({ HeaderName }));
    return { ...origin, CustomHeaders: { ...(origin['CustomHeaders'] as Document), Items: names } };
  });
  if (Object.keys(headers).length === 0) return { config: configuration, headers };
  return {
    config: { ...configuration, Origins: { ...(configuration['Origins'] as Document), Items: origins } },
    headers,
  };
}

/** The items of a `{ Quantity, Items }` list. */
function listIn(value: Json | undefined): Document[] {
  return ((value as { readonly Items?: readonly Document[] } | undefined)?.Items ?? []).map((item) => item);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The configuration with the values of its origin headers where they belong. */
export function joinHeaders(
  config: Document,
  headers: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Document {
  if (Object.keys(headers).length === 0) return config;
  const origins = listIn(config['Origins']).map((origin) => {
    const values = headers[text(origin['Id'])];
    if (!values) return origin;
    const items = listIn(origin['CustomHeaders']).map(({ HeaderName }) => ({
      HeaderName,
      HeaderValue: values[text(HeaderName)] ?? '',
    }));
    return { ...origin, CustomHeaders: { ...(origin['CustomHeaders'] as Document), Items: items } };
  });
  return { ...config, Origins: { ...(config['Origins'] as Document), Items: origins } };
}

/** Alternate domain names. */
export function aliasesOf(config: Document): readonly string[] {
  return (config['Aliases'] as { readonly Items?: readonly string[] } | undefined)?.Items ?? [];
}
