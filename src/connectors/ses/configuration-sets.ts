import type { SESv2 } from '@aws-sdk/client-sesv2';
import type { Json } from '../../kernel/json.ts';
import { ifAllowed } from '../documents/allowed.ts';
import { optional, required } from '../aws/classify.ts';
import { afresh } from '../documents/capture.ts';
import type { DocumentKind } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { tagList } from '../documents/tags.ts';
import type { Clients } from './calls.ts';
import { eventDestinations } from './event-destinations.ts';
import { arnOf, question, listedIn, tagsOfKind, type SesPart } from './shapes.ts';

const ask = question('GetConfigurationSet', ({ v2 }, name) => v2.getConfigurationSet({ ConfigurationSetName: name }));

/** Options that are set by a call of their own: one that is refused (a pool of addresses that is gone) costs itself. */
const options: readonly SesPart[] = [
  part('Tracking', (v2, set) => v2.putConfigurationSetTrackingOptions(set)),
  part('Delivery', (v2, set) => v2.putConfigurationSetDeliveryOptions(set)),
  part('Reputation', (v2, set) => v2.putConfigurationSetReputationOptions(set)),
  part('Sending', (v2, set) => v2.putConfigurationSetSendingOptions(set)),
  part('Suppression', (v2, set) => v2.putConfigurationSetSuppressionOptions(set)),
  part('Vdm', (v2, { ConfigurationSetName, ...VdmOptions }) =>
    v2.putConfigurationSetVdmOptions({ ConfigurationSetName, VdmOptions }),
  ),
  part('Archiving', (v2, set) => v2.putConfigurationSetArchivingOptions(set)),
];

function part(
  of: string,
  put: (v2: SESv2, set: { readonly ConfigurationSetName: string }) => Promise<unknown>,
): SesPart {
  return {
    file: `${of.toLowerCase()}.json`,
    async read(scene, address, listed) {
      const value = (await ask(scene, address, listed))[`${of}Options`] as Readonly<Record<string, Json>> | undefined;
      // When its reputation was last counted anew says nothing of what it is.
      const { LastFreshStart: _, ...said } = value ?? {};
      return Object.keys(said).length === 0 ? undefined : said;
    },
    async write({ client }, { name, resource }, wanted) {
      const set = { ...(wanted as object | undefined), ConfigurationSetName: name };
      await required(put(client.v2, set), `PutConfigurationSet${of}Options`, resource);
    },
  };
}

/** How mails are sent and followed. */
export const configurationSets: DocumentKind<Clients> = {
  kind: 'configuration-sets',
  async *list(scene) {
    const { client, aws } = scene;
    const next = async (NextToken?: string) => {
      const listing = client.v2.listConfigurationSets({ NextToken, PageSize: 1000 });
      return await required(listing, 'ListConfigurationSets', 'ses/configuration-sets');
    };
    for await (const { ConfigurationSets = [] } of pages(next, (page) => page.NextToken))
      for (const name of ConfigurationSets) {
        const address = { name, resource: `ses/configuration-sets/${name}` };
        const answer = await ifAllowed(ask(afresh(scene), address));
        yield { name, id: arnOf(aws, 'configuration-set', name), ...listedIn(answer) };
      }
  },
  parts: [...options, eventDestinations, tagsOfKind('configuration-set', ask)],
  live: {
    async find({ client, aws }, name) {
      const asking = client.v2.getConfigurationSet({ ConfigurationSetName: name });
      const resource = `ses/configuration-sets/${name}`;
      const found = await optional(asking, 'GetConfigurationSet', resource, 'NotFoundException');
      return found && arnOf(aws, 'configuration-set', name);
    },
    async create({ client, aws }, name, documents) {
      const Tags = tagList(documents.get('tags.json'));
      const making = client.v2.createConfigurationSet({ ConfigurationSetName: name, Tags });
      await required(making, 'CreateConfigurationSet', `ses/configuration-sets/${name}`);
      return { id: arnOf(aws, 'configuration-set', name) };
    },
  },
  notes(documents) {
    const { SendingPoolName } = pick(documents.get('delivery.json') as object | undefined, 'SendingPoolName');
    if (SendingPoolName === undefined) return [];
    return [
      {
        class: 'needs-human',
        what: 'pool of dedicated addresses',
        why: 'Addresses are leased, and their reputation is made over weeks; a restore makes neither.',
        action: 'Lease and warm up addresses in the recovery region, in a pool of the same name.',
      },
    ];
  },
};
