import { canonicalJson, type Json } from '../../kernel/json.ts';
import type { AttachedPolicy, IAM, Tag } from '@aws-sdk/client-iam';
import { optional } from '../aws/classify.ts';

/** Everything a test restores, read by the SDK alone; without ids and dates, and policies parsed. */
export async function readAccount(sdk: IAM): Promise<unknown> {
  const found: Record<string, unknown> = {};
  const parsed = (text = ''): unknown => JSON.parse(canonicalJson(JSON.parse(decodeURIComponent(text)) as Json));
  const tagsOf = (tags: readonly Tag[] = []): unknown => [...tags].map(({ Key, Value }) => `${Key}=${Value}`).sort();
  const inlineOf = async (
    names: readonly string[] = [],
    read: (name: string) => Promise<{ PolicyDocument?: string | undefined }>,
  ) =>
    await Promise.all(
      [...names].sort().map(async (name) => [name, parsed(encoded((await read(name)).PolicyDocument))] as const),
    );
  const arns = (attached: readonly AttachedPolicy[] = []): unknown =>
    attached.map(({ PolicyArn = '' }) => PolicyArn).sort();
  for (const { RoleName = '' } of (await sdk.listRoles({})).Roles ?? []) {
    const { Role } = await sdk.getRole({ RoleName });
    found[`role ${RoleName}`] = {
      path: Role?.Path,
      trust: parsed(encoded(Role?.AssumeRolePolicyDocument)),
      facts: [Role?.Description ?? '', Role?.MaxSessionDuration, Role?.PermissionsBoundary?.PermissionsBoundaryArn],
      tags: tagsOf(Role?.Tags),
      attached: arns((await sdk.listAttachedRolePolicies({ RoleName })).AttachedPolicies),
      inline: await inlineOf((await sdk.listRolePolicies({ RoleName })).PolicyNames, async (PolicyName) =>
        sdk.getRolePolicy({ RoleName, PolicyName }),
      ),
    };
  }
  for (const { Arn: PolicyArn = '' } of (await sdk.listPolicies({ Scope: 'Local' })).Policies ?? []) {
    const { Policy } = await sdk.getPolicy({ PolicyArn });
    const versions = await Promise.all(
      ((await sdk.listPolicyVersions({ PolicyArn })).Versions ?? []).map(async ({ VersionId, IsDefaultVersion }) => {
        const { PolicyVersion } = await sdk.getPolicyVersion({ PolicyArn, VersionId });
        return JSON.stringify([IsDefaultVersion, parsed(encoded(PolicyVersion?.Document))]);
      }),
    );
    found[`policy ${PolicyArn}`] = [Policy?.Description, tagsOf(Policy?.Tags), versions.sort()];
  }
  for (const { GroupName = '', Path } of (await sdk.listGroups({})).Groups ?? []) {
    found[`group ${GroupName}`] = {
      Path,
      members: ((await sdk.getGroup({ GroupName })).Users ?? []).map(({ UserName = '' }) => UserName).sort(),
      attached: arns((await sdk.listAttachedGroupPolicies({ GroupName })).AttachedPolicies),
      inline: await inlineOf((await sdk.listGroupPolicies({ GroupName })).PolicyNames, async (PolicyName) =>
        sdk.getGroupPolicy({ GroupName, PolicyName }),
      ),
    };
  }
  for (const { UserName = '', Path } of (await sdk.listUsers({})).Users ?? []) {
    found[`user ${UserName}`] = {
      Path,
      tags: tagsOf((await sdk.getUser({ UserName })).User?.Tags),
      attached: arns((await sdk.listAttachedUserPolicies({ UserName })).AttachedPolicies),
      inline: await inlineOf((await sdk.listUserPolicies({ UserName })).PolicyNames, async (PolicyName) =>
        sdk.getUserPolicy({ UserName, PolicyName }),
      ),
      keys: await Promise.all(
        ((await sdk.listSSHPublicKeys({ UserName })).SSHPublicKeys ?? []).map(async ({ SSHPublicKeyId }) => {
          const { SSHPublicKey } = await sdk.getSSHPublicKey({ UserName, SSHPublicKeyId, Encoding: 'SSH' });
          return [SSHPublicKey?.SSHPublicKeyBody, SSHPublicKey?.Status];
        }),
      ),
    };
  }
  for (const { InstanceProfileName = '' } of (await sdk.listInstanceProfiles({})).InstanceProfiles ?? []) {
    const { InstanceProfile } = await sdk.getInstanceProfile({ InstanceProfileName });
    const roles = InstanceProfile?.Roles?.map((one) => one.RoleName);
    found[`profile ${InstanceProfileName}`] = [InstanceProfile?.Path, roles, tagsOf(InstanceProfile?.Tags)];
  }
  for (const { Arn = '' } of (await sdk.listOpenIDConnectProviders({})).OpenIDConnectProviderList ?? []) {
    const got = await sdk.getOpenIDConnectProvider({ OpenIDConnectProviderArn: Arn });
    found[Arn] = [[...(got.ClientIDList ?? [])].sort(), got.ThumbprintList, tagsOf(got.Tags)];
  }
  for (const { Arn = '' } of (await sdk.listSAMLProviders({})).SAMLProviderList ?? [])
    found[Arn] = (await sdk.getSAMLProvider({ SAMLProviderArn: Arn })).SAMLMetadataDocument;
  const policy = await optional(
    sdk.getAccountPasswordPolicy({}),
    'GetAccountPasswordPolicy',
    'account',
    'NoSuchEntityException',
  );
  found['account'] = [(await sdk.listAccountAliases({})).AccountAliases, policy?.PasswordPolicy];
  return found;
}

/** Some answers of moto are percent-encoded, others plain. */
function encoded(text = ''): string {
  return text.startsWith('%') ? text : encodeURIComponent(text);
}
