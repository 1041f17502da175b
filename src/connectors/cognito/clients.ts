import type {
  CreateUserPoolClientRequest,
  UpdateUserPoolClientRequest,
} from '@aws-sdk/client-cognito-identity-provider';
import { compactJson } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';
import { numbered } from '../documents/numbered.ts';
import { factsOf, without, type Facts } from '../documents/said.ts';
import { allOf, type Cognito } from './calls.ts';
import { files } from './pool.ts';

export type Clients = Readonly<Record<string, Facts>>;

/** App clients by name, with their ids and secrets. */
async function readClients({ client }: Scene<Cognito>, { id: UserPoolId, resource }: Address): Promise<Clients> {
  const page = (NextToken: string | undefined) => client.listUserPoolClients({ UserPoolId, MaxResults: 60, NextToken });
  const all = await allOf(page, ({ UserPoolClients }) => UserPoolClients, 'ListUserPoolClients', resource);
  const named = numbered(all, ({ ClientName, ClientId }) => ({ name: ClientName, id: ClientId }));
  const found: Record<string, Facts> = {};
  for (const { name, id: ClientId } of named) {
    const asking = client.describeUserPoolClient({ UserPoolId, ClientId });
    found[name] = factsOf((await required(asking, 'DescribeUserPoolClient', resource)).UserPoolClient, 'UserPoolId');
  }
  return found;
}

/**
 * App clients with their secrets, in one secret document: a client that is made again needs both. It is given the secret it
 * had, and Cognito generates its id.
 */
export const clients: DocumentPart<Cognito> = {
  file: files.clients,
  secret: true,
  async read(scene, address) {
    const found = await readClients(scene, address);
    return Object.keys(found).length === 0 ? undefined : found;
  },
  comparable: (document) =>
    Object.fromEntries(Object.entries(document as Clients).map(([name, one]) => [name, without(one, 'ClientId')])),
  async write({ client }, { id: UserPoolId, resource }, wanted, live) {
    const [to, from] = [{ ...(wanted as Clients | undefined) }, { ...(live as Clients | undefined) }];
    for (const [name, facts] of Object.entries(to)) {
      const { ClientId: _, ...settings } = facts;
      const now = from[name];
      if (now === undefined) {
        const creating = client.createUserPoolClient({
          UserPoolId,
          ...settings,
        } as unknown as CreateUserPoolClientRequest);
        await required(creating, 'CreateUserPoolClient', resource);
      } else if (compactJson(without(now, 'ClientId')) !== compactJson(without(facts, 'ClientId'))) {
        const request = { ...(without(settings, 'ClientSecret') as Facts), UserPoolId, ClientId: now['ClientId'] };
        await required(
          client.updateUserPoolClient(request as unknown as UpdateUserPoolClientRequest),
          'UpdateUserPoolClient',
          resource,
        );
      }
    }
    for (const [name, facts] of Object.entries(from)) {
      if (name in to) continue;
      const ClientId = facts['ClientId'] as string;
      await required(client.deleteUserPoolClient({ UserPoolId, ClientId }), 'DeleteUserPoolClient', resource);
    }
  },
};

/** Ids of clients that are others now, by name. */
export async function clientIdentities(
  scene: Scene<Cognito>,
  address: Address,
  captured: Clients,
): Promise<{ from: string; to: string }[]> {
  if (Object.keys(captured).length === 0) return [];
  const live = await readClients(scene, address);
  return Object.entries(captured).flatMap(([name, { ClientId: from }]) => {
    const to = live[name]?.['ClientId'];
    return typeof from === 'string' && typeof to === 'string' && from !== to ? [{ from, to }] : [];
  });
}
