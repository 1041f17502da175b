import type { GlobalAccelerator } from '@aws-sdk/client-global-accelerator';
import type { LedgerNote } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import { ifAllowed } from '../documents/allowed.ts';
import type { Address, Created, DocumentKind, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import { renamed } from '../documents/numbered.ts';
import { tagList } from '../documents/tags.ts';
import { customAccelerators, factsOfAccelerator, files, readTags, type AcceleratorFacts } from './accelerators.ts';
import { ownAddresses } from './byoip.ts';
import { customTraffic } from './custom-traffic.ts';
import { deployed } from './deployed.ts';
import { comparableFlowLogs, flowLogAttributes, flowLogFacts } from './flow-logs.ts';
import { addressesOf, follows } from './identity.ts';
import { foundAmong, remade, type Learning } from './restore.ts';
import { tags } from './tags.ts';
import { customListeners } from './write-custom-listeners.ts';

const file = 'custom-accelerator.json';

async function* list(scene: Scene<GlobalAccelerator>): AsyncGenerator<Found> {
  for (const { name, id, item } of await customAccelerators(scene)) {
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

/** Its name is what it is found by; its addresses are what AWS gave it. It takes traffic at the very end. */
const accelerator: DocumentPart<GlobalAccelerator> = {
  file,
  phase: 'enable',
  comparable: (document) => pick(document as object, 'Enabled'),
  async read({ client }, { id, resource }, listed) {
    const known = (listed as { readonly facts?: Json } | undefined)?.facts;
    if (known !== undefined) return known;
    const asking = client.describeCustomRoutingAccelerator({ AcceleratorArn: id });
    const { Accelerator = {} } = await required(asking, 'DescribeCustomRoutingAccelerator', resource);
    return { ...factsOfAccelerator(Accelerator), Enabled: Accelerator.Enabled ?? false };
  },
  async write(scene, { id, resource }, wanted) {
    const { Enabled } = wanted as { readonly Enabled: boolean };
    await deployed(scene, id, resource, 'custom');
    const updating = scene.client.updateCustomRoutingAccelerator({ AcceleratorArn: id, Enabled });
    await required(updating, 'UpdateCustomRoutingAccelerator', resource);
    await deployed(scene, id, resource, 'custom');
  },
};

/** Into a bucket whose policy must allow it. */
const flowLogs: DocumentPart<GlobalAccelerator> = {
  file: 'custom-flow-logs.json',
  phase: 'settle',
  comparable: comparableFlowLogs,
  async read({ client }, { id, resource }: Address) {
    const asking = client.describeCustomRoutingAcceleratorAttributes({ AcceleratorArn: id });
    const answer = await required(asking, 'DescribeCustomRoutingAcceleratorAttributes', resource);
    return flowLogFacts(answer.AcceleratorAttributes);
  },
  async write({ client }, { id, resource }, wanted) {
    const input = { AcceleratorArn: id, ...flowLogAttributes(wanted) };
    const updating = client.updateCustomRoutingAcceleratorAttributes(input);
    await required(updating, 'UpdateCustomRoutingAcceleratorAttributes', resource);
  },
};

async function find(scene: Learning, name: string, documents: Documents): Promise<string | undefined> {
  return foundAmong(scene, await customAccelerators(scene), name, documents.get(file));
}

/** Disabled, without listeners, and for nobody: it begins at the end. Its addresses are those of a standard one made again. */
async function create(scene: Scene<GlobalAccelerator>, name: string, documents: Documents): Promise<Created> {
  const resource = `global-accelerator/custom-routing/${name}`;
  const was = documents.get(file) as unknown as AcceleratorFacts | undefined;
  if (!was) throw new HoldfastError('item.not-found', `${resource} was captured without its facts`, { resource });
  const own = await ownAddresses(scene, addressesOf(was));
  const Tags = tagList(documents.get(files.tags));
  const creating = scene.client.createCustomRoutingAccelerator({
    Name: renamed(was.Name, name),
    IpAddressType: 'IPV4',
    Enabled: false,
    ...(own.length > 0 ? { IpAddresses: own } : {}),
    ...(Tags.length > 0 ? { Tags } : {}),
  });
  const { Accelerator = {} } = await required(creating, 'CreateCustomRoutingAccelerator', resource);
  const is = factsOfAccelerator(Accelerator);
  await deployed(scene, is.id, resource, 'custom');
  return remade(was, is);
}

function notes(documents: Documents): readonly LedgerNote[] {
  const facts = documents.get(file) as unknown as AcceleratorFacts | undefined;
  return [
    {
      class: 'new-identity',
      what: 'static addresses, DNS name, and the port of each destination',
      why: 'One that was deleted comes back with others, and AWS numbers the ports of its destinations anew.',
      action: `Know who names ${[...(facts ? addressesOf(facts) : []), facts?.DnsName ?? ''].join(', ')}, and have the service that matches clients with ports ask for them (ListCustomRoutingPortMappings).`,
    },
  ];
}

/** Accelerators that send each client to one port of one instance. */
export const customRouting: DocumentKind<GlobalAccelerator> = {
  kind: 'custom-routing',
  list,
  parts: [customListeners, flowLogs, customTraffic, accelerator, tags],
  live: { find, create, follows },
  notes,
};
