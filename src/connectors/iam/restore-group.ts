import { optional } from '../aws/classify.ts';
import { type Aspect, type RestoreKind, textOf } from './aspect.ts';
import { policyAspects, readPolicies, type Holder } from './holder.ts';
import { patiently } from './patience.ts';
import { missing } from './restore-role.ts';

const file = 'group.json';

const holder: Holder = {
  noun: 'Group',
  attached: (client, GroupName, Marker) => client.listAttachedGroupPolicies({ GroupName, Marker }),
  attach: (client, GroupName, PolicyArn) => client.attachGroupPolicy({ GroupName, PolicyArn }),
  detach: (client, GroupName, PolicyArn) => client.detachGroupPolicy({ GroupName, PolicyArn }),
  inlineNames: (client, GroupName, Marker) => client.listGroupPolicies({ GroupName, Marker }),
  getInline: (client, GroupName, PolicyName) => client.getGroupPolicy({ GroupName, PolicyName }),
  putInline: (client, GroupName, PolicyName, PolicyDocument) =>
    client.putGroupPolicy({ GroupName, PolicyName, PolicyDocument }),
  deleteInline: (client, GroupName, PolicyName) => client.deleteGroupPolicy({ GroupName, PolicyName }),
};

const path: Aspect = {
  name: 'path',
  from: { collection: '', key: file },
  goal: (wanted, live) => wanted ?? live,
  async write(place, goal) {
    const { client, name: GroupName } = place;
    await patiently(place, 'UpdateGroup', async () => await client.updateGroup({ GroupName, NewPath: textOf(goal) }));
  },
};

/** Its members are in the users' documents, and come with them. */
export const group: RestoreKind = {
  rank: 4,
  arnKind: 'group',
  aspects: [path, ...policyAspects(holder, file)],
  async live(place, aspect) {
    const { client, name: GroupName, resource } = place;
    const got = await optional(client.getGroup({ GroupName, MaxItems: 1 }), 'GetGroup', resource, ...missing);
    if (!got?.Group) return undefined;
    return { id: got.Group.GroupId, state: { path: got.Group.Path, ...(await readPolicies(holder, place, aspect)) } };
  },
  async create(place) {
    const { client, name: GroupName, path: Path } = place;
    await patiently(place, 'CreateGroup', async () => await client.createGroup({ GroupName, Path }));
  },
};
