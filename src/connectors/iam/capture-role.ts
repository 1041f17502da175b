import type { InstanceProfile, RoleDetail } from '@aws-sdk/client-iam';
import { required } from '../aws/classify.ts';
import { iam, plain, tagRecord } from './client.ts';
import type { RoleFacts } from './listed.ts';
import { addDocument, type Capture } from './part.ts';
import { attachedArns, captureInlinePolicies, policyDocument } from './policy-document.ts';

/** `role.json`, `trust-policy.json`, `inline-policies/`. When it was last used is not captured: it changes by itself. */
export async function captureRole(capture: Capture, detail: RoleDetail, listed: RoleFacts | undefined): Promise<void> {
  const { sink, part, resource } = capture;
  const more = listed ?? (await part({ collection: '', key: 'role.json' }, async () => await getRole(capture, detail)));
  const { Arn, Path, RoleName, RoleId, CreateDate } = detail;
  await addDocument(
    capture,
    'role.json',
    plain({
      Arn,
      Path,
      RoleName,
      RoleId,
      CreateDate,
      Description: more?.Description,
      MaxSessionDuration: more?.MaxSessionDuration,
      PermissionsBoundary: detail.PermissionsBoundary?.PermissionsBoundaryArn,
      AttachedPolicies: attachedArns(detail.AttachedManagedPolicies),
      InstanceProfiles: (detail.InstanceProfileList ?? []).map((profile) => profile.InstanceProfileName ?? '').sort(),
      Tags: tagRecord(detail.Tags),
    }),
  );
  await part({ collection: '', key: 'trust-policy.json' }, async () => {
    await addDocument(capture, 'trust-policy.json', policyDocument(detail.AssumeRolePolicyDocument ?? '', resource));
  });
  await captureInlinePolicies(capture, detail.RolePolicyList);
  if (Path?.startsWith('/aws-service-role/') === true) {
    sink.note({
      class: 'needs-human',
      what: `service-linked role ${RoleName}`,
      why: 'only its service creates it, by CreateServiceLinkedRole, with the policies the service wants',
      action: `create it with: aws iam create-service-linked-role --aws-service-name ${Path.split('/')[2]}`,
    });
  } else {
    sink.note({
      class: 'new-identity',
      what: 'role id',
      why: 'a role that is created again gets another id, and policies that name the old one silently stop matching it',
      action: 'save the policies again that name it as a principal, after it is restored',
    });
  }
}

/** `instance-profile.json`; the listing lacks its tags. */
export async function captureInstanceProfile(capture: Capture, name: string): Promise<void> {
  await capture.part({ collection: '', key: 'instance-profile.json' }, async () => {
    const { client, sdk } = await iam(capture.aws);
    const command = new sdk.GetInstanceProfileCommand({ InstanceProfileName: name });
    const answer = await required(client.send(command), 'GetInstanceProfile', capture.resource);
    const { Roles, Tags, ...profile }: Partial<InstanceProfile> = answer.InstanceProfile ?? {};
    const roles = (Roles ?? []).map((role) => role.RoleName ?? '').sort();
    await addDocument(capture, 'instance-profile.json', plain({ ...profile, Roles: roles, Tags: tagRecord(Tags) }));
  });
}

async function getRole({ aws, resource }: Capture, { RoleName }: RoleDetail): Promise<RoleFacts | undefined> {
  const { client, sdk } = await iam(aws);
  return (await required(client.send(new sdk.GetRoleCommand({ RoleName })), 'GetRole', resource)).Role;
}
