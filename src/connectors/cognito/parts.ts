import type {
  CreateGroupRequest,
  CreateIdentityProviderRequest,
  CreateResourceServerRequest,
} from '@aws-sdk/client-cognito-identity-provider';
import { compactJson } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';
import { factsOf, without, type Facts } from '../documents/said.ts';
import { allOf, type Cognito } from './calls.ts';
import { files } from './pool.ts';

/** A list of the pool's own, each with a name: how one is made, changed and deleted. */
interface Listing {
  readonly file: string;
  readonly secret?: boolean;
  read(scene: Scene<Cognito>, address: Address): Promise<Record<string, Facts>>;
  create(client: Cognito, pool: Address, name: string, facts: Facts): Promise<unknown>;
  update(client: Cognito, pool: Address, name: string, facts: Facts): Promise<unknown>;
  remove(client: Cognito, pool: Address, name: string): Promise<unknown>;
}

function listing({ file, secret, read, create, update, remove }: Listing): DocumentPart<Cognito> {
  return {
    file,
    ...(secret ? { secret } : {}),
    async read(scene, address) {
      const found = await read(scene, address);
      return Object.keys(found).length === 0 ? undefined : found;
    },
    async write({ client }, address, wanted, live) {
      const [to, from] = [(wanted ?? {}) as Record<string, Facts>, (live ?? {}) as Record<string, Facts>];
      for (const [name, facts] of Object.entries(to)) {
        const now = from[name];
        if (now === undefined) await create(client, address, name, facts);
        else if (compactJson(now) !== compactJson(facts)) await update(client, address, name, facts);
      }
      for (const name of Object.keys(from)) if (!(name in to)) await remove(client, address, name);
    },
  };
}

const all = async <Item>(items: Item[], name: (item: Item) => string | undefined, ...without: string[]) =>
  Object.fromEntries(items.map((item) => [name(item) ?? '', factsOf(item as object, 'UserPoolId', ...without)]));

export const groups = listing({
  file: files.groups,
  async read({ client, once }, { id: UserPoolId, resource }) {
    const page = (NextToken: string | undefined) => client.listGroups({ UserPoolId, Limit: 60, NextToken });
    const found = await once('groups', async () => await allOf(page, ({ Groups }) => Groups, 'ListGroups', resource));
    // Cognito makes one for each identity provider itself.
    return await all(
      found.filter(({ GroupName }) => !GroupName?.startsWith(UserPoolId)),
      ({ GroupName }) => GroupName,
    );
  },
  create: async (client, { id: UserPoolId, resource }, _, facts) =>
    await required(
      client.createGroup({ UserPoolId, ...facts } as unknown as CreateGroupRequest),
      'CreateGroup',
      resource,
    ),
  update: async (client, { id: UserPoolId, resource }, GroupName, facts) =>
    await required(client.updateGroup({ UserPoolId, GroupName, Description: '', ...facts }), 'UpdateGroup', resource),
  remove: async (client, { id: UserPoolId, resource }, GroupName) =>
    await required(client.deleteGroup({ UserPoolId, GroupName }), 'DeleteGroup', resource),
});

export const resourceServers = listing({
  file: files.resourceServers,
  async read({ client }, { id: UserPoolId, resource }) {
    const page = (NextToken: string | undefined) =>
      client.listResourceServers({ UserPoolId, MaxResults: 50, NextToken });
    const found = await allOf(page, (answer) => answer.ResourceServers, 'ListResourceServers', resource);
    return await all(
      found.filter(({ ManagedBy }) => ManagedBy !== 'COGNITO'),
      ({ Identifier }) => Identifier,
      'ManagedBy',
    );
  },
  create: async (client, { id: UserPoolId, resource }, _, facts) => {
    const request = { UserPoolId, ...facts } as unknown as CreateResourceServerRequest;
    return await required(client.createResourceServer(request), 'CreateResourceServer', resource);
  },
  update: async (client, { id: UserPoolId, resource }, _, facts) => {
    const request = { UserPoolId, ...facts } as unknown as CreateResourceServerRequest;
    return await required(client.updateResourceServer(request), 'UpdateResourceServer', resource);
  },
  remove: async (client, { id: UserPoolId, resource }, Identifier) =>
    await required(client.deleteResourceServer({ UserPoolId, Identifier }), 'DeleteResourceServer', resource),
});

/** With the secrets by which Cognito signs in there. */
export const providers = listing({
  file: files.providers,
  secret: true,
  async read({ client }, { id: UserPoolId, resource }) {
    const page = (NextToken: string | undefined) =>
      client.listIdentityProviders({ UserPoolId, MaxResults: 60, NextToken });
    const found: Record<string, Facts> = {};
    for (const { ProviderName } of await allOf(page, ({ Providers }) => Providers, 'ListIdentityProviders', resource)) {
      const asking = client.describeIdentityProvider({ UserPoolId, ProviderName });
      const { IdentityProvider } = await required(asking, 'DescribeIdentityProvider', resource);
      const facts = factsOf(IdentityProvider, 'UserPoolId');
      // Cognito's own certificate of a SAML provider.
      const ProviderDetails = without(facts['ProviderDetails'] ?? {}, 'ActiveEncryptionCertificate');
      found[ProviderName ?? ''] = { ...facts, ProviderDetails };
    }
    return found;
  },
  create: async (client, { id: UserPoolId, resource }, _, facts) => {
    const request = { UserPoolId, ...facts } as unknown as CreateIdentityProviderRequest;
    return await required(client.createIdentityProvider(request), 'CreateIdentityProvider', resource);
  },
  update: async (client, { id: UserPoolId, resource }, ProviderName, facts) => {
    const { ProviderType: _, ...settings } = facts;
    const request = { ...settings, UserPoolId, ProviderName };
    return await required(client.updateIdentityProvider(request), 'UpdateIdentityProvider', resource);
  },
  remove: async (client, { id: UserPoolId, resource }, ProviderName) =>
    await required(client.deleteIdentityProvider({ UserPoolId, ProviderName }), 'DeleteIdentityProvider', resource),
});
