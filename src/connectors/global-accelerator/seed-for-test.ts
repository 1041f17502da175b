import type { GlobalAccelerator, ListCustomRoutingPortMappingsResponse } from '@aws-sdk/client-global-accelerator';
import type { GlobalAcceleratorStandIn } from '../../../test/stand-ins/global-accelerator/server.ts';

const balancer = (region: string, account = '123456789012'): string =>
  `arn:aws:elasticloadbalancing:${region}:${account}:loadbalancer/app/shop/0123456789abcdef`;

export const east = balancer('us-east-1');
export const west = balancer('eu-west-1');
export const foreign = balancer('us-east-1', '999999999999');

const Tags = [{ Key: 'site', Value: 'acme' }];

/** An accelerator with everything, one that is off, one with addresses of its own, an attachment, one of custom routing. */
export async function seed(client: GlobalAccelerator, { state }: GlobalAcceleratorStandIn): Promise<void> {
  state.ranges.push({ Cidr: '198.51.100.0/24', State: 'ADVERTISING' });
  state.shared.set('999999999999', [
    { EndpointId: foreign, AttachmentArn: 'arn:aws:globalaccelerator::999999999999:attachment/theirs' },
  ]);
  const { Accelerator } = await client.createAccelerator({ Name: 'shop', IpAddressType: 'DUAL_STACK', Tags });
  const AcceleratorArn = Accelerator?.AcceleratorArn;
  await client.updateAcceleratorAttributes({
    AcceleratorArn,
    FlowLogsEnabled: true,
    FlowLogsS3Bucket: 'acme-logs',
    FlowLogsS3Prefix: 'edge/',
  });
  const web = await client.createListener({
    AcceleratorArn,
    Protocol: 'TCP',
    ClientAffinity: 'SOURCE_IP',
    PortRanges: [
      { FromPort: 443, ToPort: 443 },
      { FromPort: 80, ToPort: 81 },
    ],
  });
  const ListenerArn = web.Listener?.ListenerArn;
  await client.createEndpointGroup({
    ListenerArn,
    EndpointGroupRegion: 'us-east-1',
    TrafficDialPercentage: 62.5,
    HealthCheckProtocol: 'HTTPS',
    HealthCheckPath: '/alive',
    HealthCheckPort: 8443,
    PortOverrides: [{ ListenerPort: 443, EndpointPort: 8443 }],
    EndpointConfigurations: [
      { EndpointId: east, Weight: 10, ClientIPPreservationEnabled: true },
      { EndpointId: 'eipalloc-0123456789abcdef0', Weight: 0 },
      {
        EndpointId: foreign,
        AttachmentArn: 'arn:aws:globalaccelerator::999999999999:attachment/theirs',
      },
    ],
  });
  await client.createEndpointGroup({
    ListenerArn,
    EndpointGroupRegion: 'eu-west-1',
    EndpointConfigurations: [{ EndpointId: west }],
  });
  const names = await client.createListener({
    AcceleratorArn,
    Protocol: 'UDP',
    PortRanges: [{ FromPort: 53, ToPort: 53 }],
  });
  await client.createEndpointGroup({
    ListenerArn: names.Listener?.ListenerArn,
    EndpointGroupRegion: 'us-east-1',
    EndpointConfigurations: [{ EndpointId: 'i-0123456789abcdef0' }],
  });
  await client.createAccelerator({ Name: 'api', Enabled: false });
  await client.createAccelerator({ Name: 'brought', IpAddresses: ['198.51.100.1', '198.51.100.2'] });
  await client.createCrossAccountAttachment({
    Name: 'shared',
    Principals: ['999999999999', AcceleratorArn ?? ''],
    Resources: [{ EndpointId: east, Region: 'us-east-1' }],
    Tags,
  });
  await seedCustom(client);
}

/** Of custom routing: one with two subnets, of which one may get everything and one a little; and one that is off. */
async function seedCustom(client: GlobalAccelerator): Promise<void> {
  const { Accelerator } = await client.createCustomRoutingAccelerator({ Name: 'game', Tags });
  const AcceleratorArn = Accelerator?.AcceleratorArn;
  const flowLogs = { FlowLogsEnabled: true, FlowLogsS3Bucket: 'acme-logs', FlowLogsS3Prefix: 'game/' };
  await client.updateCustomRoutingAcceleratorAttributes({ AcceleratorArn, ...flowLogs });
  const PortRanges = [{ FromPort: 5000, ToPort: 9000 }];
  const { Listener } = await client.createCustomRoutingListener({ AcceleratorArn, PortRanges });
  const { EndpointGroup } = await client.createCustomRoutingEndpointGroup({
    ListenerArn: Listener?.ListenerArn,
    EndpointGroupRegion: 'us-east-1',
    DestinationConfigurations: [{ FromPort: 80, ToPort: 82, Protocols: ['TCP', 'UDP'] }],
  });
  const EndpointGroupArn = EndpointGroup?.EndpointGroupArn;
  const subnets = ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1', 'subnet-0123456789abcdef2'];
  const EndpointConfigurations = subnets.map((EndpointId) => ({ EndpointId }));
  await client.addCustomRoutingEndpoints({ EndpointGroupArn, EndpointConfigurations });
  const [all, some] = subnets;
  await client.allowCustomRoutingTraffic({ EndpointGroupArn, EndpointId: all, AllowAllTrafficToEndpoint: true });
  const DestinationAddresses = ['10.0.0.4', '10.0.0.5'];
  const place = { EndpointGroupArn, EndpointId: some };
  await client.allowCustomRoutingTraffic({ ...place, DestinationAddresses, DestinationPorts: [80, 81] });
  await client.createCustomRoutingAccelerator({ Name: 'lobby', Enabled: false });
}

/** By the API alone: everything but health, dates and the ARNs within. */
export async function readBack(client: GlobalAccelerator): Promise<unknown> {
  const found: unknown[] = [];
  for (const one of await allOf(client)) {
    const { AcceleratorArn, CreatedTime: _, LastModifiedTime: _l, ...facts } = one;
    const listeners: unknown[] = [];
    for (const { ListenerArn, ...listener } of (await client.listListeners({ AcceleratorArn })).Listeners ?? []) {
      const { EndpointGroups = [] } = await client.listEndpointGroups({ ListenerArn });
      const groups = EndpointGroups.map(({ EndpointGroupArn: _g, PortOverrides = [], ...group }) => ({
        ...group,
        PortOverrides,
        EndpointDescriptions: texts(group.EndpointDescriptions ?? []),
      }));
      listeners.push({ ...listener, PortRanges: texts(listener.PortRanges ?? []), groups: texts(groups) });
    }
    const { AcceleratorAttributes } = await client.describeAcceleratorAttributes({ AcceleratorArn });
    const { Tags } = await client.listTagsForResource({ ResourceArn: AcceleratorArn });
    found.push({ AcceleratorArn, ...facts, listeners: texts(listeners), AcceleratorAttributes, Tags });
  }
  for (const { AcceleratorArn, CreatedTime: _, ...facts } of await customOf(client)) {
    const groups: unknown[] = [];
    for (const { ListenerArn, PortRanges } of (await client.listCustomRoutingListeners({ AcceleratorArn })).Listeners ??
      [])
      for (const one of (await client.listCustomRoutingEndpointGroups({ ListenerArn })).EndpointGroups ?? [])
        groups.push([
          PortRanges,
          { ...one, EndpointGroupArn: '', EndpointDescriptions: texts(one.EndpointDescriptions ?? []) },
        ]);
    const { AcceleratorAttributes } = await client.describeCustomRoutingAcceleratorAttributes({ AcceleratorArn });
    const { Tags: own } = await client.listTagsForResource({ ResourceArn: AcceleratorArn });
    found.push({
      AcceleratorArn,
      ...facts,
      groups,
      traffic: await allowedBy(client, AcceleratorArn),
      AcceleratorAttributes,
      own,
    });
  }
  for (const { CreatedTime: _, Principals = [], ...one } of (await client.listCrossAccountAttachments({}))
    .CrossAccountAttachments ?? [])
    found.push({ ...one, Principals: Principals.toSorted() });
  return texts(found);
}

/** As texts with sorted keys, in the order of those. */
function texts(all: readonly unknown[]): string[] {
  const sortKeys = (_: string, value: unknown): unknown =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  return all.map((one) => JSON.stringify(one, sortKeys)).sort();
}

export async function allOf(client: GlobalAccelerator) {
  const first = await client.listAccelerators({});
  if (first.NextToken === undefined) return first.Accelerators ?? [];
  const second = await client.listAccelerators({ NextToken: first.NextToken });
  return [...(first.Accelerators ?? []), ...(second.Accelerators ?? [])];
}

export async function customOf(client: GlobalAccelerator) {
  return (await client.listCustomRoutingAccelerators({})).Accelerators ?? [];
}

/** `subnet-1 10.0.0.4 80` of all that may get traffic. */
export async function allowedBy(client: GlobalAccelerator, AcceleratorArn: string | undefined): Promise<string[]> {
  const found: string[] = [];
  let NextToken: string | undefined;
  do {
    const page: ListCustomRoutingPortMappingsResponse = await client.listCustomRoutingPortMappings({
      AcceleratorArn,
      NextToken,
    });
    for (const { EndpointId, DestinationSocketAddress: to, DestinationTrafficState } of page.PortMappings ?? [])
      if (DestinationTrafficState === 'ALLOW') found.push(`${EndpointId} ${to?.IpAddress} ${to?.Port}`);
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found.sort();
}

/** The same of one of custom routing. */
export async function removeCustom(client: GlobalAccelerator, Name: string): Promise<void> {
  const { AcceleratorArn } = (await customOf(client)).find((one) => one.Name === Name) ?? {};
  await client.updateCustomRoutingAccelerator({ AcceleratorArn, Enabled: false });
  for (const { ListenerArn } of (await client.listCustomRoutingListeners({ AcceleratorArn })).Listeners ?? []) {
    for (const { EndpointGroupArn } of (await client.listCustomRoutingEndpointGroups({ ListenerArn })).EndpointGroups ??
      [])
      await client.deleteCustomRoutingEndpointGroup({ EndpointGroupArn });
    await client.deleteCustomRoutingListener({ ListenerArn });
  }
  await client.deleteCustomRoutingAccelerator({ AcceleratorArn });
}

/** Takes an accelerator away as its owner would: disabled, then from the inside out. */
export async function removeAccelerator(client: GlobalAccelerator, Name: string): Promise<void> {
  const { AcceleratorArn } = (await allOf(client)).find((one) => one.Name === Name) ?? {};
  await client.updateAccelerator({ AcceleratorArn, Enabled: false });
  for (const { ListenerArn } of (await client.listListeners({ AcceleratorArn })).Listeners ?? []) {
    for (const { EndpointGroupArn } of (await client.listEndpointGroups({ ListenerArn })).EndpointGroups ?? [])
      await client.deleteEndpointGroup({ EndpointGroupArn });
    await client.deleteListener({ ListenerArn });
  }
  await client.deleteAccelerator({ AcceleratorArn });
}
