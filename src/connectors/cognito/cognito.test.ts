import { CognitoIdentityProvider } from '@aws-sdk/client-cognito-identity-provider';
import { describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { captureAll, conformanceContext, describeConnector } from '../conformance.ts';
import { connector } from './index.ts';

const cleanups = cleanedUpAfterAll();

const region = 'us-east-1';
const clients = new Map(
  ['us-east-1', 'eu-west-1'].map((one) => [one, new CognitoIdentityProvider({ region: one })] as const),
);
const cognito = clients.get(region) as CognitoIdentityProvider;
const planted = 'planted-client-secret-0123456789';
const elsewhere = 'planted-provider-secret';

async function idOf(name: string): Promise<string> {
  return (await cognito.listUserPools({ MaxResults: 60 })).UserPools?.find((pool) => pool.Name === name)?.Id ?? '';
}

async function seedPeople(): Promise<void> {
  const { UserPool } = await cognito.createUserPool({
    PoolName: 'people',
    Policies: { PasswordPolicy: { MinimumLength: 12, RequireNumbers: true } },
    AutoVerifiedAttributes: ['email'],
    Schema: [
      { Name: 'email', AttributeDataType: 'String', Required: true, Mutable: true },
      { Name: 'tenant', AttributeDataType: 'String', Mutable: true },
    ],
    LambdaConfig: { PreSignUp: `arn:aws:lambda:${region}:123456789012:function:signup` },
    UserPoolTags: { site: 'acme' },
  });
  const UserPoolId = UserPool?.Id ?? '';
  await cognito.setUserPoolMfaConfig({
    UserPoolId,
    MfaConfiguration: 'OPTIONAL',
    SoftwareTokenMfaConfiguration: { Enabled: true },
  });
  await cognito.createResourceServer({
    UserPoolId,
    Identifier: 'orders',
    Name: 'orders',
    Scopes: [{ ScopeName: 'read', ScopeDescription: 'to read' }],
  });
  await cognito.createIdentityProvider({
    UserPoolId,
    ProviderName: 'Google',
    ProviderType: 'Google',
    ProviderDetails: { client_id: 'abc', client_secret: elsewhere, authorize_scopes: 'email' },
    AttributeMapping: { email: 'email' },
  });
  await cognito.createUserPoolClient({
    UserPoolId,
    ClientName: 'web',
    CallbackURLs: ['https://acme.example'],
    SupportedIdentityProviders: ['COGNITO', 'Google'],
  });
  await cognito.createUserPoolClient({ UserPoolId, ClientName: 'server', ClientSecret: planted });
  await cognito.createUserPoolDomain({ UserPoolId, Domain: 'acme-people' });
  await cognito.createGroup({ UserPoolId, GroupName: 'admins', Description: 'who may', Precedence: 1 });
  await cognito.createGroup({ UserPoolId, GroupName: 'staff' });
  for (let i = 0; i < 70; i++) {
    const email = `user${i}@acme.example`;
    const UserAttributes = [
      { Name: 'email', Value: email },
      { Name: 'email_verified', Value: 'true' },
      { Name: 'custom:tenant', Value: `t${i % 3}` },
    ];
    await cognito.adminCreateUser({ UserPoolId, Username: `user${i}`, UserAttributes, MessageAction: 'SUPPRESS' });
  }
  await cognito.adminDisableUser({ UserPoolId, Username: 'user3' });
  await cognito.adminAddUserToGroup({ UserPoolId, Username: 'user1', GroupName: 'admins' });
  await cognito.adminAddUserToGroup({ UserPoolId, Username: 'user2', GroupName: 'staff' });
}

async function seedMail(): Promise<void> {
  const { UserPool } = await cognito.createUserPool({ PoolName: 'mail', UsernameAttributes: ['email'] });
  const UserPoolId = UserPool?.Id ?? '';
  await cognito.createGroup({ UserPoolId, GroupName: 'readers' });
  const UserAttributes = [{ Name: 'email', Value: 'ann@acme.example' }];
  await cognito.adminCreateUser({
    UserPoolId,
    Username: 'ann@acme.example',
    UserAttributes,
    MessageAction: 'SUPPRESS',
  });
  await cognito.adminAddUserToGroup({ UserPoolId, Username: 'ann@acme.example', GroupName: 'readers' });
}

const volatile = new Set([
  // What it says, TemporaryPasswordValidityDays says as well.
  'UnusedAccountValidityDays',
  '$metadata',
  'CreationDate',
  'LastModifiedDate',
  'UserCreateDate',
  'UserLastModifiedDate',
  'ClientId',
  'AWSAccountId',
  'CloudFrontDistribution',
  'Version',
  'EstimatedNumberOfUsers',
]);
const stable = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, inner: unknown) => {
      if (volatile.has(key)) return undefined;
      // No triggers are none, and attributes have no order.
      if (key === 'LambdaConfig' && JSON.stringify(inner) === '{}') return undefined;
      return key === 'SchemaAttributes' ? sorted(inner as unknown[]) : inner;
    }),
  ) as unknown;
const sorted = <T>(items: T[]): T[] => items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

async function readBack(where: string): Promise<unknown> {
  const client = clients.get(where) as CognitoIdentityProvider;
  const found: unknown[] = [];
  const pools = (await client.listUserPools({ MaxResults: 60 })).UserPools ?? [];
  for (const { Id: UserPoolId } of pools.sort((a, b) => ((a.Name ?? '') < (b.Name ?? '') ? -1 : 1))) {
    const { UserPool } = await client.describeUserPool({ UserPoolId });
    found.push(UserPool, await client.getUserPoolMfaConfig({ UserPoolId }));
    found.push((await client.listResourceServers({ UserPoolId, MaxResults: 50 })).ResourceServers);
    for (const { ProviderName } of (await client.listIdentityProviders({ UserPoolId, MaxResults: 60 })).Providers ?? [])
      found.push((await client.describeIdentityProvider({ UserPoolId, ProviderName })).IdentityProvider);
    const apps = [];
    for (const { ClientId } of (await client.listUserPoolClients({ UserPoolId, MaxResults: 60 })).UserPoolClients ?? [])
      apps.push((await client.describeUserPoolClient({ UserPoolId, ClientId })).UserPoolClient);
    found.push(sorted(stable(apps) as unknown[]));
    if (UserPool?.Domain)
      found.push((await client.describeUserPoolDomain({ Domain: UserPool.Domain })).DomainDescription);
    const users = [];
    let PaginationToken: string | undefined;
    do {
      const page = await client.listUsers({ UserPoolId, PaginationToken });
      users.push(...(page.Users ?? []));
      ({ PaginationToken } = page);
    } while (PaginationToken);
    const isMail = (UserPool?.UsernameAttributes?.length ?? 0) > 0;
    found.push(
      sorted(
        users.map(({ Username, Attributes = [], Enabled }) => [
          isMail ? null : Username,
          Enabled,
          sorted(Attributes.filter(({ Name }) => Name !== 'sub')),
        ]),
      ),
    );
    for (const group of sorted((await client.listGroups({ UserPoolId })).Groups ?? [])) {
      const members = (await client.listUsersInGroup({ UserPoolId, GroupName: group.GroupName })).Users ?? [];
      found.push(
        group,
        sorted(members.map(({ Attributes = [] }) => Attributes.find(({ Name }) => Name === 'email')?.Value)),
      );
    }
  }
  return stable(found);
}

async function damage(): Promise<void> {
  const UserPoolId = await idOf('people');
  await cognito.deleteUserPool({ UserPoolId: await idOf('mail') });
  await cognito.updateUserPool({ UserPoolId, Policies: { PasswordPolicy: { MinimumLength: 6 } }, LambdaConfig: {} });
  await cognito.setUserPoolMfaConfig({ UserPoolId, MfaConfiguration: 'OFF' });
  const apps = (await cognito.listUserPoolClients({ UserPoolId, MaxResults: 60 })).UserPoolClients ?? [];
  const app = (name: string): string => apps.find(({ ClientName }) => ClientName === name)?.ClientId ?? '';
  await cognito.deleteUserPoolClient({ UserPoolId, ClientId: app('server') });
  await cognito.updateUserPoolClient({ UserPoolId, ClientId: app('web'), CallbackURLs: ['https://evil.example'] });
  await cognito.deleteIdentityProvider({ UserPoolId, ProviderName: 'Google' });
  await cognito.deleteGroup({ UserPoolId, GroupName: 'staff' });
  await cognito.deleteUserPoolDomain({ UserPoolId, Domain: 'acme-people' });
  await cognito.adminDeleteUser({ UserPoolId, Username: 'user7' });
  await cognito.adminUpdateUserAttributes({
    UserPoolId,
    Username: 'user1',
    UserAttributes: [
      { Name: 'email', Value: 'evil@acme.example' },
      { Name: 'nickname', Value: 'x' },
    ],
  });
  await cognito.adminEnableUser({ UserPoolId, Username: 'user3' });
  await cognito.adminCreateUser({
    UserPoolId,
    Username: 'planted',
    UserAttributes: [{ Name: 'email', Value: 'p@acme.example' }],
    MessageAction: 'SUPPRESS',
  });
  await cognito.adminAddUserToGroup({ UserPoolId, Username: 'planted', GroupName: 'admins' });
  await cognito.adminRemoveUserFromGroup({ UserPoolId, Username: 'user1', GroupName: 'admins' });
}

describeConnector('cognito', async () => {
  const moto = await startMoto();
  cleanups.push(() => moto.stop(), useEndpoints({ all: moto.endpoint }));
  return {
    connector,
    options: {},
    region,
    otherRegion: 'eu-west-1',
    newIdentities: true,
    callsPerResource: 15,
    servedBy: 'moto',
    unverified: [
      'sign-in pages',
      'what AWS refuses of a schema',
      'users who come from other providers',
      'changed resource servers',
    ],
    async seed() {
      await seedPeople();
      await seedMail();
    },
    readBack,
    damage,
  };
});

describe('cognito: traps', () => {
  it('keeps secrets of clients and providers to secret documents', async () => {
    const { context } = conformanceContext({}, region, 'regional');
    const holding: string[] = [];
    for (const [name, { captured: resource }] of await captureAll(connector, context))
      for (const collection of resource.collections)
        for await (const entry of resource.entries(collection)) {
          const text = Buffer.from(await resource.bytes(entry)).toString('utf8');
          if (text.includes(planted) || text.includes(elsewhere))
            holding.push(`${name} ${Buffer.from(entry.key).toString('utf8')} ${entry.secret}`);
        }
    expect(holding).toEqual(['people clients.json true', 'people identity-providers.json true']);
  });

  it('holds users as rows, and tells what is lost of them', async () => {
    const { context } = conformanceContext({}, region, 'regional');
    const people = (await captureAll(connector, context)).get('people');
    let users = 0;
    for await (const entry of people?.captured.entries('users') ?? []) users += entry.kind === 'row' ? 1 : 0;
    expect(users).toBe(70);
    expect(people?.captured.ledger.map((note) => note.class)).toEqual(['new-identity', 'lost', 'needs-human']);
  });

  it('creates one user again, and tells triggers nothing of it', async () => {
    const { context } = conformanceContext({}, region, 'regional');
    const captured = (await captureAll(connector, context)).get('people');
    const UserPoolId = await idOf('people');
    await cognito.adminDeleteUser({ UserPoolId, Username: 'user9' });
    const only = { collection: 'users', prefix: Buffer.from('user9') };
    const resource = captured?.captured;
    if (!resource) throw new Error('not captured');
    const actions = (await connector.live?.plan({ ...context, only }, resource)) ?? [];
    expect(actions.map(({ title }) => title)).toEqual(['create 1 users of people']);
    for (const action of actions) await connector.live?.apply({ ...context, only }, action, resource);
    expect((await cognito.adminGetUser({ UserPoolId, Username: 'user9' })).Username).toBe('user9');
  });
});
