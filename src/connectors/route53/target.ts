import type { HostedZone, VPC } from '@aws-sdk/client-route-53';
import type { CapturedResource } from '../../kernel/entry.ts';
import { resourceKey } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { optional, required } from '../aws/classify.ts';
import type { RestoreContext } from '../contract.ts';
import { route53 } from './client.ts';
import { originOf } from './lineage.ts';
import { bareId, canonicalName, sharesName } from './names.ts';
import type { Options } from './options.ts';
import { vpcKey, zoneFile, type ZoneDocument } from './zone.ts';

type Context = RestoreContext<Options>;

/** The zone a captured one is restored to: what it must be. */
export interface WantedZone {
  readonly key: string;
  readonly document: ZoneDocument;
  /** Canonical, after --rename. */
  readonly name: string;
  readonly origin: string;
  readonly renamed: boolean;
  /** The captured account had other zones of this name, so the name alone does not tell which one is meant. */
  readonly sharedName: boolean;
}

/** The same zone as it is at the target. */
export interface TargetZone {
  readonly id: string;
  readonly comment: string;
  readonly vpcs: readonly VPC[];
  readonly nameServers: readonly string[];
  readonly delegationSetId: string;
}

/** Throws item.not-found when the snapshot has no zone.json of it (its listing was refused). */
export async function wantedZone(context: Context, captured: CapturedResource): Promise<WantedZone> {
  const key = resourceKey(captured.ref);
  const document = (await captured.json('', zoneFile)) as unknown as ZoneDocument | undefined;
  if (document === undefined)
    throw new HoldfastError('item.not-found', `the snapshot has no ${zoneFile} of ${key}`, { resource: key });
  const byResource = context.rename(captured.ref.name);
  const bare = document.Name.replace(/\.$/, '');
  const name = canonicalName(byResource === captured.ref.name ? context.rename(bare) : byResource);
  return {
    key,
    document,
    name,
    origin: originOf(document.Id, document.CallerReference),
    renamed: name !== document.Name,
    sharedName: document.PrivateZone || sharesName(captured.ref.name, document.Name),
  };
}

/**
 * Finds the zone: by the id it had or got in this run, by the caller reference that tells it replaces the captured one, or by
 * its name, where that means one zone only (for a private zone: one that shares a VPC, of which there can be no two).
 */
export async function findZone(context: Context, wanted: WantedZone): Promise<TargetZone | undefined> {
  const id = context.identity(wanted.document.Id);
  const same = await readZone(context, id, wanted.key);
  if (same && isMeant(same.zone, wanted)) return same.target;

  const namesakes = (await zonesOfName(context, wanted)).filter((zone) => isMeant(zone, wanted));
  const heir = namesakes.find((zone) => originOf(bareId(zone.Id), zone.CallerReference) === wanted.origin);
  if (heir) return (await readZone(context, bareId(heir.Id), wanted.key))?.target;
  if (wanted.document.PrivateZone) return await privateZone(context, wanted, namesakes);
  const [only] = namesakes;
  if (only === undefined || namesakes.length > 1 || (wanted.sharedName && !wanted.renamed)) return undefined;
  return (await readZone(context, bareId(only.Id), wanted.key))?.target;
}

async function privateZone(context: Context, wanted: WantedZone, namesakes: readonly HostedZone[]) {
  const vpcs = new Set((wanted.document.VPCs ?? []).map((vpc) => vpcKey(mappedVpc(context, vpc))));
  for (const zone of namesakes) {
    const found = await readZone(context, bareId(zone.Id), wanted.key);
    if (found?.target.vpcs.some((vpc) => vpcs.has(vpcKey(vpc)))) return found.target;
  }
  return undefined;
}

/** The VPC at the target. */
export function mappedVpc(context: Context, vpc: VPC): VPC {
  return { ...vpc, VPCId: context.identity(vpc.VPCId ?? '') };
}

function isMeant(zone: HostedZone, wanted: WantedZone): boolean {
  return (
    canonicalName(zone.Name ?? '') === wanted.name &&
    (zone.Config?.PrivateZone === true) === wanted.document.PrivateZone
  );
}

/** A zone by id; undefined when there is none. */
export async function readZone(context: Context, Id: string, resource: string) {
  const { client, sdk } = await route53(context.aws);
  const found = await optional(
    client.send(new sdk.GetHostedZoneCommand({ Id })),
    'GetHostedZone',
    resource,
    'NoSuchHostedZone',
  );
  if (found?.HostedZone === undefined) return undefined;
  const target: TargetZone = {
    id: bareId(found.HostedZone.Id),
    comment: found.HostedZone.Config?.Comment ?? '',
    vpcs: found.VPCs ?? [],
    nameServers: found.DelegationSet?.NameServers ?? [],
    delegationSetId: bareId(found.DelegationSet?.Id),
  };
  return { zone: found.HostedZone, target };
}

async function zonesOfName(context: Context, wanted: WantedZone): Promise<HostedZone[]> {
  const { client, sdk } = await route53(context.aws);
  const zones: HostedZone[] = [];
  let from: { DNSName?: string | undefined; HostedZoneId?: string | undefined } = { DNSName: wanted.name };
  for (;;) {
    const command = new sdk.ListHostedZonesByNameCommand(from);
    const page = await required(client.send(command), 'ListHostedZonesByName', wanted.key);
    const found = page.HostedZones ?? [];
    zones.push(...found.filter((zone) => canonicalName(zone.Name ?? '') === wanted.name));
    // The list starts at the name and goes on with others.
    const past = found.some((zone) => canonicalName(zone.Name ?? '') !== wanted.name);
    if (past || page.IsTruncated !== true) return zones;
    from = { DNSName: page.NextDNSName, HostedZoneId: page.NextHostedZoneId };
  }
}
