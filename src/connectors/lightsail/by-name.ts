import type { Disk, Instance, Lightsail } from '@aws-sdk/client-lightsail';
import { optional } from '../aws/classify.ts';
import type { Scene } from '../documents/contract.ts';

/** How Lightsail says that nothing has a name. */
export const absent = ['NotFoundException', 'DoesNotExist'] as const;

/** Undefined where there is none of this name in the region at hand. */
export async function findInstance({ client }: Scene<Lightsail>, instanceName: string): Promise<Instance | undefined> {
  const asking = client.getInstance({ instanceName });
  return (await optional(asking, 'GetInstance', `lightsail/instances/${instanceName}`, ...absent))?.instance;
}

export async function findDisk({ client }: Scene<Lightsail>, diskName: string): Promise<Disk | undefined> {
  const asking = client.getDisk({ diskName });
  return (await optional(asking, 'GetDisk', `lightsail/disks/${diskName}`, ...absent))?.disk;
}

export async function hasKeyPair({ client }: Scene<Lightsail>, keyPairName: string): Promise<boolean> {
  const asking = client.getKeyPair({ keyPairName });
  return (await optional(asking, 'GetKeyPair', `lightsail/key-pairs/${keyPairName}`, ...absent)) !== undefined;
}
