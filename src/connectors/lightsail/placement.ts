import type { Bundle, Lightsail } from '@aws-sdk/client-lightsail';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';

/** What instance.json and disk.json say that a region decides. */
export interface Placed {
  readonly location?: { readonly availabilityZone?: string };
  readonly bundleId?: string;
  readonly hardware?: { readonly cpuCount?: number; readonly ramSizeInGb?: number };
}

/** A zone of the region at hand: that of the same letter where it is there and open. */
export async function zoneHere({ client, aws }: Scene<Lightsail>, { location }: Placed): Promise<string> {
  const asking = client.getRegions({ includeAvailabilityZones: true });
  const { regions = [] } = await required(asking, 'GetRegions', 'lightsail');
  const here = regions.find(({ name }) => name === aws.region)?.availabilityZones ?? [];
  const open = here.filter(({ state }) => state === 'available').map(({ zoneName = '' }) => zoneName);
  const letter = location?.availabilityZone?.slice(-1);
  const found = open.find((zone) => zone.slice(-1) === letter) ?? open.sort()[0];
  if (found !== undefined) return found;
  throw new HoldfastError('item.unavailable', `Lightsail has no availability zone in ${aws.region}`, {
    resource: 'lightsail',
  });
}

/**
 * The bundle that an instance gets here: its own; where this region does not sell it, the cheapest one of the same kind
 * (platform, addresses) that has no less of anything. The disk must hold what is in the snapshot.
 */
export async function bundleHere(
  { client, aws }: Scene<Lightsail>,
  { bundleId = '', hardware }: Placed,
  snapshotGb: number,
): Promise<string> {
  const sold: Bundle[] = [];
  const ask = (pageToken?: string) => required(client.getBundles({ pageToken }), 'GetBundles', 'lightsail');
  for await (const { bundles = [] } of pages(ask, (page) => page.nextPageToken))
    sold.push(...bundles.filter(({ isActive }) => isActive !== false));
  if (sold.some((one) => one.bundleId === bundleId)) return bundleId;
  const [found] = sold
    .filter(
      (one) =>
        kindOf(one.bundleId) === kindOf(bundleId) &&
        (one.cpuCount ?? 0) >= (hardware?.cpuCount ?? 0) &&
        (one.ramSizeInGb ?? 0) >= (hardware?.ramSizeInGb ?? 0) &&
        (one.diskSizeInGb ?? 0) >= snapshotGb,
    )
    .sort((a, b) => (a.price ?? 0) - (b.price ?? 0));
  if (found?.bundleId !== undefined) return found.bundleId;
  throw new HoldfastError(
    'item.invalid',
    `${aws.region} sells no bundle like ${bundleId} of ${snapshotGb} GB or more`,
    {
      hint: 'Restore into another region, or create the instance by hand from the snapshot with another bundle.',
    },
  );
}

/** `small_3_0`, `small_win_3_0`, `small_ipv6_3_0`: what stands between size and generation. */
function kindOf(bundleId = ''): string {
  return bundleId
    .split('_')
    .slice(1)
    .filter((part) => !/^\d+$/.test(part))
    .join('_');
}
