import type { ApiDestinationHttpMethod, EventBridge } from '@aws-sdk/client-eventbridge';
import { optional, required } from '../aws/classify.ts';
import type { Created, DocumentKind, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import { pages } from '../documents/pages.ts';

async function* listDestinations({ client }: Scene<EventBridge>): AsyncGenerator<Found> {
  const ask = (NextToken?: string) =>
    required(client.listApiDestinations({ Limit: 100, NextToken }), 'ListApiDestinations', 'eventbridge');
  for await (const { ApiDestinations = [] } of pages(ask, (page) => page.NextToken))
    for (const { Name: name = '', ApiDestinationArn: id = '' } of ApiDestinations) yield { name, id };
}

interface Destination {
  readonly ConnectionArn: string;
  readonly InvocationEndpoint: string;
  readonly HttpMethod: ApiDestinationHttpMethod;
}

const destination: DocumentPart<EventBridge> = {
  file: 'destination.json',
  async read({ client }, { name, resource }) {
    const described = await required(client.describeApiDestination({ Name: name }), 'DescribeApiDestination', resource);
    const [id, endpoint] = ['ConnectionArn', 'InvocationEndpoint'];
    return pick(described, 'Description', id, endpoint, 'HttpMethod', 'InvocationRateLimitPerSecond');
  },
  async write({ client }, { name, resource }, wanted) {
    const update = { Name: name, Description: '', ...(wanted as object) };
    await required(client.updateApiDestination(update), 'UpdateApiDestination', resource);
  },
};

async function findDestination({ client }: Scene<EventBridge>, Name: string): Promise<string | undefined> {
  const describing = client.describeApiDestination({ Name });
  const resource = `eventbridge/api-destinations/${Name}`;
  const found = await optional(describing, 'DescribeApiDestination', resource, 'ResourceNotFoundException');
  return found?.ApiDestinationArn;
}

async function createDestination({ client }: Scene<EventBridge>, Name: string, documents: Documents): Promise<Created> {
  const creation = client.createApiDestination({
    Name,
    ...(documents.get(destination.file) as unknown as Destination),
  });
  const made = await required(creation, 'CreateApiDestination', `eventbridge/api-destinations/${Name}`);
  return { id: made.ApiDestinationArn ?? '' };
}

/** After their connections. */
export const destinations: DocumentKind<EventBridge> = {
  kind: 'api-destinations',
  rank: 1,
  list: listDestinations,
  parts: [destination],
  live: { find: findDestination, create: createDestination },
};
