import type { UserType } from '@aws-sdk/client-cognito-identity-provider';
import { required } from '../aws/classify.ts';
import type { Address, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import type { Facts } from '../documents/said.ts';
import type { Cognito } from './calls.ts';

export const usersCollection = 'users';
export const membersCollection = 'memberships';

/** A user as a row. `username`: what Cognito calls it, which may be an id of its own. */
export interface UserRow {
  readonly username: string;
  readonly enabled: boolean;
  readonly status: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Whatever Cognito sets itself. */
const byNature = new Set(['sub', 'identities', 'cognito:user_status', 'cognito:mfa_enabled']);

function rowOf({ Username = '', Enabled = true, UserStatus, Attributes = [] }: UserType): UserRow {
  const sorted = Attributes.map(({ Name = '', Value = '' }) => [Name, Value] as const).sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return {
    username: Username,
    enabled: Enabled,
    status: UserStatus ?? 'UNKNOWN',
    attributes: Object.fromEntries(sorted),
  };
}

/**
 * How a user is known from one pool to the next: by name, or by that of its attributes by which users of the pool sign in,
 * because the name is an id that Cognito generates then.
 */
export function keyOf({ username, attributes }: UserRow, pool: Facts): string {
  const signIn = (pool['UsernameAttributes'] ?? []) as string[];
  return signIn.map((name) => attributes[name]).find((value) => value !== undefined && value !== '') ?? username;
}

/** Those who come from elsewhere are made when they sign in. */
export function isFederated({ status }: UserRow): boolean {
  return status === 'EXTERNAL_PROVIDER';
}

/** What a restore brings back of a user. */
export function settable({ attributes }: UserRow): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !byNature.has(name)));
}

/** Users a page at a time, in Cognito's own order. */
export async function* listUsers(
  { client }: Scene<Cognito>,
  { id: UserPoolId, resource }: Address,
): AsyncGenerator<UserRow> {
  const ask = async (PaginationToken: string | undefined) =>
    await required(client.listUsers({ UserPoolId, Limit: 60, PaginationToken }), 'ListUsers', resource);
  for await (const { Users = [] } of pages(ask, (page) => page.PaginationToken))
    for (const user of Users) yield rowOf(user);
}

/** Members of a group, a page at a time. */
export async function* listMembers(
  { client }: Scene<Cognito>,
  { id: UserPoolId, resource }: Address,
  GroupName: string,
): AsyncGenerator<UserRow> {
  const ask = async (NextToken: string | undefined) =>
    await required(
      client.listUsersInGroup({ UserPoolId, GroupName, Limit: 60, NextToken }),
      'ListUsersInGroup',
      resource,
    );
  for await (const { Users = [] } of pages(ask, (page) => page.NextToken)) for (const user of Users) yield rowOf(user);
}
