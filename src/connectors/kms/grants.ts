import type { GrantListEntry, KMS } from '@aws-sdk/client-kms';
import { canonicalJson, type Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';
import { keyId } from './key-document.ts';

export interface GrantsDocument {
  /** Of people and programs: put back. */
  readonly Own: readonly Json[];
  /** Of AWS services for what they keep under the key: a service makes its own again. */
  readonly Services: readonly Json[];
}

/** What has been delegated to others; a grant may name roles that are restored later. */
export const grants: DocumentPart<KMS> = {
  file: 'grants.json',
  phase: 'settle',
  async read({ client }, { id, resource }) {
    const found = await listGrants(client, keyId(id), resource);
    if (found.length === 0) return undefined;
    return { Own: facts(found.filter((one) => !isOfService(one))), Services: facts(found.filter(isOfService)) };
  },
  comparable(document) {
    const { Own } = document as unknown as GrantsDocument;
    return Own.length === 0 ? undefined : Own;
  },
  write: writeGrants,
};

/** Grants under a disabled key can be made; without a name, asking twice makes two, so what is there is looked at first. */
async function writeGrants(
  { client, runtime, signal }: Scene<KMS>,
  { id, resource }: Address,
  wanted: Json | undefined,
): Promise<void> {
  const KeyId = keyId(id);
  const to = new Set(((wanted as unknown as GrantsDocument | undefined)?.Own ?? []).map(canonicalJson));
  const own = async (): Promise<GrantListEntry[]> =>
    (await listGrants(client, KeyId, resource)).filter((one) => !isOfService(one));
  const there = new Set<string>();
  for (const grant of await own()) {
    const text = canonicalJson(fact(grant));
    if (to.has(text) && !there.has(text)) there.add(text);
    else await required(client.revokeGrant({ KeyId, GrantId: grant.GrantId ?? '' }), 'RevokeGrant', resource);
  }
  for (const text of to) {
    if (there.has(text)) continue;
    const grant = JSON.parse(text) as { readonly GranteePrincipal: string; readonly Operations: [] };
    await required(client.createGrant({ KeyId, ...grant }), 'CreateGrant', resource);
  }
  // Grants are listed a little after they are made or taken back.
  for (let waits = 0; waits < 10 && (await own()).length !== to.size; waits++) await runtime.clock.sleep(1000, signal);
}

async function listGrants(client: KMS, KeyId: string, resource: string): Promise<GrantListEntry[]> {
  const found: GrantListEntry[] = [];
  let Marker: string | undefined;
  do {
    const page = await required(client.listGrants({ KeyId, Limit: 100, Marker }), 'ListGrants', resource);
    found.push(...(page.Grants ?? []));
    Marker = page.Truncated ? page.NextMarker : undefined;
  } while (Marker !== undefined);
  return found;
}

/** Made by a service (`dynamodb.eu-west-1.amazonaws.com`) or for its machines (`assumed-role/aws:ec2-infrastructure/…`). */
function isOfService({ GranteePrincipal = '', IssuingAccount = '' }: GrantListEntry): boolean {
  return (
    /\.amazonaws\.com(\.cn)?$|assumed-role\/aws:/.test(GranteePrincipal) || IssuingAccount.endsWith('.amazonaws.com')
  );
}

function facts(all: readonly GrantListEntry[]): Json[] {
  return all.map(fact).sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));
}

function fact({ Name, GranteePrincipal, RetiringPrincipal, Operations, Constraints }: GrantListEntry): Json {
  return {
    ...(Name ? { Name } : {}),
    GranteePrincipal: GranteePrincipal ?? '',
    ...(RetiringPrincipal ? { RetiringPrincipal } : {}),
    Operations: [...(Operations ?? [])].sort(),
    ...(Constraints && Object.keys(Constraints).length > 0 ? { Constraints: Constraints as Json } : {}),
  };
}
