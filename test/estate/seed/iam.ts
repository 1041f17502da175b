import {
  AddRoleToInstanceProfileCommand,
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateInstanceProfileCommand,
  CreateOpenIDConnectProviderCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  PutGroupPolicyCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  type IAMClient,
} from '@aws-sdk/client-iam';
import { inParallel } from '../parallel.ts';
import { account, environmentsOf, shared, type EstateSize, type SiteEnvironment } from '../sites.ts';

const atOnce = 8;

export async function seedIam(iam: IAMClient, size: EstateSize): Promise<void> {
  const environments = environmentsOf(size);
  const boundary = await createPolicy(iam, shared('boundary'), ['*'], 1);
  await inParallel(atOnce, environments, (site) => seedSite(iam, site, boundary));
  await seedPeople(iam, boundary);
  await iam.send(
    new CreateOpenIDConnectProviderCommand({
      Url: 'https://token.actions.githubusercontent.com',
      ClientIDList: ['sts.amazonaws.com'],
      ThumbprintList: ['6938fd4d98bab03faadb97b34396831e3780aea1'],
      Tags: [{ Key: 'Purpose', Value: 'deployments' }],
    }),
  );
  await createRole(iam, shared('deploy'), {
    principal: { Federated: `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com` },
    action: 'sts:AssumeRoleWithWebIdentity',
  });
}

/** Name of the role that a site's function runs as. */
export function functionRole(site: SiteEnvironment | undefined, purpose: string): string {
  return `${site?.named(purpose) ?? shared(purpose)}-role`;
}

async function seedSite(iam: IAMClient, site: SiteEnvironment, boundary: string): Promise<void> {
  const data = await createPolicy(iam, site.named('data'), [site.named('uploads'), site.named('exports')], 3);
  for (const purpose of ['api', 'uploads', 'nightly']) {
    const RoleName = functionRole(site, purpose);
    await createRole(iam, RoleName, { principal: { Service: 'lambda.amazonaws.com' }, action: 'sts:AssumeRole', site });
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: data }));
    await iam.send(
      new AttachRolePolicyCommand({
        RoleName,
        PolicyArn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
      }),
    );
    await iam.send(
      new PutRolePolicyCommand({
        RoleName,
        PolicyName: 'tables',
        PolicyDocument: allow(
          ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
          [`arn:aws:dynamodb:*:${account}:table/${site.site.name}-*`],
        ),
      }),
    );
    if (purpose === 'nightly') {
      await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: boundary }));
    }
  }
  if (site.environment !== 'prod') return;
  const server = site.named('server');
  await createRole(iam, server, { principal: { Service: 'ec2.amazonaws.com' }, action: 'sts:AssumeRole', site });
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: server, Path: '/servers/' }));
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: server, RoleName: server }));
}

async function seedPeople(iam: IAMClient, boundary: string): Promise<void> {
  const groups = ['acme-admins', 'acme-developers', 'acme-editors'];
  await inParallel(atOnce, groups, async (GroupName) => {
    await iam.send(new CreateGroupCommand({ GroupName, Path: '/people/' }));
    await iam.send(new AttachGroupPolicyCommand({ GroupName, PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }));
    await iam.send(
      new PutGroupPolicyCommand({
        GroupName,
        PolicyName: 'own-credentials',
        PolicyDocument: allow(['iam:*AccessKey*'], ['*']),
      }),
    );
  });
  await inParallel(atOnce, ['ana', 'ben', 'chidi', 'deployer'], async (UserName, index) => {
    await iam.send(
      new CreateUserCommand({
        UserName,
        Path: '/people/',
        Tags: [{ Key: 'Team', Value: index % 2 === 0 ? 'web' : 'ops' }],
      }),
    );
    await iam.send(new AddUserToGroupCommand({ UserName, GroupName: groups[index % groups.length] }));
    await iam.send(
      new PutUserPolicyCommand({ UserName, PolicyName: 'home', PolicyDocument: allow(['s3:ListAllMyBuckets'], ['*']) }),
    );
    if (UserName !== 'deployer') return;
    await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: boundary }));
    await iam.send(new CreateAccessKeyCommand({ UserName }));
  });
}

interface Trust {
  readonly principal: Readonly<Record<string, string>>;
  readonly action: string;
  readonly site?: SiteEnvironment;
}

async function createRole(iam: IAMClient, RoleName: string, { principal, action, site }: Trust): Promise<void> {
  await iam.send(
    new CreateRoleCommand({
      RoleName,
      Path: '/service/',
      Description: `Role of ${RoleName}`,
      MaxSessionDuration: 7200,
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: principal, Action: action }],
      }),
      ...(site
        ? {
            Tags: [
              { Key: 'Site', Value: site.site.name },
              { Key: 'Environment', Value: site.environment },
            ],
          }
        : {}),
    }),
  );
}

/** A customer managed policy with several versions, of which the one before the last is the default. */
async function createPolicy(
  iam: IAMClient,
  PolicyName: string,
  buckets: readonly string[],
  versions: number,
): Promise<string> {
  const document = (version: number): string =>
    allow(
      ['s3:GetObject', 's3:PutObject', 's3:ListBucket', 's3:DeleteObject'].slice(0, version + 1),
      buckets.map((bucket) => `arn:aws:s3:::${bucket}/*`),
    );
  const { Policy } = await iam.send(
    new CreatePolicyCommand({
      PolicyName,
      Path: '/acme/',
      Description: `Access of ${PolicyName}`,
      PolicyDocument: document(0),
    }),
  );
  const arn = Policy?.Arn;
  if (arn === undefined) throw new Error(`policy ${PolicyName} got no ARN`);
  for (let version = 1; version < versions; version++) {
    await iam.send(
      new CreatePolicyVersionCommand({
        PolicyArn: arn,
        PolicyDocument: document(version),
        SetAsDefault: version === versions - 2,
      }),
    );
  }
  return arn;
}

function allow(Action: readonly string[], Resource: readonly string[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Sid: 'Allowed', Effect: 'Allow', Action, Resource }] });
}
