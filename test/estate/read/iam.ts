import {
  GetOpenIDConnectProviderCommand,
  ListOpenIDConnectProvidersCommand,
  paginateGetAccountAuthorizationDetails,
  type GetAccountAuthorizationDetailsCommandOutput,
  type IAMClient,
} from '@aws-sdk/client-iam';
import { answerOf, sortedList, without, type DescribedItem } from '../description.ts';

/** Ids and dates that IAM gives anew to what is created again. */
const volatile = [
  'RoleId',
  'UserId',
  'GroupId',
  'PolicyId',
  'InstanceProfileId',
  'CreateDate',
  'UpdateDate',
  'RoleLastUsed',
  'PasswordLastUsed',
];

export async function readIam(iam: IAMClient): Promise<DescribedItem[]> {
  const items: DescribedItem[] = [];
  const filter = { Filter: ['User', 'Role', 'Group', 'LocalManagedPolicy'] } as const;
  for await (const page of paginateGetAccountAuthorizationDetails({ client: iam }, { Filter: [...filter.Filter] })) {
    items.push(...describePage(page));
  }
  const { OpenIDConnectProviderList = [] } = await iam.send(new ListOpenIDConnectProvidersCommand({}));
  for (const { Arn } of OpenIDConnectProviderList) {
    const provider = await iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: Arn }));
    items.push([`iam/provider/${Arn}`, without(answerOf(provider), ...volatile)]);
  }
  return items;
}

function describePage(page: GetAccountAuthorizationDetailsCommandOutput): DescribedItem[] {
  const roles = (page.RoleDetailList ?? []).map((role) => ({
    ...role,
    AttachedManagedPolicies: sortedList(role.AttachedManagedPolicies),
    RolePolicyList: sortedList(role.RolePolicyList),
    Tags: sortedList(role.Tags),
  }));
  const users = (page.UserDetailList ?? []).map((user) => ({
    ...user,
    GroupList: sortedList(user.GroupList),
    AttachedManagedPolicies: sortedList(user.AttachedManagedPolicies),
    UserPolicyList: sortedList(user.UserPolicyList),
    Tags: sortedList(user.Tags),
  }));
  const groups = (page.GroupDetailList ?? []).map((group) => ({
    ...group,
    AttachedManagedPolicies: sortedList(group.AttachedManagedPolicies),
    GroupPolicyList: sortedList(group.GroupPolicyList),
  }));
  const policies = (page.Policies ?? []).map((policy) => ({
    ...policy,
    PolicyVersionList: sortedList(policy.PolicyVersionList),
  }));
  const named = (kind: string, name: string | undefined, value: unknown): DescribedItem => [
    `iam/${kind}/${name}`,
    without(value, ...volatile),
  ];
  return [
    ...roles.map((role) => named('role', role.RoleName, role)),
    ...users.map((user) => named('user', user.UserName, user)),
    ...groups.map((group) => named('group', group.GroupName, group)),
    ...policies.map((policy) => named('policy', policy.Arn, policy)),
  ];
}
