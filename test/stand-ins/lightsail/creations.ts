import type * as Sdk from '@aws-sdk/client-lightsail';
import type { Operation, Place } from './operations.ts';
import { Refused } from './state.ts';

const missing = (what: string): never => {
  throw new Refused('NotFoundException', `The ${what} does not exist.`);
};

const invalid = (message: string): never => {
  throw new Refused('InvalidInputException', message);
};

function zonesOf({ region, regionName }: Place): string[] {
  return region.zones.length > 0 ? region.zones : [`${regionName}a`, `${regionName}b`];
}

function inZone(place: Place, zone: string | undefined): Sdk.ResourceLocation {
  if (!zonesOf(place).includes(zone ?? '')) invalid(`There is no zone ${zone}`);
  return { availabilityZone: zone, regionName: place.regionName as Sdk.RegionName };
}

function arn({ state, regionName }: Place, kind: string): string {
  return `arn:aws:lightsail:${regionName}:123456789012:${kind}/${++state.count}-0000`;
}

/** The bundle must be sold here, and hold what is in the snapshot. */
const createInstances: Operation<Sdk.CreateInstancesFromSnapshotRequest, object> = (place, input) => {
  const { region, state } = place;
  const {
    instanceNames: [name = ''] = [],
    instanceSnapshotName,
    bundleId,
    keyPairName,
    tags = [],
    addOns = [],
  } = input;
  const snapshot = region.instanceSnapshots.find((one) => one.name === instanceSnapshotName) ?? missing('snapshot');
  const bundle = region.bundles.find((one) => one.bundleId === bundleId) ?? invalid(`There is no bundle ${bundleId}`);
  if (String(snapshot.state) !== 'available') invalid('The snapshot is not available');
  if ((bundle.diskSizeInGb ?? 0) < (snapshot.sizeInGb ?? 0)) invalid('The bundle is smaller than the snapshot');
  if (region.instances.some((one) => one.name === name)) invalid('Some names are already in use');
  if (keyPairName !== undefined && !region.keyPairs.some((one) => one.name === keyPairName)) missing('key pair');
  const location = inZone(place, input.availabilityZone);
  const disks = (input.attachedDiskMapping?.[name] ?? []).map(({ originalDiskPath, newDiskName }) => {
    const disk = { name: newDiskName, arn: arn(place, 'Disk'), path: originalDiskPath, attachedTo: name, location };
    region.disks.push({ ...disk, state: 'in-use', tags: [] });
    return { name: newDiskName, path: originalDiskPath };
  });
  region.instances.push({
    name,
    arn: arn(place, 'Instance'),
    tags,
    location,
    bundleId,
    createdAt: new Date(),
    sshKeyName: keyPairName ?? 'LightsailDefaultKeyPair',
    privateIpAddress: `172.26.0.${++state.count}`,
    addOns: addOns.map(({ autoSnapshotAddOnRequest }) => ({
      name: 'AutoSnapshot',
      status: 'Enabled',
      ...autoSnapshotAddOnRequest,
    })),
    hardware: { cpuCount: bundle.cpuCount, ramSizeInGb: bundle.ramSizeInGb, disks },
    state: { code: 0, name: 'pending' },
  });
  return {};
};

/** New ones, and how often each was looked at: the last look of `slow` finds it made. */
const looked = new WeakMap<object, number>();

function isMade({ state }: Place, one: object): boolean {
  const looks = (looked.get(one) ?? 0) + 1;
  looked.set(one, looks);
  return looks >= state.slow;
}

const getInstance: Operation<Sdk.GetInstanceRequest, Sdk.GetInstanceResult> = (place, { instanceName }) => {
  const { region } = place;
  const instance = region.instances.find(({ name }) => name === instanceName) ?? missing('instance');
  const before = { ...instance };
  if (instance.state?.name === 'pending' && isMade(place, instance)) instance.state = { code: 16, name: 'running' };
  return { instance: before };
};

const createDisk: Operation<Sdk.CreateDiskFromSnapshotRequest, object> = (place, input) => {
  const { region } = place;
  const { diskName: name, diskSnapshotName, sizeInGb = 0, tags = [] } = input;
  const snapshot = region.diskSnapshots.find((one) => one.name === diskSnapshotName) ?? missing('snapshot');
  if (sizeInGb < (snapshot.sizeInGb ?? 0)) invalid('The disk is smaller than the snapshot');
  if (region.disks.some((one) => one.name === name)) invalid('Some names are already in use');
  const location = inZone(place, input.availabilityZone);
  region.disks.push({ name, arn: arn(place, 'Disk'), sizeInGb, tags, location, state: 'pending' });
  return {};
};

const getDisk: Operation<Sdk.GetDiskRequest, Sdk.GetDiskResult> = (place, { diskName }) => {
  const { region } = place;
  const disk = region.disks.find(({ name }) => name === diskName) ?? missing('disk');
  const before = { ...disk };
  if (disk.state === 'pending' && isMade(place, disk)) disk.state = 'available';
  return { disk: before };
};

/** What is made of snapshots, and what a region decides of it. */
export const creations: Readonly<Record<string, Operation<never, object>>> = {
  CreateInstancesFromSnapshot: createInstances,
  GetInstance: getInstance,
  CreateDiskFromSnapshot: createDisk,
  GetDisk: getDisk,
  GetKeyPair: ({ region }: Place, { keyPairName }: Sdk.GetKeyPairRequest) => ({
    keyPair: region.keyPairs.find(({ name }) => name === keyPairName) ?? missing('key pair'),
  }),
  GetRegions: (place: Place) => ({
    regions: [
      {
        name: place.regionName,
        availabilityZones: zonesOf(place).map((zoneName) => ({ zoneName, state: 'available' })),
      },
    ],
  }),
};
