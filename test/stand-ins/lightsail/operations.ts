import type * as Sdk from '@aws-sdk/client-lightsail';
import { Refused, type Region, type State } from './state.ts';

export interface Place {
  readonly state: State;
  readonly region: Region;
  readonly regionName: string;
}

export type Operation<Input, Output> = (place: Place, input: Input) => Output;

const missing = (what: string): never => {
  throw new Refused('NotFoundException', `The ${what} does not exist.`);
};

const invalid = (message: string): never => {
  throw new Refused('InvalidInputException', message);
};

function arn({ state, regionName }: Place, kind: string): string {
  return `arn:aws:lightsail:${regionName}:123456789012:${kind}/${++state.count}-0000`;
}

function named<Item extends { name?: string | undefined }>(items: readonly Item[], name: string | undefined): Item {
  return items.find((one) => one.name === name) ?? missing(`resource ${name}`);
}

function drop(items: { name?: string | undefined }[], name: string | undefined): void {
  items.splice(items.indexOf(named(items, name)), 1);
}

const getInstancePortStates: Operation<Sdk.GetInstancePortStatesRequest, Sdk.GetInstancePortStatesResult> = (
  { region },
  { instanceName = '' },
) => {
  named(region.instances, instanceName);
  return { portStates: region.ports.get(instanceName) ?? [] };
};

const putInstancePublicPorts: Operation<Sdk.PutInstancePublicPortsRequest, Sdk.PutInstancePublicPortsResult> = (
  { region },
  { instanceName = '', portInfos = [] },
) => {
  named(region.instances, instanceName);
  region.ports.set(
    instanceName,
    portInfos.map((one) => ({ cidrListAliases: [], ipv6Cidrs: [], ...one, state: 'open' })),
  );
  return {};
};

const allocateStaticIp: Operation<Sdk.AllocateStaticIpRequest, Sdk.AllocateStaticIpResult> = (
  place,
  { staticIpName: name = '' },
) => {
  const { region, state } = place;
  if (region.staticIps.some((one) => one.name === name)) invalid('Some names are already in use');
  region.staticIps.push({
    name,
    arn: arn(place, 'StaticIp'),
    ipAddress: `203.0.113.${++state.count}`,
    isAttached: false,
  });
  return {};
};

const attachStaticIp: Operation<Sdk.AttachStaticIpRequest, Sdk.AttachStaticIpResult> = ({ region }, input) => {
  const one = named(region.staticIps, input.staticIpName);
  named(region.instances, input.instanceName);
  if (one.isAttached) invalid('The static IP is attached already');
  if (region.staticIps.some(({ attachedTo }) => attachedTo === input.instanceName)) invalid('The instance has one');
  Object.assign(one, { isAttached: true, attachedTo: input.instanceName });
  return {};
};

const detachStaticIp: Operation<Sdk.DetachStaticIpRequest, Sdk.DetachStaticIpResult> = ({ region }, input) => {
  const one = named(region.staticIps, input.staticIpName);
  if (!one.isAttached) invalid('The static IP is not attached');
  Object.assign(one, { isAttached: false, attachedTo: undefined });
  return {};
};

const createDomain: Operation<Sdk.CreateDomainRequest, Sdk.CreateDomainResult> = (place, { domainName, tags }) => {
  const { region, state } = place;
  const name = domainName ?? '';
  if (region.domains.some((one) => one.name === name)) invalid('Some names are already in use');
  const domainEntries = ['NS', 'SOA'].map((type) => ({
    id: String(++state.count),
    name,
    type,
    target: `ns-${state.count}.example.net`,
    isAlias: false,
  }));
  region.domains.push({ name, arn: arn(place, 'Domain'), tags: tags ?? [], domainEntries });
  return {};
};

const createDomainEntry: Operation<Sdk.CreateDomainEntryRequest, Sdk.CreateDomainEntryResult> = (
  { region, state },
  { domainName, domainEntry = {} },
) => {
  const domain = named(region.domains, domainName);
  domain.domainEntries = [
    ...(domain.domainEntries ?? []),
    { isAlias: false, ...domainEntry, id: String(++state.count) },
  ];
  return {};
};

const deleteDomainEntry: Operation<Sdk.DeleteDomainEntryRequest, Sdk.DeleteDomainEntryResult> = (
  { region },
  { domainName, domainEntry = {} },
) => {
  const domain = named(region.domains, domainName);
  const { name, type, target } = domainEntry;
  const left = (domain.domainEntries ?? []).filter(
    (one) => one.name !== name || one.type !== type || one.target !== target,
  );
  if (left.length === domain.domainEntries?.length) missing('domain entry');
  domain.domainEntries = left;
  return {};
};

const putAlarm: Operation<Sdk.PutAlarmRequest, Sdk.PutAlarmResult> = (place, input) => {
  const { alarmName: name, monitoredResourceName = '', notificationEnabled = true, tags, ...facts } = input;
  const { region } = place;
  const monitored = named([...region.instances, ...region.relationalDatabases], monitoredResourceName);
  const old = region.alarms.find((one) => one.name === name);
  const made: Sdk.Alarm = {
    name,
    arn: old?.arn ?? arn(place, 'Alarm'),
    createdAt: new Date(),
    state: 'INSUFFICIENT_DATA',
    period: 300,
    statistic: 'Average',
    unit: 'Percent',
    datapointsToAlarm: facts.evaluationPeriods,
    treatMissingData: 'missing',
    ...facts,
    notificationEnabled,
    monitoredResourceInfo: { name: monitoredResourceName, arn: monitored.arn, resourceType: 'Instance' },
    tags: old?.tags ?? tags ?? [],
  };
  if (old) Object.assign(old, made);
  else region.alarms.push(made);
  return {};
};

const createContactMethod: Operation<Sdk.CreateContactMethodRequest, Sdk.CreateContactMethodResult> = (
  place,
  input,
) => {
  const { contactMethods } = place.region;
  const { protocol, contactEndpoint } = input;
  if (contactMethods.some((one) => one.protocol === protocol)) invalid('There is one already');
  contactMethods.push({
    protocol,
    contactEndpoint,
    name: protocol,
    arn: arn(place, 'ContactMethod'),
    status: 'PendingVerification',
  });
  return {};
};

function tagged({ region }: Place, name: string | undefined): { tags?: Sdk.Tag[] | undefined } {
  const { domains, alarms, instances, disks, instanceSnapshots, diskSnapshots } = region;
  return (
    [...domains, ...alarms, ...instances, ...disks, ...instanceSnapshots, ...diskSnapshots].find(
      (one) => one.name === name,
    ) ?? missing('resource')
  );
}

const tagResource: Operation<Sdk.TagResourceRequest, Sdk.TagResourceResult> = (place, { resourceName, tags = [] }) => {
  const one = tagged(place, resourceName);
  one.tags = [...(one.tags ?? []).filter(({ key }) => !tags.some((tag) => tag.key === key)), ...tags];
  return {};
};

const untagResource: Operation<Sdk.UntagResourceRequest, Sdk.UntagResourceResult> = (
  place,
  { resourceName, tagKeys = [] },
) => {
  const one = tagged(place, resourceName);
  one.tags = (one.tags ?? []).filter(({ key = '' }) => !tagKeys.includes(key));
  return {};
};

/** Operations that are no listing. */
export const operations: Readonly<Record<string, Operation<never, object>>> = {
  GetInstancePortStates: getInstancePortStates,
  PutInstancePublicPorts: putInstancePublicPorts,
  AllocateStaticIp: allocateStaticIp,
  AttachStaticIp: attachStaticIp,
  DetachStaticIp: detachStaticIp,
  CreateDomain: createDomain,
  CreateDomainEntry: createDomainEntry,
  DeleteDomainEntry: deleteDomainEntry,
  PutAlarm: putAlarm,
  CreateContactMethod: createContactMethod,
  TagResource: tagResource,
  UntagResource: untagResource,
  GetStaticIp: ({ region }, { staticIpName }: Sdk.GetStaticIpRequest) => ({
    staticIp: named(region.staticIps, staticIpName),
  }),
  ReleaseStaticIp: ({ region }, { staticIpName }: Sdk.ReleaseStaticIpRequest) => (
    drop(region.staticIps, staticIpName),
    {}
  ),
  GetDomain: ({ region }, { domainName }: Sdk.GetDomainRequest) => ({ domain: named(region.domains, domainName) }),
  DeleteDomain: ({ region }, { domainName }: Sdk.DeleteDomainRequest) => (drop(region.domains, domainName), {}),
  DeleteAlarm: ({ region }, { alarmName }: Sdk.DeleteAlarmRequest) => (drop(region.alarms, alarmName), {}),
  GetAutoSnapshots: ({ region }, { resourceName = '' }: Sdk.GetAutoSnapshotsRequest) => ({
    resourceName,
    autoSnapshots: region.autoSnapshots.get(resourceName) ?? [],
  }),
  GetRelationalDatabaseParameters: ({ region }, input: Sdk.GetRelationalDatabaseParametersRequest) => ({
    parameters: region.parameters.get(input.relationalDatabaseName ?? '') ?? [],
  }),
  GetLoadBalancer: ({ region }, { loadBalancerName }: Sdk.GetLoadBalancerRequest) => ({
    loadBalancer: named(region.loadBalancers, loadBalancerName),
  }),
  GetLoadBalancerTlsCertificates: (
    { region },
    { loadBalancerName = '' }: Sdk.GetLoadBalancerTlsCertificatesRequest,
  ) => ({
    tlsCertificates: region.tlsCertificates.get(loadBalancerName) ?? [],
  }),
  GetContainerImages: ({ region }, { serviceName = '' }: Sdk.GetContainerImagesRequest) => ({
    containerImages: region.images.get(serviceName) ?? [],
  }),
};
