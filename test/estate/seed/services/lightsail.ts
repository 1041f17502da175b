import { regionOf } from '../../../stand-ins/lightsail/state.ts';
import { account, homeRegion, type SiteEnvironment } from '../../sites.ts';
import type { StandIns } from '../../stand-ins.ts';
import type { ServiceClients } from './clients.ts';
import { secretsOf } from './secrets.ts';

/** A region, and one where the instance was made by hand, as Holdfast asks for where it has no recovery point of it. */
const regions = [homeRegion, 'eu-west-1'];

/** A blog: its instance with ports, an address and an alarm, a zone that leads to the address, and a container with a variable. */
export async function seedLightsail(
  { lightsail }: ServiceClients,
  site: SiteEnvironment,
  { lightsail: state }: StandIns['made'],
): Promise<void> {
  const instanceName = site.named('blog');
  const tags = [{ key: 'Site', value: site.site.name }];
  for (const region of regions)
    regionOf(state, region).instances.push({
      name: instanceName,
      arn: `arn:aws:lightsail:${region}:${account}:Instance/${instanceName}`,
      tags,
      blueprintId: 'wordpress',
      bundleId: 'small_3_0',
      state: { code: 16, name: 'running' },
    });
  const containerServiceName = site.named('shop');
  const environment = { TOKEN: secretsOf(site).container };
  regionOf(state, homeRegion).containerServices.push({
    containerServiceName,
    arn: `arn:aws:lightsail:${homeRegion}:${account}:ContainerService/${containerServiceName}`,
    power: 'nano',
    scale: 1,
    currentDeployment: { version: 1, containers: { app: { image: 'nginx:1', environment, ports: { '80': 'HTTP' } } } },
    tags,
  });
  const open = { fromPort: 443, toPort: 443, protocol: 'tcp', cidrs: ['0.0.0.0/0'] } as const;
  await lightsail.putInstancePublicPorts({ instanceName, portInfos: [{ ...open, cidrs: [...open.cidrs] }] });
  const staticIpName = site.named('blog-ip');
  await lightsail.allocateStaticIp({ staticIpName });
  await lightsail.attachStaticIp({ staticIpName, instanceName });
  const { staticIp } = await lightsail.getStaticIp({ staticIpName });
  const domainName = `blog-${site.site.domain}`;
  await lightsail.createDomain({ domainName, tags });
  const domainEntry = { name: `www.${domainName}`, type: 'A', target: staticIp?.ipAddress };
  await lightsail.createDomainEntry({ domainName, domainEntry });
  await lightsail.putAlarm({
    alarmName: site.named('busy'),
    metricName: 'CPUUtilization',
    monitoredResourceName: instanceName,
    comparisonOperator: 'GreaterThanThreshold',
    threshold: 80,
    evaluationPeriods: 2,
    contactProtocols: ['Email'],
    notificationTriggers: ['ALARM'],
    tags,
  });
}

/** A region has one mail address that alarms go to: that of the first site. */
export async function seedContact({ lightsail }: ServiceClients, site: SiteEnvironment | undefined): Promise<void> {
  if (site === undefined) return;
  const contactEndpoint = `${secretsOf(site).contact}@example.net`;
  await lightsail.createContactMethod({ protocol: 'Email', contactEndpoint });
}
