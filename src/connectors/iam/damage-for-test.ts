import type { IAM } from '@aws-sdk/client-iam';

const account = 'arn:aws:iam::123456789012';

/** Deletes a role of a circle, a group and a service's role; changes something in everything else that `seed` made. */
export async function damageAccount(sdk: IAM): Promise<void> {
  const policy = `${account}:policy/app/Read`;
  const nothing = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'sts:TagSession', Resource: '*' }],
  });
  await sdk.deleteRole({ RoleName: 'Left' });
  await sdk.deleteServiceLinkedRole({ RoleName: 'AWSServiceRoleForAutoScaling' });
  await sdk.updateAssumeRolePolicy({
    RoleName: 'Right',
    PolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: `${account}:root` }, Action: 'sts:AssumeRole' }],
    }),
  });

  await sdk.detachRolePolicy({ RoleName: 'Deploy', PolicyArn: policy });
  await sdk.attachRolePolicy({ RoleName: 'Deploy', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' });
  await sdk.deleteRolePermissionsBoundary({ RoleName: 'Deploy' });
  await sdk.updateRole({ RoleName: 'Deploy', Description: 'does more', MaxSessionDuration: 3600 });
  await sdk.putRolePolicy({ RoleName: 'Deploy', PolicyName: 'inline', PolicyDocument: nothing });
  await sdk.putRolePolicy({ RoleName: 'Deploy', PolicyName: 'more', PolicyDocument: nothing });
  await sdk.tagRole({ RoleName: 'Deploy', Tags: [{ Key: 'site', Value: 'other' }] });
  await sdk.tagRole({ RoleName: 'Deploy', Tags: [{ Key: 'added', Value: 'yes' }] });

  // Five versions, none of them the one that was in force.
  await sdk.setDefaultPolicyVersion({ PolicyArn: policy, VersionId: 'v1' });
  await sdk.deletePolicyVersion({ PolicyArn: policy, VersionId: 'v2' });
  for (const Action of ['s3:PutObject', 's3:DeleteObject', 's3:ListBucket', 's3:GetObject']) {
    const Statement = [{ Effect: 'Allow', Action, Resource: '*' }];
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await sdk.createPolicyVersion({ PolicyArn: policy, PolicyDocument, SetAsDefault: true });
  }
  await sdk.untagPolicy({ PolicyArn: policy, TagKeys: ['site'] });

  await sdk.removeUserFromGroup({ GroupName: 'Ops', UserName: 'ann' });
  await sdk.deleteGroupPolicy({ GroupName: 'Ops', PolicyName: 'inline' });
  await sdk.deleteGroup({ GroupName: 'Ops' });
  await sdk.attachUserPolicy({ UserName: 'ann', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' });
  await sdk.deleteUserPolicy({ UserName: 'ann', PolicyName: 'inline' });
  await sdk.tagUser({ UserName: 'ann', Tags: [{ Key: 'site', Value: 'other' }] });
  const { SSHPublicKeys = [] } = await sdk.listSSHPublicKeys({ UserName: 'ann' });
  await sdk.deleteSSHPublicKey({ UserName: 'ann', SSHPublicKeyId: SSHPublicKeys[0]?.SSHPublicKeyId });

  await sdk.removeRoleFromInstanceProfile({ InstanceProfileName: 'Worker', RoleName: 'Deploy' });
  await sdk.addRoleToInstanceProfile({ InstanceProfileName: 'Worker', RoleName: 'Right' });
  await sdk.untagInstanceProfile({ InstanceProfileName: 'Worker', TagKeys: ['site'] });
  await sdk.deleteOpenIDConnectProvider({
    OpenIDConnectProviderArn: `${account}:oidc-provider/oidc.example.com/id/0A1B`,
  });
  await sdk.updateSAMLProvider({
    SAMLProviderArn: `${account}:saml-provider/corp`,
    SAMLMetadataDocument: `<xml>${'y'.repeat(1100)}</xml>`,
  });
  await sdk.updateAccountPasswordPolicy({ MinimumPasswordLength: 6, RequireSymbols: true });
  await sdk.deleteAccountAlias({ AccountAlias: 'acme' });
}
