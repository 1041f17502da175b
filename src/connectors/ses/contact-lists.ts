import type { Topic } from '@aws-sdk/client-sesv2';
import { ifAllowed } from '../documents/allowed.ts';
import { optional, required } from '../aws/classify.ts';
import { afresh } from '../documents/capture.ts';
import type { DocumentKind } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { tagList } from '../documents/tags.ts';
import type { Clients } from './calls.ts';
import { arnOf, question, listedIn, tagsOfKind, type SesPart } from './shapes.ts';

const ask = question('GetContactList', ({ v2 }, ContactListName) => v2.getContactList({ ContactListName }));

interface ContactList {
  readonly Description?: string;
  readonly Topics?: Topic[];
}

const list: SesPart = {
  file: 'contact-list.json',
  read: async (scene, address, listed) => pick(await ask(scene, address, listed), 'Description', 'Topics'),
  async write({ client }, { name, resource }, wanted) {
    const updating = client.v2.updateContactList({ ContactListName: name, ...(wanted as ContactList) });
    await required(updating, 'UpdateContactList', resource);
  },
};

/** What people can subscribe to. An account has one list in each region. */
export const contactLists: DocumentKind<Clients> = {
  kind: 'contact-lists',
  async *list(scene) {
    const { client, aws } = scene;
    const next = async (NextToken?: string) =>
      await required(client.v2.listContactLists({ NextToken, PageSize: 100 }), 'ListContactLists', 'ses/contact-lists');
    for await (const { ContactLists = [] } of pages(next, (page) => page.NextToken))
      for (const { ContactListName: name = '' } of ContactLists) {
        const answer = await ifAllowed(ask(afresh(scene), { name, resource: `ses/contact-lists/${name}` }));
        yield { name, id: arnOf(aws, 'contact-list', name), ...listedIn(answer) };
      }
  },
  parts: [list, tagsOfKind('contact-list', ask)],
  live: {
    async find({ client, aws }, name) {
      const asking = client.v2.getContactList({ ContactListName: name });
      const found = await optional(asking, 'GetContactList', `ses/contact-lists/${name}`, 'NotFoundException');
      return found && arnOf(aws, 'contact-list', name);
    },
    async create({ client, aws }, name, documents) {
      const said = documents.get('contact-list.json') as ContactList | undefined;
      const Tags = tagList(documents.get('tags.json'));
      const making = { ContactListName: name, ...said, ...(Tags.length > 0 ? { Tags } : {}) };
      await required(client.v2.createContactList(making), 'CreateContactList', `ses/contact-lists/${name}`);
      return { id: arnOf(aws, 'contact-list', name) };
    },
  },
};
