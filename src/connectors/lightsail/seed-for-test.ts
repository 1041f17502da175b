import type { Lightsail } from '@aws-sdk/client-lightsail';
import { regionOf, type State } from '../../../test/stand-ins/lightsail/state.ts';

export const secret = 'shared-with-containers-only';
const tags = [{ key: 'site', value: 'acme' }];
const arn = (kind: string, name: string): string => `arn:aws:lightsail:us-east-1:123456789012:${kind}/${name}`;
const at = (day: number): Date => new Date(Date.UTC(2026, 0, day));

/** What Lightsail would have, and no call that Holdfast makes could create. */
export function seedContents(state: State): void {
  const region = regionOf(state, 'us-east-1');
  for (const name of ['shop', 'blog', 'wiki'])
    region.instances.push({
      name,
      arn: arn('Instance', name),
      tags,
      createdAt: at(1),
      blueprintId: 'wordpress',
      bundleId: 'small_3_0',
      sshKeyName: 'main',
      publicIpAddress: '198.51.100.1',
      state: { code: 16, name: 'running' },
      addOns: [{ name: 'AutoSnapshot', status: 'Enabled', snapshotTimeOfDay: '06:00', nextSnapshotTimeOfDay: '06:00' }],
      hardware: { cpuCount: 1, ramSizeInGb: 2, disks: [{ name: 'data', path: '/dev/xvdf', gbInUse: 3 }] },
      networking: { monthlyTransfer: { gbPerMonthAllocated: 2048 }, ports: [{ fromPort: 22, toPort: 22 }] },
    });
  for (const [name, day] of [['shop-old', 2] as const, ['shop-new', 9] as const])
    region.instanceSnapshots.push({
      name,
      createdAt: at(day),
      state: 'available',
      fromInstanceName: 'shop',
      sizeInGb: 60,
    });
  region.autoSnapshots.set('blog', [{ date: '2026-01-08', createdAt: at(8), status: 'Success' }]);
  region.disks.push({ name: 'data', arn: arn('Disk', 'data'), sizeInGb: 32, attachedTo: 'shop', path: '/dev/xvdf' });
  region.disks.push({ name: 'system', arn: arn('Disk', 'system'), isSystemDisk: true });
  region.diskSnapshots.push({ name: 'data-1', createdAt: at(3), state: 'completed', fromDiskName: 'data' });
  region.relationalDatabases.push({
    name: 'orders',
    arn: arn('RelationalDatabase', 'orders'),
    engine: 'mysql',
    masterUsername: 'admin',
    latestRestorableTime: at(9),
    tags,
  });
  region.parameters.set('orders', [
    { parameterName: 'max_connections', parameterValue: '100', isModifiable: true, applyMethod: 'immediate' },
    { parameterName: 'basedir', parameterValue: '/rdsdbbin', isModifiable: false },
  ]);
  region.relationalDatabaseSnapshots.push({
    name: 'orders-1',
    createdAt: at(4),
    state: 'available',
    fromRelationalDatabaseName: 'orders',
  });
  region.loadBalancers.push({
    name: 'front',
    arn: arn('LoadBalancer', 'front'),
    instancePort: 80,
    instanceHealthSummary: [{ instanceName: 'shop', instanceHealth: 'healthy' }],
  });
  region.tlsCertificates.set('front', [{ name: 'front-1', domainName: 'example.com', isAttached: true }]);
  region.distributions.push({ name: 'cdn', arn: arn('Distribution', 'cdn'), domainName: 'd1.cloudfront.net' });
  region.certificates.push({
    certificateArn: arn('Certificate', 'c'),
    certificateName: 'c',
    domainName: 'example.com',
  });
  region.buckets.push({ name: 'media', arn: arn('Bucket', 'media'), objectVersioning: 'Enabled', tags });
  region.keyPairs.push({ name: 'main', arn: arn('KeyPair', 'main'), fingerprint: 'ab:cd' });
  region.containerServices.push({
    containerServiceName: 'api',
    arn: arn('ContainerService', 'api'),
    power: 'nano',
    scale: 1,
    currentDeployment: {
      version: 3,
      containers: { app: { image: ':api.app.1', environment: { TOKEN: secret }, ports: { '80': 'HTTP' } } },
      publicEndpoint: { containerName: 'app', containerPort: 80 },
    },
  });
  region.images.set('api', [{ image: ':api.app.1', digest: 'sha256:1', createdAt: at(5) }]);
}

/** What is restored live, made through the SDK. */
export async function seedLive(client: Lightsail): Promise<void> {
  for (const instanceName of ['shop', 'blog', 'wiki'])
    await client.putInstancePublicPorts({
      instanceName,
      portInfos: [
        { fromPort: 443, toPort: 443, protocol: 'tcp', cidrs: ['0.0.0.0/0'] },
        { fromPort: 22, toPort: 22, protocol: 'tcp', cidrs: ['192.0.2.0/24', '10.0.0.0/8'] },
      ],
    });
  for (const staticIpName of ['shop-ip', 'spare-ip', 'blog-ip']) await client.allocateStaticIp({ staticIpName });
  await client.attachStaticIp({ staticIpName: 'shop-ip', instanceName: 'shop' });
  await client.attachStaticIp({ staticIpName: 'blog-ip', instanceName: 'blog' });
  const { staticIp } = await client.getStaticIp({ staticIpName: 'shop-ip' });
  for (const domainName of ['example.com', 'example.org']) {
    await client.createDomain({ domainName, tags });
    const domainEntry = { name: `www.${domainName}`, type: 'A', target: staticIp?.ipAddress };
    await client.createDomainEntry({ domainName, domainEntry });
  }
  await client.createContactMethod({ protocol: 'Email', contactEndpoint: 'ops@example.com' });
  for (const [alarmName, notificationEnabled] of [['busy', true] as const, ['quiet', false] as const])
    await client.putAlarm({
      alarmName,
      metricName: 'CPUUtilization',
      monitoredResourceName: 'shop',
      comparisonOperator: 'GreaterThanThreshold',
      threshold: 80,
      evaluationPeriods: 2,
      contactProtocols: ['Email'],
      notificationTriggers: ['ALARM'],
      notificationEnabled,
      tags,
    });
}
