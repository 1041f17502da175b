import { optional } from '../aws/classify.ts';
import { type Aspect, type RestoreKind, setGoal, strings, textOf, valueGoal } from './aspect.ts';
import { tagRecord } from './client.ts';
import { forEntries, patiently } from './patience.ts';
import { missing } from './restore-role.ts';
import { asTags, tagAspect } from './tag-aspect.ts';

const file = 'provider.json';
const from = { collection: '', key: file } as const;

const clients: Aspect = {
  name: 'clients',
  from,
  goal: setGoal,
  async write(place, goal, live) {
    const { client, arn: OpenIDConnectProviderArn } = place;
    const wanted = strings(goal);
    const there = strings(live);
    const added = wanted.filter((one) => !there.includes(one));
    await forEntries(place, added, async (ClientID) => {
      const add = async () => await client.addClientIDToOpenIDConnectProvider({ OpenIDConnectProviderArn, ClientID });
      await patiently(place, 'AddClientIDToOpenIDConnectProvider', add);
    });
    const gone = there.filter((one) => !wanted.includes(one));
    await forEntries(place, gone, async (ClientID) => {
      const drop = async () =>
        await client.removeClientIDFromOpenIDConnectProvider({ OpenIDConnectProviderArn, ClientID });
      await patiently(place, 'RemoveClientIDFromOpenIDConnectProvider', drop);
    });
  },
};

/** Whose certificates are trusted: all of them are said at once, and none besides may stay. */
const thumbprints: Aspect = {
  name: 'thumbprints',
  from,
  goal: valueGoal,
  async write(place, goal) {
    const { client, arn: OpenIDConnectProviderArn } = place;
    const ThumbprintList = strings(goal);
    const update = async () =>
      await client.updateOpenIDConnectProviderThumbprint({ OpenIDConnectProviderArn, ThumbprintList });
    await patiently(place, 'UpdateOpenIDConnectProviderThumbprint', update);
  },
};

export const oidcProvider: RestoreKind = {
  rank: 0,
  arnKind: 'oidc-provider',
  aspects: [
    clients,
    thumbprints,
    tagAspect(file, {
      noun: 'OpenIDConnectProvider',
      tag: (client, OpenIDConnectProviderArn, Tags) =>
        client.tagOpenIDConnectProvider({ OpenIDConnectProviderArn, Tags }),
      untag: (client, OpenIDConnectProviderArn, TagKeys) =>
        client.untagOpenIDConnectProvider({ OpenIDConnectProviderArn, TagKeys }),
      byArn: true,
    }),
  ],
  async live({ client, arn: OpenIDConnectProviderArn, resource }) {
    const asked = client.getOpenIDConnectProvider({ OpenIDConnectProviderArn });
    const found = await optional(asked, 'GetOpenIDConnectProvider', resource, ...missing);
    if (!found) return undefined;
    const { ClientIDList = [], ThumbprintList = [], Tags } = found;
    return {
      state: {
        clients: [...ClientIDList].sort(),
        thumbprints: [...ThumbprintList].sort(),
        tags: tagRecord(Tags),
      },
    };
  },
  async create(place, wanted) {
    const { client, name } = place;
    const made = {
      Url: `https://${name}`,
      ClientIDList: strings(wanted['clients']),
      ThumbprintList: strings(wanted['thumbprints']),
      Tags: asTags(wanted['tags']),
    };
    await patiently(place, 'CreateOpenIDConnectProvider', async () => await client.createOpenIDConnectProvider(made));
  },
};

const metadata: Aspect = {
  name: 'metadata',
  from: { collection: '', key: 'metadata.xml' },
  goal: valueGoal,
  async write(place, goal) {
    const { client, arn: SAMLProviderArn } = place;
    const SAMLMetadataDocument = textOf(goal);
    const update = async () => await client.updateSAMLProvider({ SAMLProviderArn, SAMLMetadataDocument });
    await patiently(place, 'UpdateSAMLProvider', update);
  },
};

export const samlProvider: RestoreKind = {
  rank: 0,
  arnKind: 'saml-provider',
  aspects: [
    metadata,
    tagAspect(file, {
      noun: 'SAMLProvider',
      tag: (client, SAMLProviderArn, Tags) => client.tagSAMLProvider({ SAMLProviderArn, Tags }),
      untag: (client, SAMLProviderArn, TagKeys) => client.untagSAMLProvider({ SAMLProviderArn, TagKeys }),
      byArn: true,
    }),
  ],
  async live({ client, arn: SAMLProviderArn, resource }) {
    const asked = client.getSAMLProvider({ SAMLProviderArn });
    const found = await optional(asked, 'GetSAMLProvider', resource, ...missing);
    return found && { state: { metadata: found.SAMLMetadataDocument, tags: tagRecord(found.Tags) } };
  },
  async create(place, wanted) {
    const { client, name: Name } = place;
    const made = { Name, SAMLMetadataDocument: textOf(wanted['metadata']), Tags: asTags(wanted['tags']) };
    await patiently(place, 'CreateSAMLProvider', async () => await client.createSAMLProvider(made));
  },
};
