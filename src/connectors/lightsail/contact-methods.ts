import type { ContactMethod, Lightsail } from '@aws-sdk/client-lightsail';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { Created, DocumentKind, Documents, Found, Scene } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';

const file = 'contact-method.json';

async function all({ client }: Scene<Lightsail>): Promise<ContactMethod[]> {
  return (await required(client.getContactMethods({}), 'GetContactMethods', 'lightsail')).contactMethods ?? [];
}

/** One mail address and one telephone number at most, called by what they are. */
async function* list(scene: Scene<Lightsail>): AsyncGenerator<Found> {
  for (const one of await all(scene))
    yield { name: one.protocol ?? '', id: one.arn ?? '', listed: pick(one, 'protocol', 'contactEndpoint') };
}

async function find(scene: Scene<Lightsail>, name: string): Promise<string | undefined> {
  return (await all(scene)).find(({ protocol }) => protocol === name)?.arn;
}

async function create(scene: Scene<Lightsail>, name: string, documents: Documents): Promise<Created> {
  const { protocol, contactEndpoint } = documents.get(file) as unknown as Required<
    Pick<ContactMethod, 'protocol' | 'contactEndpoint'>
  >;
  const creating = scene.client.createContactMethod({ protocol, contactEndpoint });
  await required(creating, 'CreateContactMethod', `lightsail/contact-methods/${name}`);
  return {
    id: (await find(scene, name)) ?? '',
    class: 'needs-human',
    note: 'Its owner must confirm it: AWS sends no alarms there before.',
  };
}

export const contactMethods: DocumentKind<Lightsail> = {
  kind: 'contact-methods',
  list,
  parts: [
    {
      file,
      // Somebody's mail address or telephone number.
      secret: true,
      async read(scene, { name, resource }, listed) {
        if (listed !== undefined) return listed;
        const one = (await all(scene)).find(({ protocol }) => protocol === name);
        if (!one) throw new HoldfastError('item.not-found', `${resource} is not there`, { resource });
        return pick(one, 'protocol', 'contactEndpoint');
      },
    },
  ],
  live: { find, create },
  notes: () => [
    {
      class: 'needs-human',
      what: 'confirmation',
      why: 'AWS sends alarms to a new contact only when its owner confirmed it.',
      action: 'After a restore, let the owner follow the message that AWS sends.',
    },
  ],
};
