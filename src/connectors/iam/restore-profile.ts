import { optional } from '../aws/classify.ts';
import { strings, type Aspect, type RestoreKind } from './aspect.ts';
import { tagRecord } from './client.ts';
import { forEntries, patiently } from './patience.ts';
import { fixedPath, missing } from './restore-role.ts';
import { asTags, tagAspect } from './tag-aspect.ts';

const file = 'instance-profile.json';

/** One role at most: another one has to go first, whatever the mode. */
const roles: Aspect = {
  name: 'roles',
  from: { collection: '', key: file },
  goal: (wanted, live, mode) => (strings(wanted).length > 0 || mode === 'exact' ? wanted : live),
  async write(place, goal, live) {
    const { client, name: InstanceProfileName } = place;
    const wanted = strings(goal);
    const there = strings(live);
    const gone = there.filter((one) => !wanted.includes(one));
    await forEntries(place, gone, async (RoleName) => {
      const remove = async () => await client.removeRoleFromInstanceProfile({ InstanceProfileName, RoleName });
      await patiently(place, 'RemoveRoleFromInstanceProfile', remove);
    });
    const added = wanted.filter((one) => !there.includes(one));
    await forEntries(place, added, async (RoleName) => {
      const add = async () => await client.addRoleToInstanceProfile({ InstanceProfileName, RoleName });
      await patiently(place, 'AddRoleToInstanceProfile', add);
    });
  },
};

export const instanceProfile: RestoreKind = {
  rank: 3,
  arnKind: 'instance-profile',
  aspects: [
    fixedPath(file),
    roles,
    tagAspect(file, {
      noun: 'InstanceProfile',
      tag: (client, InstanceProfileName, Tags) => client.tagInstanceProfile({ InstanceProfileName, Tags }),
      untag: (client, InstanceProfileName, TagKeys) => client.untagInstanceProfile({ InstanceProfileName, TagKeys }),
    }),
  ],
  async live({ client, name: InstanceProfileName, resource }) {
    const asked = client.getInstanceProfile({ InstanceProfileName });
    const found = (await optional(asked, 'GetInstanceProfile', resource, ...missing))?.InstanceProfile;
    if (!found) return undefined;
    const names = (found.Roles ?? []).map(({ RoleName = '' }) => RoleName).sort();
    return { id: found.InstanceProfileId, state: { path: found.Path, roles: names, tags: tagRecord(found.Tags) } };
  },
  async create(place, wanted) {
    const { client, name: InstanceProfileName, path: Path } = place;
    const Tags = asTags(wanted['tags']);
    const create = async () => await client.createInstanceProfile({ InstanceProfileName, Path, Tags });
    await patiently(place, 'CreateInstanceProfile', create);
  },
};
