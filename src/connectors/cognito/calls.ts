import type { CognitoIdentityProvider } from '@aws-sdk/client-cognito-identity-provider';
import { required } from '../aws/classify.ts';
import type { AwsAccess } from '../aws/contract.ts';
import { call } from '../contract.ts';
import { pages } from '../documents/pages.ts';

export type Cognito = CognitoIdentityProvider;

/** The client for the account and region at hand; the SDK package is imported when first needed. */
export async function cognitoClient(aws: AwsAccess): Promise<Cognito> {
  const sdk = await import('@aws-sdk/client-cognito-identity-provider');
  return aws.client(sdk.CognitoIdentityProvider);
}

const calls = (...names: string[]) => names.map((name) => call('cognito-idp', name));

export const captureCalls = [
  ...calls(
    'ListUserPools',
    'DescribeUserPool',
    'GetUserPoolMfaConfig',
    'ListUserPoolClients',
    'DescribeUserPoolClient',
  ),
  ...calls('ListIdentityProviders', 'DescribeIdentityProvider', 'ListResourceServers', 'ListGroups', 'ListUsers'),
  ...calls('ListUsersInGroup', 'DescribeUserPoolDomain', 'GetUICustomization'),
];

export const restoreCalls = [
  ...captureCalls,
  call('cognito-idp', 'CreateUserPool', 'cognito-idp:CreateUserPool', 'cognito-idp:TagResource', 'iam:PassRole'),
  ...calls('UpdateUserPool', 'AddCustomAttributes', 'SetUserPoolMfaConfig', 'TagResource', 'UntagResource'),
  ...calls('CreateUserPoolClient', 'UpdateUserPoolClient', 'DeleteUserPoolClient'),
  ...calls('CreateIdentityProvider', 'UpdateIdentityProvider', 'DeleteIdentityProvider'),
  ...calls('CreateResourceServer', 'UpdateResourceServer', 'DeleteResourceServer'),
  ...calls('CreateGroup', 'UpdateGroup', 'DeleteGroup', 'CreateUserPoolDomain', 'UpdateUserPoolDomain'),
  ...calls('DeleteUserPoolDomain', 'AdminCreateUser', 'AdminUpdateUserAttributes', 'AdminDeleteUserAttributes'),
  ...calls('AdminEnableUser', 'AdminDisableUser', 'AdminDeleteUser', 'AdminAddUserToGroup', 'AdminRemoveUserFromGroup'),
];

/** Every item of a listing that comes in pages. */
export async function allOf<Page extends { readonly NextToken?: string | undefined }, Item>(
  ask: (NextToken: string | undefined) => Promise<Page>,
  items: (page: Page) => Item[] | undefined,
  operation: string,
  resource: string,
): Promise<Item[]> {
  const all: Item[] = [];
  const asking = async (token: string | undefined) => await required(ask(token), operation, resource);
  for await (const page of pages(asking, ({ NextToken }) => NextToken)) all.push(...(items(page) ?? []));
  return all;
}
