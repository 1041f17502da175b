import {
  AddRoleToInstanceProfileCommand,
  AddUserToGroupCommand,
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreateAccountAliasCommand,
  CreateGroupCommand,
  CreateInstanceProfileCommand,
  CreateLoginProfileCommand,
  CreateOpenIDConnectProviderCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateSAMLProviderCommand,
  CreateServiceLinkedRoleCommand,
  CreateUserCommand,
  CreateVirtualMFADeviceCommand,
  EnableMFADeviceCommand,
  type IAMClient,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAccountPasswordPolicyCommand,
  UploadServerCertificateCommand,
  UploadSSHPublicKeyCommand,
} from '@aws-sdk/client-iam';

export const trust = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};
export const policy = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: 's3:Get*',
      Resource: '*',
      Condition: { StringLike: { 'aws:PrincipalTag/a': 'b%20 c/+é' } },
    },
  ],
};
export const text = (document: unknown): string => JSON.stringify(document);

/** One of everything; returns the secret access key, which must appear nowhere. */
export async function seed(sdk: IAMClient): Promise<string> {
  const Tags = [{ Key: 'site', Value: 'shop' }];
  const { Policy } = await sdk.send(
    new CreatePolicyCommand({
      PolicyName: 'Read',
      Path: '/app/',
      Description: 'reads',
      PolicyDocument: text(policy),
      Tags,
    }),
  );
  const PolicyArn = Policy?.Arn ?? '';
  const second = { ...policy, Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] };
  await sdk.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: text(second), SetAsDefault: true }));
  await sdk.send(
    new CreateRoleCommand({
      RoleName: 'Deploy',
      Path: '/app/',
      Description: 'deploys',
      MaxSessionDuration: 7200,
      AssumeRolePolicyDocument: text(trust),
      PermissionsBoundary: PolicyArn,
      Tags,
    }),
  );
  await sdk.send(new PutRolePolicyCommand({ RoleName: 'Deploy', PolicyName: 'inline', PolicyDocument: text(policy) }));
  for (const arn of [PolicyArn, 'arn:aws:iam::aws:policy/ReadOnlyAccess']) {
    await sdk.send(new AttachRolePolicyCommand({ RoleName: 'Deploy', PolicyArn: arn }));
  }
  await sdk.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: 'autoscaling.amazonaws.com' }));
  // Two roles that trust each other, and a service.
  for (const [name, other] of [
    ['Left', 'Right'],
    ['Right', 'Left'],
  ] as const) {
    const AWS = `arn:aws:iam::123456789012:role/pair/${other}`;
    const Statement = [...trust.Statement, { Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' }];
    const AssumeRolePolicyDocument = text({ ...trust, Statement });
    await sdk.send(new CreateRoleCommand({ RoleName: name, Path: '/pair/', AssumeRolePolicyDocument }));
  }
  await sdk.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'Worker', Tags }));
  await sdk.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: 'Worker', RoleName: 'Deploy' }));
  await sdk.send(new CreateGroupCommand({ GroupName: 'Ops' }));
  await sdk.send(new PutGroupPolicyCommand({ GroupName: 'Ops', PolicyName: 'inline', PolicyDocument: text(policy) }));

  await sdk.send(new CreateUserCommand({ UserName: 'ann', Path: '/people/', Tags }));
  await sdk.send(new AddUserToGroupCommand({ UserName: 'ann', GroupName: 'Ops' }));
  await sdk.send(new PutUserPolicyCommand({ UserName: 'ann', PolicyName: 'inline', PolicyDocument: text(policy) }));
  const { AccessKey } = await sdk.send(new CreateAccessKeyCommand({ UserName: 'ann' }));
  await sdk.send(new CreateLoginProfileCommand({ UserName: 'ann', Password: 'Correct-horse-1' }));
  const { VirtualMFADevice } = await sdk.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: 'phone' }));
  const { SerialNumber } = VirtualMFADevice ?? { SerialNumber: '' };
  const codes = { AuthenticationCode1: '123456', AuthenticationCode2: '234567' };
  await sdk.send(new EnableMFADeviceCommand({ UserName: 'ann', SerialNumber, ...codes }));
  await sdk.send(new UploadSSHPublicKeyCommand({ UserName: 'ann', SSHPublicKeyBody: 'ssh-rsa AAAAB3NzaC1yc2E ann' }));

  await sdk.send(new UpdateAccountPasswordPolicyCommand({ MinimumPasswordLength: 14 }));
  await sdk.send(new CreateAccountAliasCommand({ AccountAlias: 'acme' }));
  const Url = 'https://oidc.example.com/id/0A1B';
  const ThumbprintList = ['6938fd4d98bab03faadb97b34396831e3780aea1'];
  await sdk.send(
    new CreateOpenIDConnectProviderCommand({ Url, ClientIDList: ['sts.amazonaws.com', 'a'], ThumbprintList }),
  );
  const SAMLMetadataDocument = `<xml>${'x'.repeat(1100)}</xml>`;
  await sdk.send(new CreateSAMLProviderCommand({ Name: 'corp', SAMLMetadataDocument }));
  const CertificateBody = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';
  await sdk.send(
    new UploadServerCertificateCommand({ ServerCertificateName: 'old', CertificateBody, PrivateKey: 'top-secret-key' }),
  );
  return AccessKey?.SecretAccessKey ?? '';
}
