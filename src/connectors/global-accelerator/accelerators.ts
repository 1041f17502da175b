import type { Accelerator, CustomRoutingAccelerator, GlobalAccelerator } from '@aws-sdk/client-global-accelerator';
import { required } from '../aws/classify.ts';
import { ifAllowed } from '../documents/allowed.ts';
import type { Address, Found, Scene } from '../documents/contract.ts';
import { numbered, type Numbered } from '../documents/numbered.ts';
import { pages } from '../documents/pages.ts';
import { tagsOf } from '../documents/tags.ts';

export const files = {
  accelerator: 'accelerator.json',
  flowLogs: 'flow-logs.json',
  listeners: 'listeners.json',
  enabled: 'enabled.json',
  tags: 'tags.json',
} as const;

/** What accelerator.json says: what AWS gave it stands there for people, and for what names it. */
export interface AcceleratorFacts {
  readonly id: string;
  readonly Name: string;
  readonly IpAddressType?: string;
  readonly DnsName?: string;
  readonly DualStackDnsName?: string;
  readonly IpSets?: readonly { readonly IpAddressFamily?: string; readonly IpAddresses?: readonly string[] }[];
}

/** Standard accelerators by name; several may have the same. An account has some tens of them at most. */
export async function accelerators({ client, once }: Scene<GlobalAccelerator>): Promise<Numbered<Accelerator>[]> {
  return await once('accelerators', async () => {
    const found: Accelerator[] = [];
    const all = pages(
      (NextToken) =>
        required(client.listAccelerators({ MaxResults: 100, NextToken }), 'ListAccelerators', 'global-accelerator'),
      (page) => page.NextToken,
    );
    for await (const { Accelerators = [] } of all) found.push(...Accelerators);
    return numbered(found, (one) => ({ name: one.Name, id: one.AcceleratorArn, at: one.CreatedTime }));
  });
}

/** Those of custom routing, likewise. */
export async function customAccelerators({
  client,
  once,
}: Scene<GlobalAccelerator>): Promise<Numbered<CustomRoutingAccelerator>[]> {
  return await once('custom accelerators', async () => {
    const found: CustomRoutingAccelerator[] = [];
    const all = pages(
      (NextToken) =>
        required(
          client.listCustomRoutingAccelerators({ MaxResults: 100, NextToken }),
          'ListCustomRoutingAccelerators',
          'global-accelerator',
        ),
      (page) => page.NextToken,
    );
    for await (const { Accelerators = [] } of all) found.push(...Accelerators);
    return numbered(found, (one) => ({ name: one.Name, id: one.AcceleratorArn, at: one.CreatedTime }));
  });
}

export async function* listAccelerators(scene: Scene<GlobalAccelerator>): AsyncGenerator<Found> {
  for (const { name, id, item } of await accelerators(scene)) {
    const tags = await ifAllowed(readTags(scene, { id, name, resource: `global-accelerator/accelerators/${name}` }));
    const listed = { facts: factsOfAccelerator(item), enabled: item.Enabled ?? false };
    yield { name, id, ...(tags ? { tags } : {}), listed: { ...listed, ...(tags ? { tags } : {}) } as never };
  }
}

/** Without what passes: state, dates, events. */
export function factsOfAccelerator(one: Accelerator): AcceleratorFacts {
  const { AcceleratorArn = '', Name = '', IpAddressType, DnsName, DualStackDnsName, IpSets = [] } = one;
  const sets = IpSets.map(({ IpAddressFamily, IpAddresses = [] }) => ({
    ...(IpAddressFamily === undefined ? {} : { IpAddressFamily }),
    IpAddresses,
  }));
  return {
    id: AcceleratorArn,
    Name,
    ...(IpAddressType === undefined ? {} : { IpAddressType }),
    ...(DnsName === undefined ? {} : { DnsName }),
    ...(DualStackDnsName === undefined ? {} : { DualStackDnsName }),
    IpSets: sets,
  };
}

export async function readTags(
  { client }: Scene<GlobalAccelerator>,
  { id, resource }: Address,
): Promise<Record<string, string>> {
  const reading = client.listTagsForResource({ ResourceArn: id });
  return tagsOf((await required(reading, 'ListTagsForResource', resource)).Tags);
}
