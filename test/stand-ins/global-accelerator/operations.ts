import type * as Sdk from '@aws-sdk/client-global-accelerator';
import { customChanges, customReadings } from './custom-routing.ts';
import { created, groupOf, idle, listenerOf, named, setTags } from './places.ts';
import { Refused, type Accelerator, type Group, type State } from './state.ts';

type Operation<Input> = (state: State, input: Input) => object;

const createAccelerator: Operation<Sdk.CreateAcceleratorRequest> = (state, input) => {
  const { Name, IpAddressType = 'IPV4', IpAddresses = [], Enabled = true, Tags = [] } = input;
  const id = ++state.count;
  const AcceleratorArn = `arn:aws:globalaccelerator::123456789012:accelerator/${created(id)}`;
  const given = IpAddresses.length > 0 ? IpAddresses : [`75.2.0.${id}`, `99.83.0.${id}`];
  const isDual = IpAddressType === 'DUAL_STACK';
  const made: Accelerator = {
    AcceleratorArn,
    Name,
    IpAddressType,
    Enabled,
    DnsName: `a${created(id).replaceAll('-', '')}.awsglobalaccelerator.com`,
    ...(isDual ? { DualStackDnsName: `a${created(id).replaceAll('-', '')}.dualstack.awsglobalaccelerator.com` } : {}),
    IpSets: [
      { IpFamily: 'IPv4', IpAddressFamily: 'IPv4', IpAddresses: given },
      ...(isDual ? [{ IpAddressFamily: 'IPv6' as const, IpAddresses: [`2600:9000::${id}`] }] : []),
    ],
    CreatedTime: new Date(1_700_000_000_000 + id),
    LastModifiedTime: new Date(),
    listeners: [],
    attributes: { FlowLogsEnabled: false },
    looks: state.slow,
  };
  state.accelerators.push(made);
  setTags(state, AcceleratorArn, Tags);
  return { Accelerator: shown(made) };
};

function shown(one: Accelerator): Sdk.Accelerator {
  const { listeners: _, attributes: _a, looks, ...facts } = one;
  return { ...facts, Status: looks > 0 ? 'IN_PROGRESS' : 'DEPLOYED' };
}

const describeAccelerator: Operation<Sdk.DescribeAcceleratorRequest> = (state, { AcceleratorArn }) => {
  const one = named(state.accelerators, 'AcceleratorArn', AcceleratorArn, 'Accelerator');
  const answer = { Accelerator: shown(one) };
  one.looks = Math.max(0, one.looks - 1);
  return answer;
};

const updateAccelerator: Operation<Sdk.UpdateAcceleratorRequest> = (state, { AcceleratorArn, ...changes }) => {
  const one = idle(state, AcceleratorArn);
  Object.assign(one, changes);
  return { Accelerator: shown(one) };
};

const deleteAccelerator: Operation<Sdk.DeleteAcceleratorRequest> = (state, { AcceleratorArn }) => {
  const one = named(state.accelerators, 'AcceleratorArn', AcceleratorArn, 'Accelerator');
  if (one.Enabled) throw new Refused('AcceleratorNotDisabledException', 'The accelerator must be disabled');
  if (one.listeners.length > 0) throw new Refused('AssociatedListenerFoundException', 'There is a listener');
  state.accelerators.splice(state.accelerators.indexOf(one), 1);
  return {};
};

const updateAttributes: Operation<Sdk.UpdateAcceleratorAttributesRequest> = (state, { AcceleratorArn, ...changes }) => {
  const one = named(state.accelerators, 'AcceleratorArn', AcceleratorArn, 'Accelerator');
  one.attributes = { ...one.attributes, ...changes };
  return { AcceleratorAttributes: one.attributes };
};

function clash(one: Accelerator, { Protocol, PortRanges = [] }: Sdk.Listener, but?: string): void {
  const others = one.listeners.filter((other) => other.Protocol === Protocol && other.ListenerArn !== but);
  for (const a of others.flatMap((other) => other.PortRanges ?? []))
    for (const b of PortRanges)
      if ((a.FromPort ?? 0) <= (b.ToPort ?? 0) && (b.FromPort ?? 0) <= (a.ToPort ?? 0))
        throw new Refused('InvalidPortRangeException', 'The ports are those of another listener');
}

const createListener: Operation<Sdk.CreateListenerRequest> = (state, input) => {
  const one = idle(state, input.AcceleratorArn);
  const { PortRanges, Protocol, ClientAffinity = 'NONE' } = input;
  clash(one, { PortRanges, Protocol });
  const ListenerArn = `${input.AcceleratorArn}/listener/${(++state.count).toString(16).padStart(8, '0')}`;
  one.listeners.push({ ListenerArn, PortRanges, Protocol, ClientAffinity, groups: [] });
  return { Listener: { ListenerArn, PortRanges, Protocol, ClientAffinity } };
};

const updateListener: Operation<Sdk.UpdateListenerRequest> = (state, { ListenerArn = '', ...changes }) => {
  const { accelerator, listener } = listenerOf(state, ListenerArn);
  clash(accelerator, { ...listener, ...changes }, ListenerArn);
  Object.assign(listener, changes);
  return { Listener: listener };
};

const deleteListener: Operation<Sdk.DeleteListenerRequest> = (state, { ListenerArn = '' }) => {
  const { accelerator, listener } = listenerOf(state, ListenerArn);
  if (listener.groups.length > 0)
    throw new Refused('AssociatedEndpointGroupFoundException', 'The listener has an endpoint group');
  accelerator.listeners.splice(accelerator.listeners.indexOf(listener), 1);
  return {};
};

/** An endpoint is of the region of its group, and one of another account needs an attachment. */
function endpoints(state: State, configurations: readonly Sdk.EndpointConfiguration[], region: string) {
  return configurations.map(({ EndpointId = '', Weight = 128, ClientIPPreservationEnabled = false, AttachmentArn }) => {
    const [, , , where = region, account = '123456789012'] = EndpointId.split(':');
    if (where !== region) throw new Refused('InvalidArgumentException', `${EndpointId} is not in ${region}`);
    const allowed = (state.shared.get(account) ?? []).some(
      (one) => one.AttachmentArn === AttachmentArn && one.EndpointId === EndpointId,
    );
    if (account !== '123456789012' && !allowed) throw new Refused('AccessDeniedException', 'No attachment allows it');
    return { EndpointId, Weight, ClientIPPreservationEnabled, HealthState: 'INITIAL' as const };
  });
}

const createEndpointGroup: Operation<Sdk.CreateEndpointGroupRequest> = (state, input) => {
  const { ListenerArn = '', EndpointGroupRegion = '', EndpointConfigurations = [], ...more } = input;
  const { listener } = listenerOf(state, ListenerArn);
  if (listener.groups.some((one) => one.EndpointGroupRegion === EndpointGroupRegion))
    throw new Refused('EndpointGroupAlreadyExistsException', 'There is one of this region');
  const { IdempotencyToken: _, ...settings } = more;
  const made: Group = {
    EndpointGroupArn: `${ListenerArn}/endpoint-group/${(++state.count).toString(16).padStart(12, '0')}`,
    EndpointGroupRegion,
    TrafficDialPercentage: 100,
    HealthCheckPort: listener.PortRanges?.[0]?.FromPort,
    HealthCheckProtocol: 'TCP',
    HealthCheckIntervalSeconds: 30,
    ThresholdCount: 3,
    ...settings,
    EndpointDescriptions: endpoints(state, EndpointConfigurations, EndpointGroupRegion),
  };
  listener.groups.push(made);
  return { EndpointGroup: made };
};

const updateEndpointGroup: Operation<Sdk.UpdateEndpointGroupRequest> = (state, input) => {
  const { EndpointGroupArn = '', EndpointConfigurations, ...settings } = input;
  const { group } = groupOf(state, EndpointGroupArn);
  Object.assign(group, settings);
  if (EndpointConfigurations)
    group.EndpointDescriptions = endpoints(state, EndpointConfigurations, group.EndpointGroupRegion ?? '');
  return { EndpointGroup: group };
};

const deleteEndpointGroup: Operation<Sdk.DeleteEndpointGroupRequest> = (state, { EndpointGroupArn = '' }) => {
  const { listener, group } = groupOf(state, EndpointGroupArn);
  listener.groups.splice(listener.groups.indexOf(group), 1);
  return {};
};

const createAttachment: Operation<Sdk.CreateCrossAccountAttachmentRequest> = (state, input) => {
  const { Name, Principals = [], Resources = [], Tags = [] } = input;
  const id = ++state.count;
  const AttachmentArn = `arn:aws:globalaccelerator::123456789012:attachment/${created(id)}`;
  const made = { AttachmentArn, Name, Principals, Resources, CreatedTime: new Date(1_700_000_000_000 + id) };
  state.attachments.push(made);
  setTags(state, AttachmentArn, Tags);
  return { CrossAccountAttachment: made };
};

const updateAttachment: Operation<Sdk.UpdateCrossAccountAttachmentRequest> = (state, input) => {
  const one = named(state.attachments, 'AttachmentArn', input.AttachmentArn, 'Attachment');
  const { AddPrincipals = [], RemovePrincipals = [], AddResources = [], RemoveResources = [] } = input;
  one.Principals = [...(one.Principals ?? []).filter((name) => !RemovePrincipals.includes(name)), ...AddPrincipals];
  const gone = RemoveResources.map((resource) => resource.EndpointId);
  one.Resources = [...(one.Resources ?? []).filter(({ EndpointId }) => !gone.includes(EndpointId)), ...AddResources];
  return { CrossAccountAttachment: one };
};

/** What changes something; of an accelerator whose last change is still on its way only what has nothing to do with the edge. */
export const changes: Readonly<Record<string, Operation<never>>> = {
  ...customChanges,
  CreateAccelerator: createAccelerator,
  UpdateAccelerator: updateAccelerator,
  DeleteAccelerator: deleteAccelerator,
  UpdateAcceleratorAttributes: updateAttributes,
  CreateListener: createListener,
  UpdateListener: updateListener,
  DeleteListener: deleteListener,
  CreateEndpointGroup: createEndpointGroup,
  UpdateEndpointGroup: updateEndpointGroup,
  DeleteEndpointGroup: deleteEndpointGroup,
  CreateCrossAccountAttachment: createAttachment,
  UpdateCrossAccountAttachment: updateAttachment,
  DeleteCrossAccountAttachment(state, { AttachmentArn }: Sdk.DeleteCrossAccountAttachmentRequest) {
    const one = named(state.attachments, 'AttachmentArn', AttachmentArn, 'Attachment');
    state.attachments.splice(state.attachments.indexOf(one), 1);
    return {};
  },
  TagResource(state, { ResourceArn = '', Tags = [] }: Sdk.TagResourceRequest) {
    setTags(state, ResourceArn, Tags);
    return {};
  },
  UntagResource(state, { ResourceArn = '', TagKeys = [] }: Sdk.UntagResourceRequest) {
    for (const key of TagKeys) state.tags.get(ResourceArn)?.delete(key);
    return {};
  },
};

export const readings: Readonly<Record<string, Operation<never>>> = {
  ...customReadings,
  DescribeAccelerator: describeAccelerator,
  ListAccelerators: ({ accelerators }) => ({ Accelerators: accelerators.map(shown) }),
  DescribeAcceleratorAttributes: (state, { AcceleratorArn }: Sdk.DescribeAcceleratorAttributesRequest) => ({
    AcceleratorAttributes: named(state.accelerators, 'AcceleratorArn', AcceleratorArn, 'Accelerator').attributes,
  }),
  ListListeners: (state, { AcceleratorArn }: Sdk.ListListenersRequest) => ({
    Listeners: named(state.accelerators, 'AcceleratorArn', AcceleratorArn, 'Accelerator').listeners.map(
      ({ ListenerArn, PortRanges, Protocol, ClientAffinity }) => ({
        ListenerArn,
        PortRanges,
        Protocol,
        ClientAffinity,
      }),
    ),
  }),
  ListEndpointGroups: (state, { ListenerArn = '' }: Sdk.ListEndpointGroupsRequest) => ({
    EndpointGroups: listenerOf(state, ListenerArn, false).listener.groups,
  }),
  ListCrossAccountAttachments: (state) => ({ CrossAccountAttachments: state.attachments }),
  DescribeCrossAccountAttachment: (state, { AttachmentArn }: Sdk.DescribeCrossAccountAttachmentRequest) => ({
    CrossAccountAttachment: named(state.attachments, 'AttachmentArn', AttachmentArn, 'Attachment'),
  }),
  ListByoipCidrs: (state) => ({ ByoipCidrs: state.ranges }),
  ListCrossAccountResourceAccounts: (state) => ({ ResourceOwnerAwsAccountIds: [...state.shared.keys()] }),
  ListCrossAccountResources: (state, input: Sdk.ListCrossAccountResourcesRequest) => ({
    CrossAccountResources: state.shared.get(input.ResourceOwnerAwsAccountId ?? '') ?? [],
  }),
  ListTagsForResource: (state, { ResourceArn = '' }: Sdk.ListTagsForResourceRequest) => ({
    Tags: [...(state.tags.get(ResourceArn) ?? [])].map(([Key, Value]) => ({ Key, Value })),
  }),
};
