import type { DkimSigningAttributesOrigin } from '@aws-sdk/client-sesv2';
import { ifAllowed } from '../documents/allowed.ts';
import { optional, required } from '../aws/classify.ts';
import { afresh } from '../documents/capture.ts';
import type { Created, DocumentKind } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import { tagList } from '../documents/tags.ts';
import type { Clients } from './calls.ts';
import { ask, dkim, identity, mailFrom, type Dkim } from './identity-parts.ts';
import { identityNotes } from './ledger.ts';
import { notifications } from './notifications.ts';
import { policies } from './policies.ts';
import { arnOf, listedIn, tagsOfKind } from './shapes.ts';

/** Domains and addresses that mails come from. */
export const identities: DocumentKind<Clients> = {
  kind: 'identities',
  // They may name a configuration set.
  rank: 1,
  async *list(scene) {
    const { client, aws } = scene;
    const next = async (NextToken?: string) => {
      const listing = client.v2.listEmailIdentities({ NextToken, PageSize: 1000 });
      return await required(listing, 'ListEmailIdentities', 'ses/identities');
    };
    for await (const { EmailIdentities = [] } of pages(next, (page) => page.NextToken))
      for (const { IdentityName: name = '' } of EmailIdentities) {
        const address = { name, resource: `ses/identities/${name}` };
        const answer = await ifAllowed(ask(afresh(scene), address));
        yield { name, id: arnOf(aws, 'identity', name), ...listedIn(answer) };
      }
  },
  parts: [identity, dkim, mailFrom, policies, notifications, tagsOfKind('identity', ask)],
  live: {
    async find({ client, aws }, name) {
      const asking = client.v2.getEmailIdentity({ EmailIdentity: name });
      const found = await optional(asking, 'GetEmailIdentity', `ses/identities/${name}`, 'NotFoundException');
      return found && arnOf(aws, 'identity', name);
    },
    async create({ client, aws }, name, documents) {
      const before = documents.get('dkim.json') as Dkim | undefined;
      const signing = signingOf(before);
      const creating = client.v2.createEmailIdentity({
        EmailIdentity: name,
        Tags: tagList(documents.get('tags.json')),
        ...(signing && !name.includes('@') ? { DkimSigningAttributes: signing } : {}),
      });
      const { DkimAttributes } = await required(creating, 'CreateEmailIdentity', `ses/identities/${name}`);
      const zone = DkimAttributes?.SigningHostedZone ?? 'dkim.amazonses.com';
      return { id: arnOf(aws, 'identity', name), ...toDo(name, before, DkimAttributes?.Tokens ?? [], zone) };
    },
  },
  notes: identityNotes,
};

/** Of keys that follow those of another region (`AWS_SES_EU_WEST_1`) the region is said again: their tokens stay. */
function signingOf(
  before: Dkim | undefined,
):
  | { DomainSigningAttributesOrigin: DkimSigningAttributesOrigin }
  | { NextSigningKeyLength: 'RSA_2048_BIT' }
  | undefined {
  if (before?.Origin?.startsWith('AWS_SES_'))
    return { DomainSigningAttributesOrigin: before.Origin as DkimSigningAttributesOrigin };
  return before?.KeyLength === undefined ? undefined : { NextSigningKeyLength: before.KeyLength as 'RSA_2048_BIT' };
}

/** What somebody has to do before mail can be sent from it. */
function toDo(
  name: string,
  before: Dkim | undefined,
  tokens: readonly string[],
  zone: string,
): Pick<Created, 'class' | 'note'> {
  if (name.includes('@'))
    return { class: 'needs-human', note: `Whoever reads ${name} must follow the link that SES has sent there.` };
  if (before?.Origin === 'EXTERNAL')
    return {
      class: 'needs-human',
      note: 'Give SES the private key of your own DKIM again; until then its own keys sign.',
    };
  if ([...tokens].sort().join() === [...(before?.Tokens ?? [])].sort().join()) return {};
  const records = tokens.map((token) => `${token}._domainkey.${name} CNAME ${token}.${zone}`);
  return { class: 'needs-human', note: `It sends once these records are in the DNS: ${records.join('; ')}.` };
}
