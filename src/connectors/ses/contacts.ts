import type { TopicPreference } from '@aws-sdk/client-sesv2';
import { compactJson } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import { pick, facts } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import type { Rows } from './row-set.ts';

const said = ['TopicPreferences', 'UnsubscribeAll', 'AttributesData'] as const;

interface Contact {
  readonly TopicPreferences?: TopicPreference[];
  readonly UnsubscribeAll?: boolean;
  readonly AttributesData?: string;
}

/** Who is on a list, what they want, and what is known of them. The listing tells all but the last. */
export const contacts: Rows = {
  collection: 'contacts',
  what: 'contacts',
  async *list({ client }, name) {
    const resource = `ses/contact-lists/${name}`;
    const ask = async (NextToken?: string) =>
      await required(
        client.v2.listContacts({ ContactListName: name, NextToken, PageSize: 1000 }),
        'ListContacts',
        resource,
      );
    for await (const { Contacts = [] } of pages(ask, (page) => page.NextToken))
      for (const one of Contacts) yield { key: one.EmailAddress ?? '', fingerprint: compactJson(facts(one)) };
  },
  async read({ client }, name, EmailAddress) {
    const reading = client.v2.getContact({ ContactListName: name, EmailAddress });
    const found = await optional(reading, 'GetContact', `ses/contact-lists/${name}`, 'NotFoundException');
    if (!found) return undefined;
    const row = pick(found, ...said);
    const byTopic = (a: TopicPreference, b: TopicPreference): number =>
      (a.TopicName ?? '') < (b.TopicName ?? '') ? -1 : 1;
    const TopicPreferences = facts({ all: [...(found.TopicPreferences ?? [])].sort(byTopic) })['all'];
    return found.TopicPreferences ? { ...row, TopicPreferences } : row;
  },
  async write({ client: { v2 } }, name, EmailAddress, row, isThere) {
    const input = { ContactListName: name, EmailAddress, ...(row as unknown as Contact) };
    const resource = `ses/contact-lists/${name}`;
    if (isThere) await required(v2.updateContact(input), 'UpdateContact', resource);
    else await required(v2.createContact(input), 'CreateContact', resource);
  },
  async remove({ client }, name, EmailAddress) {
    const removing = client.v2.deleteContact({ ContactListName: name, EmailAddress });
    await optional(removing, 'DeleteContact', `ses/contact-lists/${name}`, 'NotFoundException');
  },
};
