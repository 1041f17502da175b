import {
  ChangeResourceRecordSetsCommand,
  ChangeTagsForResourceCommand,
  CreateHealthCheckCommand,
  CreateHostedZoneCommand,
  type Change,
  type HealthCheckConfig,
  type ResourceRecordSet,
  type Route53Client,
} from '@aws-sdk/client-route-53';
import { numberOf } from '../deterministic.ts';
import { inParallel } from '../parallel.ts';
import { homeRegion, sitesOf, type EstateSize, type Site } from '../sites.ts';
import { recordsOf, type HealthChecks } from './records.ts';

const atOnce = 6;
const changesPerBatch = 100;

export interface ZoneSpec {
  readonly name: string;
  readonly site?: Site;
  readonly kind: 'apex' | 'staging' | 'internal' | 'parked' | 'shared';
}

/** Five zones per site and a shared one: 16. `small` is three of them: Route 53 is read at five calls per second. */
export function zonesOf(size: EstateSize): readonly ZoneSpec[] {
  const ofSites = sitesOf(size).flatMap((site): ZoneSpec[] => [
    { name: site.domain, site, kind: 'apex' },
    { name: `staging.${site.domain}`, site, kind: 'staging' },
    { name: `${site.name}.internal`, site, kind: 'internal' },
    { name: `${site.name}-tickets.com`, site, kind: 'parked' },
    { name: `${site.name}.app`, site, kind: 'parked' },
  ]);
  const kept = size === 'full' ? ofSites : ofSites.filter(({ kind }) => kind === 'apex' || kind === 'internal');
  return [...kept, { name: 'acme-shared.net', kind: 'shared' }];
}

export async function seedRoute53(route53: Route53Client, size: EstateSize): Promise<void> {
  const checks = new Map<string, HealthChecks>();
  await inParallel(
    atOnce,
    sitesOf(size),
    async (site) => void checks.set(site.name, await seedHealthChecks(route53, site)),
  );
  await inParallel(atOnce, zonesOf(size), (zone) => seedZone(route53, zone, size, checks.get(zone.site?.name ?? '')));
}

async function seedZone(
  route53: Route53Client,
  zone: ZoneSpec,
  size: EstateSize,
  checks: HealthChecks | undefined,
): Promise<void> {
  const isPrivate = zone.kind === 'internal';
  const { HostedZone } = await route53.send(
    new CreateHostedZoneCommand({
      Name: zone.name,
      CallerReference: `seed-${zone.name}`,
      HostedZoneConfig: { Comment: `${zone.kind} zone`, PrivateZone: isPrivate },
      ...(isPrivate
        ? { VPC: { VPCRegion: homeRegion, VPCId: `vpc-${numberOf(zone.name, 10_000_000, 99_999_999)}` } }
        : {}),
    }),
  );
  const id = HostedZone?.Id?.replace('/hostedzone/', '') ?? '';
  await route53.send(
    new ChangeTagsForResourceCommand({
      ResourceType: 'hostedzone',
      ResourceId: id,
      AddTags: [{ Key: 'Kind', Value: zone.kind }, ...(zone.site ? [{ Key: 'Site', Value: zone.site.name }] : [])],
    }),
  );
  const Changes = recordsOf(zone, id, size, checks).map((ResourceRecordSet: ResourceRecordSet): Change => ({
    Action: 'CREATE',
    ResourceRecordSet,
  }));
  for (let at = 0; at < Changes.length; at += changesPerBatch) {
    const ChangeBatch = { Changes: Changes.slice(at, at + changesPerBatch) };
    await route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: id, ChangeBatch }));
  }
}

async function seedHealthChecks(route53: Route53Client, site: Site): Promise<HealthChecks> {
  const create = async (name: string, HealthCheckConfig: HealthCheckConfig): Promise<string> => {
    const { HealthCheck } = await route53.send(
      new CreateHealthCheckCommand({ CallerReference: `seed-${site.name}-${name}`, HealthCheckConfig }),
    );
    const id = HealthCheck?.Id ?? '';
    const AddTags = [
      { Key: 'Name', Value: `${site.name}-${name}` },
      { Key: 'Site', Value: site.name },
    ];
    await route53.send(new ChangeTagsForResourceCommand({ ResourceType: 'healthcheck', ResourceId: id, AddTags }));
    return id;
  };
  const primary = await create('primary', {
    Type: 'HTTPS_STR_MATCH',
    FullyQualifiedDomainName: `origin.${site.domain}`,
    Port: 443,
    ResourcePath: '/health',
    SearchString: 'ok',
    RequestInterval: 10,
    FailureThreshold: 3,
    EnableSNI: true,
  });
  const secondary = await create('secondary', {
    Type: 'TCP',
    IPAddress: '203.0.113.9',
    Port: 443,
    RequestInterval: 30,
    FailureThreshold: 2,
  });
  const either = await create('either', {
    Type: 'CALCULATED',
    ChildHealthChecks: [primary, secondary],
    HealthThreshold: 1,
  });
  return { primary, secondary, either };
}
