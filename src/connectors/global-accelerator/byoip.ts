import type { ByoipCidr, GlobalAccelerator } from '@aws-sdk/client-global-accelerator';
import { BlockList } from 'node:net';
import { required } from '../aws/classify.ts';
import type { DocumentKind, Found, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import { accelerators, customAccelerators, factsOfAccelerator } from './accelerators.ts';
import { addressesOf } from './identity.ts';

async function* ranges({ client }: Scene<GlobalAccelerator>): AsyncGenerator<ByoipCidr> {
  const all = pages(
    (NextToken) =>
      required(client.listByoipCidrs({ MaxResults: 100, NextToken }), 'ListByoipCidrs', 'global-accelerator'),
    (page) => page.NextToken,
  );
  for await (const { ByoipCidrs = [] } of all) yield* ByoipCidrs.filter(({ State }) => State !== 'DEPROVISIONED');
}

/** Those of the addresses that lie in a range the account brought, and that no accelerator has. */
export async function ownAddresses(scene: Scene<GlobalAccelerator>, addresses: readonly string[]): Promise<string[]> {
  const brought = new BlockList();
  for await (const { Cidr = '' } of ranges(scene)) {
    const [network = '', bits = ''] = Cidr.split('/');
    brought.addSubnet(network, Number(bits), network.includes(':') ? 'ipv6' : 'ipv4');
  }
  const all = [...(await accelerators(scene)), ...(await customAccelerators(scene))];
  const taken = all.flatMap(({ item }) => addressesOf(factsOfAccelerator(item)));
  return addresses.filter((one) => brought.check(one, one.includes(':') ? 'ipv6' : 'ipv4') && !taken.includes(one));
}

async function* list(scene: Scene<GlobalAccelerator>): AsyncGenerator<Found> {
  for await (const { Cidr = '', State } of ranges(scene))
    yield {
      name: Cidr.replace('/', '_'),
      id: Cidr,
      listed: { Cidr, ...(State === undefined ? {} : { Advertised: State === 'ADVERTISING' }) },
    };
}

/** Ranges of addresses that the account brought. */
export const byoipRanges: DocumentKind<GlobalAccelerator> = {
  kind: 'address-ranges',
  list,
  parts: [{ file: 'address-range.json', read: (_scene, _address, listed) => Promise.resolve(listed) }],
  directoryOnly: 'a range of addresses is brought to AWS with a signature that only its owner can make',
  notes: (_documents, { id }) => [
    {
      class: 'needs-human',
      what: 'the right to announce the addresses',
      why: 'AWS takes a range with a message that its owner signs, and a record at the regional internet registry (ROA).',
      action: `Keep the key, and the ROA in force. In another account: withdraw ${id} here, then provision and advertise it there (ProvisionByoipCidr, AdvertiseByoipCidr).`,
    },
  ],
};
