import type {
  CustomRoutingAccelerator,
  CustomRoutingListener,
  GlobalAccelerator,
} from '@aws-sdk/client-global-accelerator';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import { ifAllowed } from '../documents/allowed.ts';
import type { Address, DocumentKind, DocumentPart, Found, Scene } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import { numbered } from '../documents/numbered.ts';
import { pages } from '../documents/pages.ts';
import { factsOfAccelerator, readTags } from './accelerators.ts';
import { flowLogFacts } from './flow-logs.ts';
import { tags } from './tags.ts';

async function* list(scene: Scene<GlobalAccelerator>): AsyncGenerator<Found> {
  const { client } = scene;
  const all: CustomRoutingAccelerator[] = [];
  const ask = (NextToken?: string) =>
    required(
      client.listCustomRoutingAccelerators({ MaxResults: 100, NextToken }),
      'ListCustomRoutingAccelerators',
      'global-accelerator',
    );
  for await (const { Accelerators = [] } of pages(ask, (page) => page.NextToken)) all.push(...Accelerators);
  for (const { name, id, item } of numbered(all, (one) => ({
    name: one.Name,
    id: one.AcceleratorArn,
    at: one.CreatedTime,
  }))) {
    const own = await ifAllowed(readTags(scene, { id, name, resource: `global-accelerator/custom-routing/${name}` }));
    const facts = { ...factsOfAccelerator(item), Enabled: item.Enabled ?? false };
    yield {
      name,
      id,
      ...(own ? { tags: own } : {}),
      listed: { facts, ...(own ? { tags: own } : {}) },
    };
  }
}

const listeners: DocumentPart<GlobalAccelerator> = {
  file: 'custom-listeners.json',
  async read({ client }, { id, resource }) {
    const found: Record<string, Json>[] = [];
    const ask = (NextToken?: string) =>
      required(
        client.listCustomRoutingListeners({ AcceleratorArn: id, NextToken }),
        'ListCustomRoutingListeners',
        resource,
      );
    for await (const { Listeners = [] } of pages(ask, (page) => page.NextToken))
      for (const one of Listeners)
        found.push({ ...pick(one, 'PortRanges'), EndpointGroups: await groupsOf(client, one, resource) });
    return found.length === 0 ? undefined : found;
  },
};

async function groupsOf(
  client: GlobalAccelerator,
  { ListenerArn }: CustomRoutingListener,
  resource: string,
): Promise<Json> {
  const found: Record<string, Json>[] = [];
  const ask = (NextToken?: string) =>
    required(
      client.listCustomRoutingEndpointGroups({ ListenerArn, NextToken }),
      'ListCustomRoutingEndpointGroups',
      resource,
    );
  for await (const { EndpointGroups = [] } of pages(ask, (page) => page.NextToken))
    for (const one of EndpointGroups)
      found.push(pick(one, 'EndpointGroupRegion', 'DestinationDescriptions', 'EndpointDescriptions'));
  return found;
}

async function readFlowLogs(
  { client }: Scene<GlobalAccelerator>,
  { id, resource }: Address,
): Promise<Json | undefined> {
  const asking = client.describeCustomRoutingAcceleratorAttributes({ AcceleratorArn: id });
  const answer = await required(asking, 'DescribeCustomRoutingAcceleratorAttributes', resource);
  return flowLogFacts(answer.AcceleratorAttributes);
}

/** Accelerators that send each client to one port of one instance. */
export const customRouting: DocumentKind<GlobalAccelerator> = {
  kind: 'custom-routing',
  list,
  parts: [
    {
      file: 'custom-accelerator.json',
      read: (_scene, _address, listed) => Promise.resolve((listed as { readonly facts?: Json } | undefined)?.facts),
    },
    listeners,
    { file: 'custom-flow-logs.json', read: readFlowLogs },
    tags,
  ],
  directoryOnly:
    'which destinations may get traffic is said per port of every subnet, and AWS tells it for millions of ports one by one only',
  notes: () => [
    {
      class: 'needs-human',
      what: 'an accelerator of custom routing',
      why: 'The service that matches clients with ports also says which destinations may get traffic; AWS keeps no list of what it said.',
      action:
        'Create it from its documents (CreateCustomRoutingAccelerator), and have that service allow its destinations again.',
    },
  ],
};
