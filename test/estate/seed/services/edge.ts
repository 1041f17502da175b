import { account, homeRegion, type SiteEnvironment } from '../../sites.ts';
import type { StandIns } from '../../stand-ins.ts';
import type { ServiceClients } from './clients.ts';
import { secretsOf } from './secrets.ts';

/** Where aliases to accelerators lead (Route 53 API reference, AliasTarget). */
const acceleratorZone = 'Z2BJ6XQ5FK7U4H';

/** Of a load balancer, which nobody captures here. */
function balancerOf(site: SiteEnvironment): string {
  return `arn:aws:elasticloadbalancing:${homeRegion}:${account}:loadbalancer/app/${site.named('web')}/0123456789abcdef`;
}

/** An accelerator before a site, the record that leads to it, and an attachment that lends its load balancer to another account. */
export async function seedEdge(clients: ServiceClients, site: SiteEnvironment): Promise<void> {
  const { accelerator, route53 } = clients;
  const Tags = [{ Key: 'Site', Value: site.site.name }];
  const made = await accelerator.createAccelerator({ Name: site.named('edge'), IpAddressType: 'IPV4', Tags });
  const { AcceleratorArn, DnsName } = made.Accelerator ?? {};
  await accelerator.updateAcceleratorAttributes({
    AcceleratorArn,
    FlowLogsEnabled: true,
    FlowLogsS3Bucket: site.named('logs'),
    FlowLogsS3Prefix: 'edge/',
  });
  const PortRanges = [{ FromPort: 443, ToPort: 443 }];
  const { Listener } = await accelerator.createListener({ AcceleratorArn, Protocol: 'TCP', PortRanges });
  await accelerator.createEndpointGroup({
    ListenerArn: Listener?.ListenerArn,
    EndpointGroupRegion: homeRegion,
    EndpointConfigurations: [
      { EndpointId: balancerOf(site), Weight: 100, ClientIPPreservationEnabled: true },
      { EndpointId: 'eipalloc-0123456789abcdef0', Weight: 20 },
    ],
  });
  await accelerator.createCrossAccountAttachment({
    Name: site.named('lent'),
    Principals: ['999999999999'],
    Resources: [{ EndpointId: balancerOf(site), Region: homeRegion }],
    Tags,
  });
  const AliasTarget = { HostedZoneId: acceleratorZone, DNSName: `${DnsName}.`, EvaluateTargetHealth: false };
  const record = { Name: `edge.${site.site.domain}.`, Type: 'A', AliasTarget } as const;
  await route53.changeResourceRecordSets({
    HostedZoneId: await zoneOf(clients, site),
    ChangeBatch: { Changes: [{ Action: 'CREATE', ResourceRecordSet: record }] },
  });
}

/** The site's domain, registered and led to its zone, with people behind it. */
export async function seedDomain(
  clients: ServiceClients,
  site: SiteEnvironment,
  { domains }: StandIns['made'],
): Promise<void> {
  const { DelegationSet } = await clients.route53.getHostedZone({ Id: await zoneOf(clients, site) });
  const { registrant, transferCode } = secretsOf(site);
  const DomainName = site.site.domain;
  const contact = {
    FirstName: 'Ada',
    LastName: registrant,
    AddressLine1: `${registrant} road`,
    PhoneNumber: '+1.2065550142',
    Email: `${registrant}@example.net`,
  };
  domains.domains.push({
    DomainName,
    Nameservers: (DelegationSet?.NameServers ?? []).map((Name) => ({ Name })),
    AutoRenew: true,
    StatusList: ['clientTransferProhibited'],
    RegistrarName: 'Amazon Registrar, Inc.',
    CreationDate: new Date(Date.UTC(2020, 0, 1)),
    ExpirationDate: new Date(Date.UTC(2036, 0, 1)),
    AuthInfo: transferCode,
    AdminContact: contact,
    RegistrantContact: contact,
    TechContact: contact,
    AdminPrivacy: true,
  } as never);
  domains.tags.set(DomainName, new Map([['Site', site.site.name]]));
}

async function zoneOf({ route53 }: ServiceClients, { site }: SiteEnvironment): Promise<string> {
  const { HostedZones = [] } = await route53.listHostedZonesByName({ DNSName: site.domain, MaxItems: 1 });
  return HostedZones[0]?.Id?.replace('/hostedzone/', '') ?? '';
}
