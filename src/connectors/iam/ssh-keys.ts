import type { SSHPublicKey } from '@aws-sdk/client-iam';
import { required } from '../aws/classify.ts';
import type { Place } from './aspect.ts';
import { allPages } from './listing.ts';
import { patiently } from './patience.ts';

/** With their bodies: one call for the list and one for each. */
export async function readSshKeys({
  client,
  name: UserName,
  resource,
}: Pick<Place, 'client' | 'name' | 'resource'>): Promise<SSHPublicKey[]> {
  const listed = await allPages(async (Marker) => {
    const page = await required(client.listSSHPublicKeys({ UserName, Marker }), 'ListSSHPublicKeys', resource);
    return { items: page.SSHPublicKeys, ...page };
  });
  return await Promise.all(
    listed.map(async ({ SSHPublicKeyId }) => {
      const asked = client.getSSHPublicKey({ UserName, SSHPublicKeyId, Encoding: 'SSH' });
      return (await required(asked, 'GetSSHPublicKey', resource)).SSHPublicKey as SSHPublicKey;
    }),
  );
}

/** Uploads a key that is not there, and sets whether it is in use. Its id is a new one. */
export async function uploadSshKey(place: Place, SSHPublicKeyBody: string, status: string): Promise<void> {
  const { client, name: UserName, resource } = place;
  const there = (await readSshKeys(place)).find((key) => key.SSHPublicKeyBody === SSHPublicKeyBody);
  const uploaded =
    there ??
    (await patiently(
      place,
      'UploadSSHPublicKey',
      async () => (await client.uploadSSHPublicKey({ UserName, SSHPublicKeyBody })).SSHPublicKey,
    ));
  if (uploaded?.Status === status) return;
  const SSHPublicKeyId = uploaded?.SSHPublicKeyId;
  const Status = status === 'Inactive' ? ('Inactive' as const) : ('Active' as const);
  await required(client.updateSSHPublicKey({ UserName, SSHPublicKeyId, Status }), 'UpdateSSHPublicKey', resource);
}
