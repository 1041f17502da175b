import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import { type Aspect, fields, type Place, recordGoal, type RestoreKind, setGoal, strings, textOf } from './aspect.ts';
import { tagRecord } from './client.ts';
import { boundaryAspect, policyAspects, readPolicies, type Holder } from './holder.ts';
import { allPages } from './listing.ts';
import { forEntries, patiently } from './patience.ts';
import { missing } from './restore-role.ts';
import { readSshKeys, uploadSshKey } from './ssh-keys.ts';
import { asTags, tagAspect } from './tag-aspect.ts';

const file = 'user.json';
const from = { collection: '', key: file } as const;

const holder: Holder = {
  noun: 'User',
  attached: (client, UserName, Marker) => client.listAttachedUserPolicies({ UserName, Marker }),
  attach: (client, UserName, PolicyArn) => client.attachUserPolicy({ UserName, PolicyArn }),
  detach: (client, UserName, PolicyArn) => client.detachUserPolicy({ UserName, PolicyArn }),
  inlineNames: (client, UserName, Marker) => client.listUserPolicies({ UserName, Marker }),
  getInline: (client, UserName, PolicyName) => client.getUserPolicy({ UserName, PolicyName }),
  putInline: (client, UserName, PolicyName, PolicyDocument) =>
    client.putUserPolicy({ UserName, PolicyName, PolicyDocument }),
  deleteInline: (client, UserName, PolicyName) => client.deleteUserPolicy({ UserName, PolicyName }),
};

const path: Aspect = {
  name: 'path',
  from,
  goal: (wanted, live) => wanted ?? live,
  async write(place, goal) {
    const { client, name: UserName } = place;
    await patiently(place, 'UpdateUser', async () => await client.updateUser({ UserName, NewPath: textOf(goal) }));
  },
};

const groups: Aspect = {
  name: 'groups',
  from,
  goal: setGoal,
  async write(place, goal, live) {
    const { client, name: UserName } = place;
    const wanted = strings(goal);
    const there = strings(live);
    const added = wanted.filter((name) => !there.includes(name));
    await forEntries(place, added, async (GroupName) => {
      await patiently(place, 'AddUserToGroup', async () => await client.addUserToGroup({ GroupName, UserName }));
    });
    const gone = there.filter((name) => !wanted.includes(name));
    await forEntries(place, gone, async (GroupName) => {
      const remove = client.removeUserFromGroup({ GroupName, UserName });
      await required(remove, 'RemoveUserFromGroup', place.resource);
    });
  },
};

/** Public halves, and whether they are in use. One in excess is left alone: somebody works with it. */
const sshKeys: Aspect = {
  name: 'ssh-public-keys',
  from,
  goal: (wanted, live) => recordGoal(wanted, live, 'revert-changed'),
  async write(place, goal, live) {
    const there = fields(live);
    const differing = Object.entries(fields(goal)).filter(([body, status]) => there[body] !== status);
    await forEntries(place, differing, async ([body, status]) => await uploadSshKey(place, body, textOf(status)));
  },
};

export const user: RestoreKind = {
  rank: 5,
  arnKind: 'user',
  aspects: [
    path,
    groups,
    boundaryAspect(
      'User',
      file,
      (client, UserName, PermissionsBoundary) => client.putUserPermissionsBoundary({ UserName, PermissionsBoundary }),
      (client, UserName) => client.deleteUserPermissionsBoundary({ UserName }),
    ),
    ...policyAspects(holder, file),
    tagAspect(file, {
      noun: 'User',
      tag: (client, UserName, Tags) => client.tagUser({ UserName, Tags }),
      untag: (client, UserName, TagKeys) => client.untagUser({ UserName, TagKeys }),
    }),
    sshKeys,
  ],
  async live(place, aspect) {
    const { client, name: UserName, resource } = place;
    const got = await optional(client.getUser({ UserName }), 'GetUser', resource, ...missing);
    const found = got?.User;
    if (!found) return undefined;
    const isAsked = (name: string): boolean => aspect === undefined || aspect === name;
    return {
      id: found.UserId,
      state: {
        path: found.Path,
        ...(isAsked('groups') ? { groups: await readGroups(place) } : {}),
        boundary: found.PermissionsBoundary?.PermissionsBoundaryArn,
        ...(await readPolicies(holder, place, aspect)),
        tags: tagRecord(found.Tags),
        ...(isAsked('ssh-public-keys') ? { 'ssh-public-keys': await readKeys(place) } : {}),
      },
    };
  },
  async create(place, wanted) {
    const { client, name: UserName, path: Path } = place;
    const boundary = wanted['boundary'];
    const Tags = asTags(wanted['tags']);
    const bounded = typeof boundary === 'string' ? { PermissionsBoundary: boundary } : {};
    await patiently(place, 'CreateUser', async () => await client.createUser({ UserName, Path, Tags, ...bounded }));
  },
};

async function readGroups({ client, name: UserName, resource }: Place): Promise<string[]> {
  const found = await allPages(async (Marker) => {
    const page = await required(client.listGroupsForUser({ UserName, Marker }), 'ListGroupsForUser', resource);
    return { items: page.Groups, ...page };
  });
  return found.map(({ GroupName = '' }) => GroupName).sort();
}

async function readKeys(place: Place): Promise<Json> {
  const keys = await readSshKeys(place);
  return Object.fromEntries(keys.map(({ SSHPublicKeyBody = '', Status }) => [SSHPublicKeyBody, Status]));
}
