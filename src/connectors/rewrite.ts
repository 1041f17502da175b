import type { Json } from '../kernel/json.ts';

/** Where identities of a restore went. */
export interface IdentityLookup {
  /** Old identity → new: ARNs, ids, host names; undefined for what is not known. */
  get(old: string): string | undefined;
  /** An ARN nobody knows: another account or region where it goes with the rest; the same where it stays. */
  move(arn: string): string;
  /** A region in the host name of an AWS endpoint: another one where everything goes there. */
  region(name: string): string;
}

// A resource's part may hold wildcards and ${variables} of policies; what ends a string in a document ends it.
const arnPattern = /arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:[^\s"'<>|;,\\)]+/g;
// What API Gateway calls: a service where other ARNs have an account. Of a function it names the function's own region.
const calledPattern = /(arn:aws[a-z-]*:apigateway:)([a-z0-9-]+)(?=:[a-z])/g;
const functionPattern =
  /(arn:aws[a-z-]*:apigateway:)[a-z0-9-]+(:lambda:path\/[^:]*arn:aws[a-z-]*:lambda:)([a-z0-9-]+)/g;
// Host names, UUIDs, ids: what a provider generates. Single letters and words are found and not known.
const wordPattern = /[A-Za-z0-9][A-Za-z0-9._-]{4,}[A-Za-z0-9]/g;

/**
 * A document with every identity in it replaced, wherever it stands: whole values, ARNs with something behind them
 * (`…:key/1234/*`, `…:function:api:live`), ids within URLs, and documents within strings (policies, definitions). Keys of
 * objects stay, but for ARNs. Returns the same value where nothing changes.
 */
export function rewriteJson(value: Json, identities: IdentityLookup): Json {
  if (typeof value === 'string') return rewriteText(value, identities);
  if (Array.isArray(value)) return value.map((inner: Json) => rewriteJson(inner, identities));
  if (value === null || typeof value !== 'object') return value;
  const rewritten: Record<string, Json | undefined> = {};
  for (const [key, inner] of Object.entries(value as { readonly [key: string]: Json | undefined }))
    rewritten[key.startsWith('arn:') ? rewriteText(key, identities) : key] =
      inner === undefined ? undefined : rewriteJson(inner, identities);
  return rewritten;
}

/** A single text through a restore's rewriting. */
export function rewritten(context: { rewrite(document: Json): Json }, text: string): string {
  return context.rewrite(text) as string;
}

function rewriteText(text: string, identities: IdentityLookup): string {
  const whole = identities.get(text);
  if (whole !== undefined) return whole;
  if (isDocument(text)) return rewriteLiterals(text, identities);
  let last = 0;
  let result = '';
  for (const match of text.matchAll(arnPattern)) {
    result += rewriteWords(text.slice(last, match.index), identities) + rewriteArn(match[0], identities);
    last = match.index + match[0].length;
  }
  result += rewriteWords(text.slice(last), identities);
  if (!result.includes(':apigateway:')) return result;
  return result
    .replace(calledPattern, (_, before: string, region: string) => before + identities.region(region))
    .replace(functionPattern, '$1$3$2$3');
}

/** A document that was put into a string. */
function isDocument(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

// A string of JSON (RFC 8259 §7), and the colon that makes it a key.
const literalPattern = /("(?:[^"\\]|\\.)*")(\s*:)?/g;

/** Only the strings are touched: numbers keep every digit, spaces and the order of keys stay as they were written. */
function rewriteLiterals(text: string, identities: IdentityLookup): string {
  return text.replaceAll(literalPattern, (whole: string, literal: string, colon: string | undefined) => {
    const value = JSON.parse(literal) as string;
    if (colon !== undefined && !value.startsWith('arn:')) return whole;
    const rewritten = rewriteText(value, identities);
    return rewritten === value ? whole : JSON.stringify(rewritten) + (colon ?? '');
  });
}

/** The longest known ARN that this one begins with, and what stands behind it. */
function rewriteArn(arn: string, identities: IdentityLookup): string {
  for (let end = arn.length; end > 0; end = lastBoundary(arn, end)) {
    const known = identities.get(arn.slice(0, end));
    if (known !== undefined) return known + rewriteWords(arn.slice(end), identities);
  }
  const moved = identities.move(arn);
  const resourceAt = moved.split(':', 5).join(':').length + 1;
  const known = moved.startsWith('s3:', moved.indexOf(':', 4) + 1) ? identities : withoutBuckets(identities);
  return moved.slice(0, resourceAt) + rewriteWords(moved.slice(resourceAt), known);
}

/** In ARNs of other services a bucket's name is that of something else: a load balancer, a table. */
function withoutBuckets(identities: IdentityLookup): IdentityLookup {
  const isBucket = (name: string): boolean => identities.get(`arn:aws:s3:::${name}`) !== undefined;
  return { ...identities, get: (old) => (isBucket(old) ? undefined : identities.get(old)) };
}

function lastBoundary(arn: string, before: number): number {
  for (let i = before - 1; i > 0; i--) if (arn[i] === ':' || arn[i] === '/' || arn[i] === '*') return i;
  return 0;
}

function rewriteWords(text: string, identities: IdentityLookup): string {
  return text.replaceAll(wordPattern, (word) => identities.get(word) ?? rewriteLabels(word, identities));
}

const endpointSuffix = /\.amazonaws\.com(\.cn)?$/;
/** `uploads.s3.us-east-1.amazonaws.com`, `www.acme.com.s3-website-us-east-1.amazonaws.com`. */
const bucketHost = /^(.+)\.(s3[.-].*|s3)(\.amazonaws\.com(?:\.cn)?)$/;

/** Of a host name the labels: `abc123defg.execute-api.us-east-1.amazonaws.com`; of a bucket's also the bucket. */
function rewriteLabels(word: string, identities: IdentityLookup): string {
  if (!word.includes('.')) return word;
  if (!endpointSuffix.test(word))
    return word
      .split('.')
      .map((label) => knownLabel(label, identities) ?? label)
      .join('.');
  const [, bucket, host = word, suffix = ''] = bucketHost.exec(word) ?? [];
  const labels = `${host}${suffix}`
    .split('.')
    .map((label) => knownLabel(label, identities) ?? movedLabel(label, identities));
  if (bucket === undefined) return labels.join('.');
  const arn = `arn:aws:s3:::${bucket}`;
  return `${(identities.get(arn) ?? arn).slice('arn:aws:s3:::'.length)}.${labels.join('.')}`;
}

function knownLabel(label: string, identities: IdentityLookup): string | undefined {
  return label.length < 6 ? undefined : identities.get(label);
}

/** A region, on its own or behind a service: `us-east-1`, `s3-website-us-east-1`. */
function movedLabel(label: string, identities: IdentityLookup): string {
  const [, before = '', region = label] = /^(s3-website-|s3-)?([a-z]+-[a-z-]+-\d)$/.exec(label) ?? [];
  return `${before}${identities.region(region)}`;
}
