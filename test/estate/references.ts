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
const endpoints = /[a-z0-9][a-z0-9.-]*\.(?:amazonaws\.com|cloudfront\.net|awsglobalaccelerator\.com)/g;
/** What S3 calls an access point, which programs use like a bucket. */
const aliases = /[a-z0-9][a-z0-9-]*-s3alias|[a-z0-9-]+\.mrap(?![a-z0-9.-])/g;
/** Ids of user pools begin with their region, so that they are recognised where they stand alone. */
const pools = /[a-z]{2}-[a-z]+-\d_[0-9A-Za-z]{8,}/g;

/** References that hold the id of an API or a user pool, which is what exists. */
const byId: readonly RegExp[] = [
  /^arn:aws:execute-api:[^:]*:[^:]*:([a-z0-9]+)\//,
  /^([a-z0-9]+)\.execute-api\./,
  /^arn:aws:cognito-idp:[^:]*:[^:]*:userpool\/(.+)$/,
];

/** Documents that say what the provider called a thing beside its ARN. */
const naming = /(^|\/)(accelerator|access-point|multi-region-access-point|custom-accelerator)\.json$/;

async function namesGiven(folder: string, files: readonly string[]): Promise<string[]> {
  const texts = files.filter((name) => naming.test(name)).map((name) => readFile(path.join(folder, name), 'utf8'));
  return (await Promise.all(texts)).flatMap((text) => {
    const { DnsName, Alias } = JSON.parse(text) as { readonly DnsName?: string; readonly Alias?: string };
    return [DnsName, Alias].filter((name) => name !== undefined);
  });
}

/** Walks every JSON file below a folder: each ARN, host name of AWS and id of a user pool must lead to something that exists. */
export async function unresolvedReferences(folder: string, places: Places): Promise<Unresolved[]> {
  const found: Unresolved[] = [];
  const files = (await readdir(folder, { recursive: true })).sort();
  const existing = [...places.existing, ...(await namesGiven(folder, files))];
  for (const name of files) {
    if (!/\.(json|jsonl)$/.test(name) || path.basename(name).startsWith('MANIFEST')) continue;
    const text = await readFile(path.join(folder, name), 'utf8');
    const references = new Set(
      [arns, endpoints, pools, aliases].flatMap((form) => [...text.matchAll(form)].map(([reference]) => reference)),
    );
    for (const reference of references)
      if (!resolves(reference, { ...places, existing })) found.push({ file: name, reference });
  }
  return found;
}

function resolves(reference: string, { left, existing, elsewhere }: Places): boolean {
  if (left.some((pattern) => pattern.test(reference))) return false;
  if (elsewhere.some((pattern) => pattern.test(reference))) return true;
  const named = byId.map((form) => form.exec(reference)?.[1]).find((id) => id !== undefined);
  if (named !== undefined) return existing.includes(named);
  // Registries have no ARN: one is there with the first of its repositories.
  const [, owner, place] = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com$/.exec(reference) ?? [];
  if (place !== undefined) return existing.some((id) => id.startsWith(`arn:aws:ecr:${place}:${owner}:repository/`));
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
