import type { AddOnRequest, DiskMap, Instance, Lightsail } from '@aws-sdk/client-lightsail';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { RestoreContext } from '../contract.ts';
import type { Created, DocumentRestore, Documents, Scene } from '../documents/contract.ts';
import { findDisk, findInstance, hasKeyPair } from './by-name.ts';
import { foreseeSnapshot, isBegun, snapshotHere, until } from './from-snapshot.ts';
import { bundleHere, zoneHere, type Placed } from './placement.ts';
import { instanceSnapshots } from './snapshot-calls.ts';

/** What instance.json says. */
interface Facts extends Placed {
  readonly sshKeyName?: string;
  readonly privateIpAddress?: string;
  readonly ipAddressType?: 'dualstack' | 'ipv4' | 'ipv6';
  readonly addOns?: readonly AddOn[];
  readonly hardware?: Placed['hardware'] & {
    readonly disks?: readonly { readonly name?: string; readonly path?: string; readonly isSystemDisk?: boolean }[];
  };
}

export interface AddOn {
  readonly name?: string;
  readonly status?: string;
  readonly snapshotTimeOfDay?: string;
}

/** With the disks that were attached to it, under their names; they are in its snapshot. One that was begun is waited for. */
async function create(scene: Scene<Lightsail>, name: string, documents: Documents): Promise<Created> {
  const resource = `lightsail/instances/${name}`;
  const wanted = documents.get('instance.json') as unknown as Facts | undefined;
  if (!wanted) throw new HoldfastError('item.not-found', `${resource} was captured without its facts`, { resource });
  if ((await findInstance(scene, name)) === undefined) await begin(scene, name, wanted, documents);
  let made: Instance | undefined;
  await until(scene, resource, async () => {
    made = await findInstance(scene, name);
    return made?.state?.name ?? 'pending';
  });
  return outcome(wanted, made ?? {});
}

async function begin(scene: Scene<Lightsail>, name: string, wanted: Facts, documents: Documents): Promise<void> {
  const { client } = scene;
  const resource = `lightsail/instances/${name}`;
  const snapshot = await snapshotHere(scene, instanceSnapshots, resource);
  const hasKey = wanted.sshKeyName !== undefined && (await hasKeyPair(scene, wanted.sshKeyName));
  const mapping = await diskMapping(scene, name, wanted);
  const creating = client.createInstancesFromSnapshot({
    instanceNames: [name],
    instanceSnapshotName: snapshot.name,
    availabilityZone: await zoneHere(scene, wanted),
    bundleId: await bundleHere(scene, wanted, snapshot.sizeInGb ?? 0),
    ...(hasKey ? { keyPairName: wanted.sshKeyName } : {}),
    ...(wanted.ipAddressType === undefined ? {} : { ipAddressType: wanted.ipAddressType }),
    ...(mapping.length > 0 ? { attachedDiskMapping: { [name]: mapping } } : {}),
    ...asked(documents, wanted.addOns),
  });
  await required(creating, 'CreateInstancesFromSnapshot', resource);
}

/** Tags and automatic snapshots, which its snapshot does not have. */
export function asked(
  documents: Documents,
  addOns: readonly AddOn[] = [],
): { readonly tags?: { readonly key: string; readonly value: string }[]; readonly addOns?: AddOnRequest[] } {
  const tags = Object.entries((documents.get('tags.json') ?? {}) as Record<string, string>);
  const own = tags.map(([key, value]) => ({ key, value }));
  const automatic = addOns.filter(({ name, status }) => name === 'AutoSnapshot' && status === 'Enabled');
  const requests = automatic.map(({ snapshotTimeOfDay }): AddOnRequest => ({
    addOnType: 'AutoSnapshot',
    ...(snapshotTimeOfDay === undefined ? {} : { autoSnapshotAddOnRequest: { snapshotTimeOfDay } }),
  }));
  return { ...(own.length > 0 ? { tags: own } : {}), ...(requests.length > 0 ? { addOns: requests } : {}) };
}

/** Under their names; beside the instance that it is a copy of (--rename) these are taken. */
async function diskMapping(scene: Scene<Lightsail>, name: string, { hardware }: Facts): Promise<DiskMap[]> {
  const mapping: DiskMap[] = [];
  for (const { name: own = '', path, isSystemDisk } of hardware?.disks ?? []) {
    if (isSystemDisk === true || own === '') continue;
    const isTaken = (await findDisk(scene, own)) !== undefined;
    mapping.push({ originalDiskPath: path, newDiskName: isTaken ? `${name}-${own}` : own });
  }
  return mapping;
}

/** What it is, beside what it was; an attempt that died may have made it. */
function outcome(was: Facts, is: Instance): Created {
  const { sshKeyName: key, bundleId, hardware } = was;
  const changes = [
    bundleId === is.bundleId ? '' : ` Its bundle is ${is.bundleId}; it was ${bundleId ?? 'unknown'}.`,
    ...(hardware?.disks ?? []).map(({ name, path }) => {
      const now = is.hardware?.disks?.find((disk) => disk.path === path)?.name;
      return name === undefined || now === undefined || now === name ? '' : ` Its disk ${name} is ${now} now.`;
    }),
  ];
  const isOtherKey = key !== undefined && key !== is.sshKeyName;
  const opener = isOtherKey ? ` The key pair ${key} is not there: the default one of the region opens it.` : '';
  return {
    id: is.arn ?? '',
    identities: addressChange(was, is),
    class: isOtherKey ? 'needs-human' : 'new-identity',
    note: `It has other addresses; a static one that is restored with it is attached.${changes.join('')}${opener}`,
  };
}

function addressChange({ privateIpAddress: from }: Facts, { privateIpAddress: to }: Instance) {
  return from === undefined || to === undefined || from === to ? [] : [{ from, to }];
}

/** Also tells where its private address went, where an earlier restore made it. */
async function find(
  scene: Scene<Lightsail> & Partial<Pick<RestoreContext, 'learn'>>,
  name: string,
  documents: Documents,
): Promise<string | undefined> {
  const found = await findInstance(scene, name);
  if (!found || isBegun(found.state?.name)) return undefined;
  const was = (documents.get('instance.json') ?? {}) as unknown as Facts;
  for (const { from, to } of addressChange(was, found)) scene.learn?.(from, to);
  return found.arn;
}

/** Out of its recovery point; what can only be said of a new one is never changed. */
export const instanceRestore: DocumentRestore<Lightsail> = {
  find,
  foresee: (scene, name) => Promise.resolve(foreseeSnapshot(scene, instanceSnapshots, `lightsail/instances/${name}`)),
  create,
};
