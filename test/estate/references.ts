import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** A reference in a document that leads nowhere, or back to where the estate came from. */
export interface Unresolved {
  readonly file: string;
  readonly reference: string;
}

export interface Places {
  /** Regions and names that must not be named any more. */
  readonly left: readonly RegExp[];
  /** ARNs and ids of what exists at the target. */
  readonly existing: readonly string[];
  /** What exists without being captured: AWS's own policies, log groups, accounts. */
  readonly elsewhere: readonly RegExp[];
}

const arns = /arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]*(?:aws)?:[^\s"'<>|;,\\)]+/g;
const endpoints = /[a-z0-9][a-z0-9.-]*\.(?:amazonaws\.com|cloudfront\.net)/g;

/** Walks every JSON file below a folder: each ARN, and each host name of AWS, must lead to something that exists. */
export async function unresolvedReferences(folder: string, places: Places): Promise<Unresolved[]> {
  const found: Unresolved[] = [];
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    if (!/\.(json|jsonl)$/.test(name) || path.basename(name).startsWith('MANIFEST')) continue;
    const text = await readFile(path.join(folder, name), 'utf8');
    const references = new Set([...text.matchAll(arns), ...text.matchAll(endpoints)].map(([reference]) => reference));
    for (const reference of references) if (!resolves(reference, places)) found.push({ file: name, reference });
  }
  return found;
}

function resolves(reference: string, { left, existing, elsewhere }: Places): boolean {
  if (left.some((pattern) => pattern.test(reference))) return false;
  if (elsewhere.some((pattern) => pattern.test(reference))) return true;
  const [, bucket] = /^(.+)\.s3[.-][a-z0-9.-]*amazonaws\.com$/.exec(reference) ?? [];
  if (bucket !== undefined) return existing.includes(`arn:aws:s3:::${bucket}`);
  if (reference.includes('*')) {
    const pattern = new RegExp(`^${reference.split('*').map(escaped).join('.*')}`);
    return existing.some((id) => pattern.test(id) || reference.startsWith(`${id}/`) || reference.startsWith(`${id}:`));
  }
  return existing.some((id) => reference === id || reference.startsWith(`${id}/`) || reference.startsWith(`${id}:`));
}

function escaped(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
}
