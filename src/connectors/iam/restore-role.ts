import { optional } from '../aws/classify.ts';
import { type Aspect, fields, type Place, type RestoreKind, type State, textOf, valueGoal } from './aspect.ts';
import { plain, tagRecord } from './client.ts';
import { boundaryAspect, policyAspects, readPolicies, type Holder } from './holder.ts';
import { patiently } from './patience.ts';
import { policyDocument } from './policy-document.ts';
import { asTags, tagAspect } from './tag-aspect.ts';
import { comparablePolicy, firstTrust } from './trust.ts';

const file = 'role.json';
export const missing = ['NoSuchEntityException', 'NoSuchEntity'] as const;

const holder: Holder = {
  noun: 'Role',
  attached: (client, RoleName, Marker) => client.listAttachedRolePolicies({ RoleName, Marker }),
  attach: (client, RoleName, PolicyArn) => client.attachRolePolicy({ RoleName, PolicyArn }),
  detach: (client, RoleName, PolicyArn) => client.detachRolePolicy({ RoleName, PolicyArn }),
  inlineNames: (client, RoleName, Marker) => client.listRolePolicies({ RoleName, Marker }),
  getInline: (client, RoleName, PolicyName) => client.getRolePolicy({ RoleName, PolicyName }),
  putInline: (client, RoleName, PolicyName, PolicyDocument) =>
    client.putRolePolicy({ RoleName, PolicyName, PolicyDocument }),
  deleteInline: (client, RoleName, PolicyName) => client.deleteRolePolicy({ RoleName, PolicyName }),
};

/** Part of the ARN, and said once and for all. */
export function fixedPath(key: string): Aspect {
  return { name: 'path', from: { collection: '', key }, goal: (wanted, live) => wanted ?? live };
}

const settings: Aspect = {
  name: 'settings',
  from: { collection: '', key: file },
  goal: (wanted, live) => ({ ...fields(live), ...fields(wanted) }),
  async write(place, goal) {
    const { client, name: RoleName } = place;
    const { Description = '', MaxSessionDuration } = fields(goal);
    await patiently(
      place,
      'UpdateRole',
      async () =>
        await client.updateRole({
          RoleName,
          Description: textOf(Description),
          ...(typeof MaxSessionDuration === 'number' ? { MaxSessionDuration } : {}),
        }),
    );
  },
};

/** Written once every role and user is there: two roles may trust each other. */
export const trust: Aspect = {
  name: 'trust',
  from: { collection: '', key: 'trust-policy.json' },
  phase: 'settle',
  goal: valueGoal,
  comparable: comparablePolicy,
  async write(place, goal) {
    const { client, name: RoleName } = place;
    const PolicyDocument = JSON.stringify(goal);
    await patiently(
      place,
      'UpdateAssumeRolePolicy',
      async () => await client.updateAssumeRolePolicy({ RoleName, PolicyDocument }),
    );
  },
};

export const role: RestoreKind = {
  rank: 2,
  arnKind: 'role',
  aspects: [
    fixedPath(file),
    settings,
    boundaryAspect(
      'Role',
      file,
      (client, RoleName, PermissionsBoundary) => client.putRolePermissionsBoundary({ RoleName, PermissionsBoundary }),
      (client, RoleName) => client.deleteRolePermissionsBoundary({ RoleName }),
    ),
    ...policyAspects(holder, file),
    tagAspect(file, {
      noun: 'Role',
      tag: (client, RoleName, Tags) => client.tagRole({ RoleName, Tags }),
      untag: (client, RoleName, TagKeys) => client.untagRole({ RoleName, TagKeys }),
    }),
    trust,
  ],
  async live(place, aspect) {
    const { client, name: RoleName, resource } = place;
    const got = await optional(client.getRole({ RoleName }), 'GetRole', resource, ...missing);
    const found = got?.Role;
    if (!found) return undefined;
    const { Path: path, Description = '', MaxSessionDuration } = found;
    const tags = tagRecord(found.Tags);
    if (isServiceLinked(place)) {
      return { id: found.RoleId, state: { path, settings: plain({ Description }), tags } };
    }
    return {
      id: found.RoleId,
      state: {
        path,
        settings: plain({ Description, MaxSessionDuration }),
        boundary: found.PermissionsBoundary?.PermissionsBoundaryArn,
        ...(await readPolicies(holder, place, aspect)),
        tags,
        trust: policyDocument(found.AssumeRolePolicyDocument ?? '', resource),
      },
    };
  },
  async create(place, wanted) {
    if (isServiceLinked(place)) return await createServiceLinked(place, wanted);
    const { client, name: RoleName, path: Path, arn } = place;
    const root = arn.replace(/:role\/.*$/, ':root');
    const { Description, MaxSessionDuration } = fields(wanted['settings']);
    const boundary = wanted['boundary'];
    await patiently(
      place,
      'CreateRole',
      async () =>
        await client.createRole({
          RoleName,
          Path,
          AssumeRolePolicyDocument: JSON.stringify(firstTrust(wanted['trust'], root)),
          Tags: asTags(wanted['tags']),
          ...(Description === undefined ? {} : { Description: textOf(Description) }),
          ...(typeof MaxSessionDuration === 'number' ? { MaxSessionDuration } : {}),
          ...(typeof boundary === 'string' ? { PermissionsBoundary: boundary } : {}),
        }),
    );
  },
};

export function isServiceLinked({ path }: Pick<Place, 'path'>): boolean {
  return path.startsWith('/aws-service-role/');
}

/** Services that let one account have several of their roles; the suffix follows the name. */
const suffixed = new Set(['autoscaling.amazonaws.com', 'lexv2.amazonaws.com']);

async function createServiceLinked(place: Place, wanted: State): Promise<void> {
  const { client, name, path } = place;
  const AWSServiceName = path.split('/')[2] ?? '';
  const CustomSuffix = suffixed.has(AWSServiceName) ? /_(.+)$/.exec(name)?.[1] : undefined;
  const { Description } = fields(wanted['settings']);
  await patiently(
    place,
    'CreateServiceLinkedRole',
    async () =>
      await client.createServiceLinkedRole({
        AWSServiceName,
        ...(CustomSuffix === undefined ? {} : { CustomSuffix }),
        ...(CustomSuffix !== undefined && Description !== undefined ? { Description: textOf(Description) } : {}),
      }),
  );
}
