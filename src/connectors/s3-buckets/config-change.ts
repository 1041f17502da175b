import type { CapturedResource } from '../../kernel/entry.ts';
import { compactJson, type Json } from '../../kernel/json.ts';
import type { RestoreContext } from '../contract.ts';
import { rewritten } from '../rewrite.ts';
import { bucketArn } from './bucket.ts';
import { comparable } from './comparable.ts';
import { configKey, type ConfigRow } from './config-rows.ts';
import { asText, type JsonRecord } from './json-record.ts';

/** The captured document as the target should have it: new names and identities put in; undefined: not set. */
export async function wantedConfig(
  context: RestoreContext,
  captured: CapturedResource,
  row: ConfigRow,
): Promise<Json | undefined> {
  const document = await captured.json('', configKey(row.name));
  if (document === undefined) return undefined;
  const { name, region } = captured.ref;
  const [from, to] = [bucketArn(name, region), bucketArn(context.rename(name), region)];
  return mapStrings(document, (text) => {
    if (text === from || text.startsWith(`${from}/`)) return `${to}${text.slice(from.length)}`;
    return rewritten(context, text);
  });
}

/** What would be put so that the live configuration is as captured; undefined: nothing. */
export function neededChange(
  row: ConfigRow,
  wanted: Json | undefined,
  live: Json | undefined,
  mode: RestoreContext['mode'],
): { readonly change: 'put' | 'clear' } | undefined {
  if (wanted === undefined) {
    if (mode !== 'exact' || !row.clear || live === undefined) return undefined;
    return compared(row, live) === staysAfterClear[row.name] ? undefined : { change: 'clear' };
  }
  if (row.put === undefined || (mode === 'create-missing' && live !== undefined)) return undefined;
  return isAsWanted(row, wanted, live, mode) ? undefined : { change: 'put' };
}

export function isAsWanted(
  row: ConfigRow,
  wanted: Json,
  live: Json | undefined,
  mode: RestoreContext['mode'],
): boolean {
  return compared(row, merged(row, wanted, live, mode)) === compared(row, live);
}

/** What a bucket has that nobody configured. */
export function isDefault(row: ConfigRow, wanted: Json): boolean {
  const text = compared(row, wanted);
  return text === '' || text === defaults[row.name];
}

/** What is left when it is removed: AWS encrypts every bucket, and keeps its own tags. */
const staysAfterClear: Readonly<Record<string, string>> = {
  tagging: compactJson({ TagSet: [] }),
  encryption: compactJson({
    Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false }],
  }),
};

const defaults: Readonly<Record<string, string>> = {
  acl: compactJson({ Grants: [{ Grantee: { Type: 'Owner' }, Permission: 'FULL_CONTROL' }] }),
  'request-payment': compactJson({ Payer: 'BucketOwner' }),
};

/** Comparable text of a document; '' where there is none. A switch that was never touched and one switched off are the same. */
function compared(row: ConfigRow, document: Json | undefined): string {
  const value =
    document === undefined ? null : comparable({ collection: '', key: configKey(row.name), part: 'content' }, document);
  const status = (value as JsonRecord | null)?.['Status'];
  const off =
    (row.name === 'versioning' || row.name === 'accelerate') && (status === undefined || status === 'Suspended');
  return off || value === null ? '' : compactJson(value);
}

/** Configurations that come in lists keep, unless the mode is exact, what is live under other ids. */
function merged(row: ConfigRow, wanted: Json, live: Json | undefined, mode: RestoreContext['mode']): Json {
  if (!row.paged || mode === 'exact') return wanted;
  const ids = new Set((wanted as readonly JsonRecord[]).map((one) => one['Id']));
  const others = ((live ?? []) as readonly JsonRecord[]).filter((one) => !ids.has(one['Id']));
  const all = [...(wanted as readonly JsonRecord[]), ...others];
  return all.sort((a, b) => (asText(a['Id']) < asText(b['Id']) ? -1 : 1));
}

function mapStrings(value: Json, map: (text: string) => string): Json {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return value.map((inner: Json) => mapStrings(inner, map));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value as JsonRecord).map(([name, inner]) => [name, mapStrings(inner ?? null, map)]),
  );
}
