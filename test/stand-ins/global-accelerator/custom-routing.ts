import type * as Sdk from '@aws-sdk/client-global-accelerator';
import { created, named, setTags } from './places.ts';
import { Refused, type CustomAccelerator, type CustomGroup, type CustomListener, type State } from './state.ts';

type Operation<Input> = (state: State, input: Input) => object;

/** Addresses that every subnet has. */
const addresses = ['10.0.0.4', '10.0.0.5', '10.0.0.6'];

function shown(one: CustomAccelerator): Sdk.CustomRoutingAccelerator {
  const { listeners: _, attributes: _a, looks, ...facts } = one;
  return { ...facts, Status: looks > 0 ? 'IN_PROGRESS' : 'DEPLOYED' };
}

function acceleratorOf(state: State, arn = ''): CustomAccelerator {
  return named(state.customRouting, 'AcceleratorArn', arn.split('/listener/')[0], 'Accelerator');
}

/** About to be changed: the change before has reached the edge. */
function idle(state: State, arn: string | undefined): CustomAccelerator {
  const one = acceleratorOf(state, arn);
  if (one.looks > 0) throw new Refused('TransactionInProgressException', 'The accelerator is being changed');
  one.looks = state.slow;
  return one;
}

function listenerOf(one: CustomAccelerator, arn = ''): CustomListener {
  return named(one.listeners, 'ListenerArn', arn.split('/endpoint-group/')[0], 'Listener');
}

function groupOf(one: CustomAccelerator, arn = ''): CustomGroup {
  return named(listenerOf(one, arn).groups, 'EndpointGroupArn', arn, 'EndpointGroup');
}

const create: Operation<Sdk.CreateCustomRoutingAcceleratorRequest> = (state, input) => {
  const { Name, IpAddressType = 'IPV4', IpAddresses = [], Enabled = true, Tags = [] } = input;
  if (IpAddressType !== 'IPV4') throw new Refused('InvalidArgumentException', 'Custom routing is IPV4 only');
  const id = ++state.count;
  const AcceleratorArn = `arn:aws:globalaccelerator::123456789012:accelerator/${created(id)}`;
  const given = IpAddresses.length > 0 ? IpAddresses : [`75.2.1.${id}`, `99.83.1.${id}`];
  const made: CustomAccelerator = {
    AcceleratorArn,
    Name,
    IpAddressType,
    Enabled,
    DnsName: `c${created(id).replaceAll('-', '')}.awsglobalaccelerator.com`,
    IpSets: [{ IpAddressFamily: 'IPv4', IpAddresses: given }],
    CreatedTime: new Date(1_700_000_000_000 + id),
    listeners: [],
    attributes: { FlowLogsEnabled: false },
    looks: state.slow,
  };
  state.customRouting.push(made);
  setTags(state, AcceleratorArn, Tags);
  return { Accelerator: shown(made) };
};

/** Which of a subnet may get traffic, by address and port. */
function say(state: State, input: Sdk.AllowCustomRoutingTrafficRequest, all: boolean | undefined, isAllowed: boolean) {
  const { EndpointGroupArn, EndpointId = '', DestinationAddresses = [], DestinationPorts } = input;
  const group = groupOf(acceleratorOf(state, EndpointGroupArn), EndpointGroupArn);
  named(group.EndpointDescriptions ?? [], 'EndpointId', EndpointId, 'Endpoint');
  if (all === true && DestinationAddresses.length > 0)
    throw new Refused('InvalidArgumentException', 'All, or some addresses');
  if (DestinationAddresses.some((one) => !addresses.includes(one)))
    throw new Refused('InvalidArgumentException', 'The address is not in the subnet');
  for (const address of all === true ? addresses : DestinationAddresses)
    for (const port of portsOf(group)) {
      if (DestinationPorts && !DestinationPorts.includes(port)) continue;
      const socket = `${EndpointId} ${address} ${port}`;
      if (isAllowed) group.allowed.add(socket);
      else group.allowed.delete(socket);
    }
  return {};
}

function portsOf({ DestinationDescriptions = [] }: CustomGroup): number[] {
  return DestinationDescriptions.flatMap(({ FromPort = 0, ToPort = 0 }) =>
    Array.from({ length: ToPort - FromPort + 1 }, (_, i) => FromPort + i),
  );
}

function mappings(one: CustomAccelerator): Sdk.PortMapping[] {
  return one.listeners.flatMap(({ PortRanges = [], groups }) => {
    let port = PortRanges[0]?.FromPort ?? 0;
    return groups.flatMap((group) =>
      (group.EndpointDescriptions ?? []).flatMap(({ EndpointId }) =>
        addresses.flatMap((IpAddress) =>
          portsOf(group).map((Port): Sdk.PortMapping => ({
            AcceleratorPort: port++,
            EndpointGroupArn: group.EndpointGroupArn,
            EndpointId,
            DestinationSocketAddress: { IpAddress, Port },
            DestinationTrafficState: group.allowed.has(`${EndpointId} ${IpAddress} ${Port}`) ? 'ALLOW' : 'DENY',
          })),
        ),
      ),
    );
  });
}

export const customChanges: Readonly<Record<string, Operation<never>>> = {
  CreateCustomRoutingAccelerator: create,
  UpdateCustomRoutingAccelerator(state, { AcceleratorArn, ...more }: Sdk.UpdateCustomRoutingAcceleratorRequest) {
    return { Accelerator: shown(Object.assign(idle(state, AcceleratorArn), more)) };
  },
  DeleteCustomRoutingAccelerator(state, { AcceleratorArn }: Sdk.DeleteCustomRoutingAcceleratorRequest) {
    const one = acceleratorOf(state, AcceleratorArn);
    if (one.Enabled) throw new Refused('AcceleratorNotDisabledException', 'The accelerator must be disabled');
    if (one.listeners.length > 0) throw new Refused('AssociatedListenerFoundException', 'There is a listener');
    state.customRouting.splice(state.customRouting.indexOf(one), 1);
    return {};
  },
  UpdateCustomRoutingAcceleratorAttributes(state, input: Sdk.UpdateCustomRoutingAcceleratorAttributesRequest) {
    const { AcceleratorArn, ...changes } = input;
    return { AcceleratorAttributes: Object.assign(acceleratorOf(state, AcceleratorArn).attributes, changes) };
  },
  CreateCustomRoutingListener(state, { AcceleratorArn, PortRanges }: Sdk.CreateCustomRoutingListenerRequest) {
    const one = idle(state, AcceleratorArn);
    const ListenerArn = `${AcceleratorArn}/listener/${(++state.count).toString(16).padStart(8, '0')}`;
    one.listeners.push({ ListenerArn, PortRanges, groups: [] });
    return { Listener: { ListenerArn, PortRanges } };
  },
  UpdateCustomRoutingListener(state, { ListenerArn, PortRanges }: Sdk.UpdateCustomRoutingListenerRequest) {
    const listener = listenerOf(idle(state, ListenerArn), ListenerArn);
    return { Listener: Object.assign(listener, { PortRanges }) };
  },
  DeleteCustomRoutingListener(state, { ListenerArn }: Sdk.DeleteCustomRoutingListenerRequest) {
    const one = idle(state, ListenerArn);
    const listener = listenerOf(one, ListenerArn);
    if (listener.groups.length > 0) throw new Refused('AssociatedEndpointGroupFoundException', 'There is a group');
    one.listeners.splice(one.listeners.indexOf(listener), 1);
    return {};
  },
  CreateCustomRoutingEndpointGroup(state, input: Sdk.CreateCustomRoutingEndpointGroupRequest) {
    const { ListenerArn, EndpointGroupRegion, DestinationConfigurations = [] } = input;
    const { groups } = listenerOf(idle(state, ListenerArn), ListenerArn);
    if (groups.some((one) => one.EndpointGroupRegion === EndpointGroupRegion))
      throw new Refused('EndpointGroupAlreadyExistsException', 'There is one of this region');
    const made: CustomGroup = {
      EndpointGroupArn: `${ListenerArn}/endpoint-group/${(++state.count).toString(16).padStart(12, '0')}`,
      EndpointGroupRegion,
      DestinationDescriptions: DestinationConfigurations,
      EndpointDescriptions: [],
      allowed: new Set(),
    };
    groups.push(made);
    return { EndpointGroup: { ...made, allowed: undefined } };
  },
  DeleteCustomRoutingEndpointGroup(state, { EndpointGroupArn }: Sdk.DeleteCustomRoutingEndpointGroupRequest) {
    const one = idle(state, EndpointGroupArn);
    const { groups } = listenerOf(one, EndpointGroupArn);
    groups.splice(groups.indexOf(groupOf(one, EndpointGroupArn)), 1);
    return {};
  },
  AddCustomRoutingEndpoints(state, input: Sdk.AddCustomRoutingEndpointsRequest) {
    const { EndpointGroupArn, EndpointConfigurations = [] } = input;
    const group = groupOf(idle(state, EndpointGroupArn), EndpointGroupArn);
    const more = EndpointConfigurations.map(({ EndpointId }) => ({ EndpointId }));
    group.EndpointDescriptions = [...(group.EndpointDescriptions ?? []), ...more];
    return { EndpointDescriptions: more };
  },
  RemoveCustomRoutingEndpoints(state, input: Sdk.RemoveCustomRoutingEndpointsRequest) {
    const { EndpointGroupArn, EndpointIds = [] } = input;
    const group = groupOf(idle(state, EndpointGroupArn), EndpointGroupArn);
    const left = (group.EndpointDescriptions ?? []).filter(({ EndpointId = '' }) => !EndpointIds.includes(EndpointId));
    group.EndpointDescriptions = left;
    return {};
  },
  AllowCustomRoutingTraffic: (state, input: Sdk.AllowCustomRoutingTrafficRequest) =>
    say(state, input, input.AllowAllTrafficToEndpoint, true),
  DenyCustomRoutingTraffic: (state, input: Sdk.DenyCustomRoutingTrafficRequest) =>
    say(state, input, input.DenyAllTrafficToEndpoint, false),
};

export const customReadings: Readonly<Record<string, Operation<never>>> = {
  DescribeCustomRoutingAccelerator(state, { AcceleratorArn }: Sdk.DescribeCustomRoutingAcceleratorRequest) {
    const one = acceleratorOf(state, AcceleratorArn);
    const answer = { Accelerator: shown(one) };
    one.looks = Math.max(0, one.looks - 1);
    return answer;
  },
  ListCustomRoutingAccelerators: ({ customRouting }) => ({ Accelerators: customRouting.map(shown) }),
  DescribeCustomRoutingAcceleratorAttributes: (
    state,
    input: Sdk.DescribeCustomRoutingAcceleratorAttributesRequest,
  ) => ({
    AcceleratorAttributes: acceleratorOf(state, input.AcceleratorArn).attributes,
  }),
  ListCustomRoutingListeners: (state, { AcceleratorArn }: Sdk.ListCustomRoutingListenersRequest) => ({
    Listeners: acceleratorOf(state, AcceleratorArn).listeners.map(({ ListenerArn, PortRanges }) => ({
      ListenerArn,
      PortRanges,
    })),
  }),
  ListCustomRoutingEndpointGroups: (state, { ListenerArn }: Sdk.ListCustomRoutingEndpointGroupsRequest) => ({
    EndpointGroups: listenerOf(acceleratorOf(state, ListenerArn), ListenerArn).groups.map((group) => ({
      ...group,
      allowed: undefined,
    })),
  }),
  ListCustomRoutingPortMappings: (state, { AcceleratorArn }: Sdk.ListCustomRoutingPortMappingsRequest) => ({
    PortMappings: mappings(acceleratorOf(state, AcceleratorArn)),
  }),
};
