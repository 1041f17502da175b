import type { EFS, MountTargetDescription } from '@aws-sdk/client-efs';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { DocumentPart } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import { bareId } from './identity.ts';

interface MountTarget {
  readonly SubnetId: string;
  readonly SecurityGroups: string[];
  readonly IpAddress?: string;
}

async function* existing(client: EFS, FileSystemId: string, resource: string): AsyncGenerator<MountTargetDescription> {
  const ask = (Marker?: string) =>
    required(client.describeMountTargets({ FileSystemId, MaxItems: 100, Marker }), 'DescribeMountTargets', resource);
  for await (const { MountTargets = [] } of pages(ask, (page) => page.NextMarker))
    for (const one of MountTargets)
      if (one.LifeCycleState !== 'deleting' && one.LifeCycleState !== 'deleted') yield one;
}

function bySubnet(targets: readonly MountTarget[]): MountTarget[] {
  return targets
    .map(({ SubnetId, SecurityGroups }) => ({ SubnetId, SecurityGroups: SecurityGroups.toSorted() }))
    .sort((a, b) => (a.SubnetId < b.SubnetId ? -1 : 1));
}

/** Where it can be mounted: one in each zone. Written once networks are there, whose ids are rewritten. */
export const mountTargets: DocumentPart<EFS> = {
  file: 'mount-targets.json',
  phase: 'settle',
  async read({ client }, { id, resource }) {
    const found: MountTarget[] = [];
    for await (const { SubnetId = '', MountTargetId, IpAddress } of existing(client, bareId(id), resource)) {
      const asking = client.describeMountTargetSecurityGroups({ MountTargetId });
      const { SecurityGroups = [] } = await required(asking, 'DescribeMountTargetSecurityGroups', resource);
      const address = IpAddress === undefined ? {} : { IpAddress };
      found.push({ SubnetId, SecurityGroups: SecurityGroups.toSorted(), ...address });
    }
    found.sort((a, b) => (a.SubnetId < b.SubnetId ? -1 : 1));
    return found.length === 0 ? undefined : (found as unknown as Json);
  },
  // An address is taken from the subnet; mounts go by the DNS name.
  comparable: (document) => bySubnet(document as unknown as MountTarget[]) as unknown as Json,
  async write({ client }, { id, resource }, wanted, live) {
    const FileSystemId = bareId(id);
    const then = bySubnet((wanted ?? []) as unknown as MountTarget[]);
    const now = bySubnet((live ?? []) as unknown as MountTarget[]);
    for await (const { SubnetId, MountTargetId } of existing(client, FileSystemId, resource)) {
      const target = then.find((one) => one.SubnetId === SubnetId);
      const before = now.find((one) => one.SubnetId === SubnetId);
      if (target === undefined)
        await required(client.deleteMountTarget({ MountTargetId }), 'DeleteMountTarget', resource);
      else if (target.SecurityGroups.join() !== before?.SecurityGroups.join()) {
        const { SecurityGroups } = target;
        const changing = client.modifyMountTargetSecurityGroups({ MountTargetId, SecurityGroups });
        await required(changing, 'ModifyMountTargetSecurityGroups', resource);
      }
    }
    for (const target of then.filter((one) => now.every(({ SubnetId }) => SubnetId !== one.SubnetId)))
      await required(client.createMountTarget({ FileSystemId, ...target }), 'CreateMountTarget', resource);
  },
};
