import type { LedgerNote } from '../../kernel/entry.ts';
import { required } from '../aws/classify.ts';
import type { Created, DocumentPart, Documents, Scene } from '../documents/contract.ts';
import { foundAs, renamed } from '../documents/numbered.ts';
import type { Facts } from '../documents/said.ts';
import type { Cognito } from './calls.ts';
import { clientIdentities, clients, type Clients } from './clients.ts';
import { domain } from './domain.ts';
import { groups, providers, resourceServers } from './parts.ts';
import { creation, files, mfa, pools } from './pool.ts';

export async function findPool(scene: Scene<Cognito>, name: string, documents: Documents): Promise<string | undefined> {
  return foundAs(await pools(scene), name, documents.get(files.pool))?.id;
}

/** What stands in a pool, in the order in which one needs the other: clients name providers and resource servers. */
const within: readonly DocumentPart<Cognito>[] = [mfa, resourceServers, providers, clients, groups, domain];

/** The pool with everything but users and triggers. */
export async function createPool(scene: Scene<Cognito>, name: string, documents: Documents): Promise<Created> {
  const resource = `cognito/${name}`;
  const facts = documents.get(files.pool) as unknown as Facts;
  const request = creation(renamed(facts['Name'] as string, name), facts, documents.get(files.schema));
  const { UserPool } = await required(scene.client.createUserPool(request), 'CreateUserPool', resource);
  const address = { name, id: UserPool?.Id ?? '', resource };
  for (const part of within) {
    const wanted = documents.get(part.file);
    if (wanted !== undefined) await part.write?.(scene, address, wanted, undefined);
  }
  const captured = (documents.get(files.clients) ?? {}) as Clients;
  return { id: address.id, identities: await clientIdentities(scene, address, captured) };
}

export function notes(documents: Documents): readonly LedgerNote[] {
  const branding = documents.get(files.branding) as Facts | undefined;
  return [
    {
      class: 'new-identity',
      what: 'ids of the pool and of its clients, and `sub` of its users',
      why: 'Cognito generates them. Whatever an application keeps under a `sub` belongs to nobody after a restore.',
      action:
        'Keep what is yours under an id of your own (an attribute), or map old `sub` to new by user name: both are in the snapshots.',
    },
    {
      class: 'lost',
      what: 'passwords, authenticator apps, passkeys and remembered devices of users',
      why: 'Cognito never gives them.',
      action:
        'Let users choose a new password after a restore, or let a migration function ask another store; sign in by federation where that is possible.',
    },
    ...(documents.has(files.domain)
      ? [
          {
            class: 'needs-human' as const,
            what: 'the domain of the sign-in pages',
            why: "A prefix may be taken by somebody else once it is free, and a domain of one's own gets another target.",
            action:
              'Keep the prefix reserved; restore the DNS record of a domain of your own, or point it to the new target.',
          },
        ]
      : []),
    ...(branding !== undefined && Object.keys(branding).length > 0
      ? [
          {
            class: 'needs-human' as const,
            what: 'look of the sign-in pages',
            why: 'It is captured to be read (branding.json), without its images, and not restored.',
            action: 'Keep images and styles with your code, and set them again.',
          },
        ]
      : []),
  ];
}
