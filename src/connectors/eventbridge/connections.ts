import type { CreateConnectionCommandInput, EventBridge } from '@aws-sdk/client-eventbridge';
import { optional, required } from '../aws/classify.ts';
import type { Address, Created, DocumentKind, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';
import { asWritten, forCreation, parametersOf, type AuthDocument } from './authorization.ts';

const files = { connection: 'connection.json', authorization: 'authorization.json' } as const;

async function* listConnections({ client }: Scene<EventBridge>): AsyncGenerator<Found> {
  const ask = (NextToken?: string) =>
    required(client.listConnections({ Limit: 100, NextToken }), 'ListConnections', 'eventbridge');
  for await (const { Connections = [] } of pages(ask, (page) => page.NextToken))
    for (const { Name: name = '', ConnectionArn: id = '' } of Connections) yield { name, id };
}

async function describe({ client, once }: Scene<EventBridge>, { name, resource }: Address) {
  const Name = name;
  return await once('connection', () => required(client.describeConnection({ Name }), 'DescribeConnection', resource));
}

const connection: DocumentPart<EventBridge> = {
  file: files.connection,
  async read(scene, address) {
    const described = await describe(scene, address);
    const resource = described.InvocationConnectivityParameters?.ResourceParameters?.ResourceConfigurationArn;
    return {
      ...pick(described, 'Description', 'KmsKeyIdentifier'),
      ...(resource === undefined
        ? {}
        : { InvocationConnectivityParameters: { ResourceParameters: { ResourceConfigurationArn: resource } } }),
    };
  },
  async write({ client }, { name, resource }, wanted) {
    const update = { Name: name, Description: '', ...(wanted as object) };
    await required(client.updateConnection(update), 'UpdateConnection', resource);
  },
};

/** User names, client ids, headers: all that EventBridge tells. Passwords, keys and values marked secret it never does. */
const authorization: DocumentPart<EventBridge> = {
  file: files.authorization,
  secret: true,
  async read(scene, address) {
    return pick(await describe(scene, address), 'AuthorizationType', 'AuthParameters');
  },
  comparable(document) {
    const { AuthorizationType, AuthParameters } = document as unknown as AuthDocument;
    return { AuthorizationType, AuthParameters: parametersOf(AuthParameters) };
  },
  async write({ client }, { name, resource }, wanted, live) {
    const update = { Name: name, ...asWritten(wanted as unknown as AuthDocument, live, resource) };
    await required(client.updateConnection(update), 'UpdateConnection', resource);
  },
};

async function findConnection({ client }: Scene<EventBridge>, Name: string): Promise<string | undefined> {
  const describing = client.describeConnection({ Name });
  const resource = `eventbridge/connections/${Name}`;
  return (await optional(describing, 'DescribeConnection', resource, 'ResourceNotFoundException'))?.ConnectionArn;
}

/** With a placeholder in place of each secret: what names the connection can come back, and nobody gets in by accident. */
async function createConnection({ client }: Scene<EventBridge>, Name: string, documents: Documents): Promise<Created> {
  const creation = {
    Name,
    ...(documents.get(files.connection) as object | undefined),
    ...forCreation(documents.get(files.authorization) as unknown as AuthDocument),
  } as CreateConnectionCommandInput;
  const made = await required(client.createConnection(creation), 'CreateConnection', `eventbridge/connections/${Name}`);
  return {
    id: made.ConnectionArn ?? '',
    class: 'needs-human',
    note: 'Its secrets are placeholders: set them with UpdateConnection before its rules are needed.',
  };
}

export const connections: DocumentKind<EventBridge> = {
  kind: 'connections',
  list: listConnections,
  parts: [connection, authorization],
  live: { find: findConnection, create: createConnection },
  notes: () => [
    {
      class: 'needs-human',
      what: 'secrets of the connection',
      why: 'EventBridge never returns passwords, API keys, client secrets and values marked secret.',
      action: 'Keep them in a vault of your own; after a restore set them with UpdateConnection.',
    },
    {
      class: 'new-identity',
      what: 'ARN of the connection',
      why: 'It ends with an id that EventBridge makes anew.',
      action: 'Nothing: what is restored in the same run is rewritten; look for it elsewhere.',
    },
  ],
};
