import type { GroupDetail, SSHPublicKey, UserDetail } from '@aws-sdk/client-iam';
import { optional, required } from '../aws/classify.ts';
import { iam, plain, tagRecord } from './client.ts';
import { allPages } from './listing.ts';
import { addDocument, type Capture } from './part.ts';
import { attachedArns, captureInlinePolicies } from './policy-document.ts';

const userFile = { collection: '', key: 'user.json' };

/** `user.json`, `inline-policies/`. Of credentials only what can be read: that they are there, never what they are. */
export async function captureUser(capture: Capture, detail: UserDetail): Promise<void> {
  const { Arn, Path, UserName = '', UserId, CreateDate } = detail;
  const credentials = await readCredentials(capture, UserName);
  await addDocument(
    capture,
    userFile.key,
    plain({
      Arn,
      Path,
      UserName,
      UserId,
      CreateDate,
      Groups: [...(detail.GroupList ?? [])].sort(),
      PermissionsBoundary: detail.PermissionsBoundary?.PermissionsBoundaryArn,
      AttachedPolicies: attachedArns(detail.AttachedManagedPolicies),
      Tags: tagRecord(detail.Tags),
      ...credentials,
    }),
  );
  await captureInlinePolicies(capture, detail.UserPolicyList);
  noteLosses(capture, credentials);
}

/** `group.json`, `inline-policies/`. Its members are in the users' documents. */
export async function captureGroup(capture: Capture, detail: GroupDetail): Promise<void> {
  const { Arn, Path, GroupName, GroupId, CreateDate } = detail;
  const AttachedPolicies = attachedArns(detail.AttachedManagedPolicies);
  await addDocument(capture, 'group.json', plain({ Arn, Path, GroupName, GroupId, CreateDate, AttachedPolicies }));
  await captureInlinePolicies(capture, detail.GroupPolicyList);
}

async function readCredentials(capture: Capture, UserName: string) {
  const { aws, part, resource } = capture;
  const { client, sdk } = await iam(aws);
  const byId = (a: string | undefined, b: string | undefined): number => ((a ?? '') < (b ?? '') ? -1 : 1);
  const keys = part(userFile, async () => {
    const found = await allPages(async (Marker) => {
      const page = await required(
        client.send(new sdk.ListAccessKeysCommand({ UserName, Marker })),
        'ListAccessKeys',
        resource,
      );
      return { items: page.AccessKeyMetadata, ...page };
    });
    return found
      .map(({ AccessKeyId, Status, CreateDate }) => ({ AccessKeyId, Status, CreateDate }))
      .sort((a, b) => byId(a.AccessKeyId, b.AccessKeyId));
  });
  const devices = part(userFile, async () => {
    const found = await allPages(async (Marker) => {
      const page = await required(
        client.send(new sdk.ListMFADevicesCommand({ UserName, Marker })),
        'ListMFADevices',
        resource,
      );
      return { items: page.MFADevices, ...page };
    });
    return found
      .map(({ SerialNumber, EnableDate }) => ({ SerialNumber, EnableDate }))
      .sort((a, b) => byId(a.SerialNumber, b.SerialNumber));
  });
  const login = part(userFile, async () => {
    const command = new sdk.GetLoginProfileCommand({ UserName });
    const answer = await optional(
      client.send(command),
      'GetLoginProfile',
      resource,
      'NoSuchEntityException',
      'NoSuchEntity',
    );
    if (answer?.LoginProfile === undefined) return null;
    const { CreateDate, PasswordResetRequired = false } = answer.LoginProfile;
    return { CreateDate, PasswordResetRequired };
  });
  const sshKeys = part(userFile, async () =>
    (await sshPublicKeys(capture, UserName)).sort((a, b) => byId(a.SSHPublicKeyId, b.SSHPublicKeyId)),
  );
  const [AccessKeys, MFADevices, LoginProfile, SSHPublicKeys] = await Promise.all([keys, devices, login, sshKeys]);
  return { AccessKeys, MFADevices, LoginProfile, SSHPublicKeys };
}

type Credentials = Awaited<ReturnType<typeof readCredentials>>;

async function sshPublicKeys({ aws, resource }: Capture, UserName: string): Promise<Partial<SSHPublicKey>[]> {
  const { client, sdk } = await iam(aws);
  const listed = await allPages(async (Marker) => {
    const page = await required(
      client.send(new sdk.ListSSHPublicKeysCommand({ UserName, Marker })),
      'ListSSHPublicKeys',
      resource,
    );
    return { items: page.SSHPublicKeys, ...page };
  });
  return await Promise.all(
    listed.map(async ({ SSHPublicKeyId }) => {
      const command = new sdk.GetSSHPublicKeyCommand({ UserName, SSHPublicKeyId, Encoding: 'SSH' });
      const { SSHPublicKey: key } = await required(client.send(command), 'GetSSHPublicKey', resource);
      return {
        SSHPublicKeyId,
        Status: key?.Status,
        SSHPublicKeyBody: key?.SSHPublicKeyBody,
        UploadDate: key?.UploadDate,
      };
    }),
  );
}

function noteLosses({ sink }: Capture, credentials: Credentials): void {
  sink.note({
    class: 'new-identity',
    what: 'user id',
    why: 'a user that is created again gets another id, and policies that name the old one silently stop matching it',
    action: 'save the policies again that name it as a principal, after it is restored',
  });
  const keys = credentials.AccessKeys?.length ?? 0;
  if (keys > 0) {
    sink.note({
      class: 'lost',
      what: 'access keys',
      why: 'IAM shows a secret access key once, when it is made',
      action: 'use roles instead, or know where the keys are used, to roll out new ones after a restore',
      count: keys,
    });
  }
  if (credentials.LoginProfile) {
    sink.note({
      class: 'lost',
      what: 'console password',
      why: 'IAM never returns passwords',
      action: 'set a new password after a restore, or sign in through an identity provider',
    });
  }
  const devices = credentials.MFADevices?.length ?? 0;
  if (devices > 0) {
    sink.note({
      class: 'lost',
      what: 'MFA devices',
      why: 'the seed of a device is never returned, and its registration ends with the user',
      action: 'let the user register a device again after a restore',
      count: devices,
    });
  }
}
