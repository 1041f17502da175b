import type { Json } from '../../kernel/json.ts';

interface Where {
  readonly collection: string;
  readonly key: string;
  readonly part: 'content' | 'attributes' | 'details';
}

type Fields = Readonly<Record<string, Json>>;

// Ids and dates that a resource gets anew when it is created again; a SAML provider's validity follows from its metadata.
const anew = new Set([
  'RoleId',
  'UserId',
  'GroupId',
  'PolicyId',
  'InstanceProfileId',
  'ServerCertificateId',
  'SAMLProviderUUID',
  // Versions are numbered anew; which one is in force is said by the versions.
  'DefaultVersionId',
  'CreateDate',
  'UploadDate',
  'ValidUntil',
]);

/**
 * Leaves out ids and dates that no restore can bring back. Credentials are compared by how many there are and whether they are
 * active, so that a new access key still shows, and SSH keys by their text.
 */
export function comparable({ collection, part }: Where, value: Json): Json {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const fields = value as Fields;
  if (part !== 'content') return without(fields, new Set(['created']));
  // Policy documents are compared whole.
  if (collection !== '' || fields['Arn'] === undefined) return value;
  const rest = without(fields, anew);
  return {
    ...rest,
    ...list(rest, 'AccessKeys', (key) => ({ Status: key['Status'] })),
    ...list(rest, 'MFADevices', () => ({})),
    ...list(rest, 'SSHPublicKeys', (key) => ({ Status: key['Status'], SSHPublicKeyBody: key['SSHPublicKeyBody'] })),
    ...(rest['LoginProfile'] ? { LoginProfile: without(rest['LoginProfile'] as Fields, anew) } : {}),
  };
}

function without(fields: Fields, names: ReadonlySet<string>): Record<string, Json> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.has(name)));
}

function list(
  fields: Fields,
  name: string,
  keep: (item: Fields) => Readonly<Record<string, Json | undefined>>,
): Record<string, Json> {
  const items = fields[name];
  if (!Array.isArray(items)) return {};
  const kept = (items as readonly Fields[]).map(keep);
  return { [name]: kept.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) };
}
