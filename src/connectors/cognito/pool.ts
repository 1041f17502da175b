import type {
  CreateUserPoolRequest,
  UpdateUserPoolRequest,
  UserPoolDescriptionType,
} from '@aws-sdk/client-cognito-identity-provider';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, DocumentPart, Found, Scene } from '../documents/contract.ts';
import { numbered, type Numbered } from '../documents/numbered.ts';
import { factsOf, without, type Facts } from '../documents/said.ts';
import { allOf, type Cognito } from './calls.ts';

export const files = {
  pool: 'pool.json',
  schema: 'schema.json',
  triggers: 'triggers.json',
  mfa: 'mfa.json',
  resourceServers: 'resource-servers.json',
  providers: 'identity-providers.json',
  clients: 'clients.json',
  groups: 'groups.json',
  domain: 'domain.json',
  branding: 'branding.json',
} as const;

/** What Cognito counts and says of itself, and what has a file of its own. */
const apart = [
  'Id',
  'Arn',
  'Status',
  'EstimatedNumberOfUsers',
  'Domain',
  'CustomDomain',
  'SmsConfigurationFailure',
  'EmailConfigurationFailure',
  'LambdaConfig',
  'SchemaAttributes',
  'MfaConfiguration',
] as const;
/** What only a new pool can be told. */
const once = ['AliasAttributes', 'UsernameAttributes', 'UsernameConfiguration'] as const;

/** Pools by name; several may have the same. */
export async function pools({ client, once }: Scene<Cognito>): Promise<Numbered<UserPoolDescriptionType>[]> {
  return await once('pools', async () => {
    const page = (NextToken: string | undefined) => client.listUserPools({ MaxResults: 60, NextToken });
    const all = await allOf(page, ({ UserPools }) => UserPools, 'ListUserPools', 'cognito');
    return numbered(all, (pool) => ({ name: pool.Name, id: pool.Id, at: pool.CreationDate }));
  });
}

export async function* listPools(scene: Scene<Cognito>): AsyncGenerator<Found> {
  for (const { name, id } of await pools(scene)) {
    const resource = `cognito/${name}`;
    // The listing does not say tags, by which sites are found.
    const { UserPool } = await required(
      scene.client.describeUserPool({ UserPoolId: id }),
      'DescribeUserPool',
      resource,
    );
    yield { name, id, tags: UserPool?.UserPoolTags ?? {}, listed: factsOf(UserPool) };
  }
}

export async function poolOf(
  { client, once }: Scene<Cognito>,
  { id, resource }: Address,
  listed?: Json,
): Promise<Facts> {
  if (listed !== undefined) return listed as Facts;
  return await once('pool', async () =>
    factsOf((await required(client.describeUserPool({ UserPoolId: id }), 'DescribeUserPool', resource)).UserPool),
  );
}

/** What the pool itself says; its id is there so that a restore finds the one it made. */
export const pool: DocumentPart<Cognito> = {
  file: files.pool,
  async read(scene, address, listed) {
    const facts = await poolOf(scene, address, listed);
    return { ...(without(facts, ...apart) as Facts), id: facts['Id'] ?? address.id };
  },
  comparable: (document) => without(told(document as Facts), 'id', 'Name'),
  async write(scene, address, wanted) {
    await updatePool(scene, address, without(wanted ?? {}, 'id', 'Name', ...once) as Facts, [
      'Name',
      'LambdaConfig',
      'MfaConfiguration',
    ]);
  },
};

/** What an update must tell again lest it is set to its default. */
const settings = [
  'Name',
  'Policies',
  'DeletionProtection',
  'AutoVerifiedAttributes',
  'SmsVerificationMessage',
  'MfaConfiguration',
  'EmailVerificationMessage',
  'EmailVerificationSubject',
  'VerificationMessageTemplate',
  'SmsAuthenticationMessage',
  'UserAttributeUpdateSettings',
  'DeviceConfiguration',
  'EmailConfiguration',
  'SmsConfiguration',
  'UserPoolTags',
  'AdminCreateUserConfig',
  'UserPoolAddOns',
  'DcrConfiguration',
  'AccountRecoverySetting',
  'UserPoolTier',
  'KeyConfiguration',
  'IssuerConfiguration',
  'AcrConfiguration',
] as const;

/** Functions that Cognito calls: they are told at the very end, so that none of them sees users come back. */
export const triggers: DocumentPart<Cognito> = {
  file: files.triggers,
  phase: 'enable',
  read: async (scene, address, listed) => (await poolOf(scene, address, listed))['LambdaConfig'],
  async write(scene, address, wanted) {
    await updatePool(scene, address, { LambdaConfig: wanted ?? {} }, settings);
  },
};

/** UpdateUserPool sets to its default whatever it is not told: what stays is read and told again. */
async function updatePool(
  scene: Scene<Cognito>,
  address: Address,
  changes: Facts,
  keep: readonly string[],
): Promise<void> {
  const { client } = scene;
  const { id: UserPoolId, resource } = address;
  const { UserPool } = await required(client.describeUserPool({ UserPoolId }), 'DescribeUserPool', resource);
  const live = factsOf(UserPool);
  const kept = Object.fromEntries(keep.filter((name) => live[name] !== undefined).map((name) => [name, live[name]]));
  const { Name, ...settings } = told({ ...kept, ...changes });
  const request = { UserPoolId, PoolName: Name, ...settings } as unknown as UpdateUserPoolRequest;
  await required(client.updateUserPool(request), 'UpdateUserPool', resource);
}

/** Where one message stands in two places, and the other one. */
const doubles = {
  EmailVerificationMessage: 'EmailMessage',
  EmailVerificationSubject: 'EmailSubject',
  SmsVerificationMessage: 'SmsMessage',
} as const;

/** Cognito answers some things twice, and refuses to be told both. */
function told(facts: Facts): Facts {
  const template = (facts['VerificationMessageTemplate'] ?? {}) as Facts;
  const twice = Object.entries(doubles).filter(([, inner]) => template[inner] !== undefined);
  const once = without(facts, ...twice.map(([outer]) => outer)) as Facts;
  const passwords = (facts['Policies'] as Facts | undefined)?.['PasswordPolicy'] as Facts | undefined;
  const admin = facts['AdminCreateUserConfig'];
  if (admin === undefined || passwords?.['TemporaryPasswordValidityDays'] === undefined) return once;
  return { ...once, AdminCreateUserConfig: without(admin, 'UnusedAccountValidityDays') };
}

/** As CreateUserPool takes it. */
export function creation(name: string, document: Facts, schema: Json | undefined): CreateUserPoolRequest {
  const { Name: _, id: __, ...settings } = told(document);
  const Schema = schemaOf(schema);
  return {
    ...settings,
    PoolName: name,
    ...(Schema.length === 0 ? {} : { Schema }),
  };
}

/** Attributes of one's own, and those of Cognito that were told something. */
function schemaOf(schema: Json | undefined): Facts[] {
  return ((schema ?? []) as Facts[])
    .filter((one) => isCustom(one) || (one['Name'] !== 'sub' && (one['Required'] === true || one['Mutable'] === false)))
    .map((one) => ({ ...one, Name: bareName(one) }));
}

function isCustom({ Name }: Facts): boolean {
  return /^(custom|dev):/.test(Name as string);
}

function bareName({ Name }: Facts): string {
  return (Name as string).replace(/^(dev:)?(custom:)?/, '');
}

/** Attributes of users. They can be added, and never changed or taken away. */
export const schema: DocumentPart<Cognito> = {
  file: files.schema,
  async read(scene, address, listed) {
    const all = ((await poolOf(scene, address, listed))['SchemaAttributes'] ?? []) as Facts[];
    return [...all].sort((a, b) => ((a['Name'] as string) < (b['Name'] as string) ? -1 : 1));
  },
  async write({ client }, { id: UserPoolId, resource }, wanted, live) {
    const there = new Set(((live ?? []) as Facts[]).map((one) => one['Name']));
    const missing = ((wanted ?? []) as Facts[]).filter((one) => isCustom(one) && !there.has(one['Name']));
    const CustomAttributes = missing.map((one) => ({ ...one, Name: bareName(one) }));
    if (CustomAttributes.length > 0)
      await required(client.addCustomAttributes({ UserPoolId, CustomAttributes }), 'AddCustomAttributes', resource);
  },
};

export const mfa: DocumentPart<Cognito> = {
  file: files.mfa,
  async read({ client }, { id: UserPoolId, resource }) {
    return factsOf(await required(client.getUserPoolMfaConfig({ UserPoolId }), 'GetUserPoolMfaConfig', resource));
  },
  async write({ client }, { id: UserPoolId, resource }, wanted) {
    const request = { UserPoolId, ...(wanted as Facts) };
    await required(client.setUserPoolMfaConfig(request), 'SetUserPoolMfaConfig', resource);
  },
};
