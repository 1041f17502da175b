import type { Disk, Lightsail } from '@aws-sdk/client-lightsail';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { Created, DocumentRestore, Documents, Scene } from '../documents/contract.ts';
import { findDisk } from './by-name.ts';
import { foreseeSnapshot, isBegun, snapshotHere, until } from './from-snapshot.ts';
import { zoneHere, type Placed } from './placement.ts';
import { asked, type AddOn } from './restore-instance.ts';
import { diskSnapshots } from './snapshot-calls.ts';

/** What disk.json says. */
interface Facts extends Placed {
  readonly sizeInGb?: number;
  readonly attachedTo?: string;
  readonly path?: string;
  readonly addOns?: readonly AddOn[];
}

/** One that an earlier attempt began is waited for. */
async function create(scene: Scene<Lightsail>, name: string, documents: Documents): Promise<Created> {
  const { client } = scene;
  const resource = `lightsail/disks/${name}`;
  const wanted = documents.get('disk.json') as unknown as Facts | undefined;
  if (!wanted) throw new HoldfastError('item.not-found', `${resource} was captured without its facts`, { resource });
  if ((await findDisk(scene, name)) === undefined) {
    const snapshot = await snapshotHere(scene, diskSnapshots, resource);
    const creating = client.createDiskFromSnapshot({
      diskName: name,
      diskSnapshotName: snapshot.name,
      availabilityZone: await zoneHere(scene, wanted),
      // Never smaller than what is in it.
      sizeInGb: Math.max(wanted.sizeInGb ?? 0, snapshot.sizeInGb ?? 0),
      ...asked(documents, wanted.addOns),
    });
    await required(creating, 'CreateDiskFromSnapshot', resource);
  }
  let made: Disk | undefined;
  await until(scene, resource, async () => {
    made = await findDisk(scene, name);
    return made?.state ?? 'pending';
  });
  const id = made?.arn ?? '';
  const { attachedTo, path } = wanted;
  if (attachedTo === undefined) return { id };
  return {
    id,
    class: 'needs-human',
    note: `It was attached to ${attachedTo} as ${path ?? 'a disk'}: attach it (AttachDisk) once that is stopped.`,
  };
}

/** A disk that was attached comes back with its instance; one that is on its own, or whose instance is still there, out of its own point. */
export const diskRestore: DocumentRestore<Lightsail> = {
  async find(scene, name) {
    const found = await findDisk(scene, name);
    return found && isBegun(found.state) ? undefined : found?.arn;
  },
  foresee: (scene, name) => Promise.resolve(foreseeSnapshot(scene, diskSnapshots, `lightsail/disks/${name}`)),
  create,
};
