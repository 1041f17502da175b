import { isItemError } from '../../kernel/errors.ts';
import type { AwsAccess } from '../aws/contract.ts';
import type { ConnectorContext, DiscoveredResource } from '../contract.ts';
import { refusal } from '../documents/refusal.ts';
import { plain, tagRecord } from './client.ts';
import { arnName, resourceName, type Listed, type RoleFacts } from './listed.ts';
import {
  authorizationDetails,
  listInstanceProfiles,
  listOidcProviders,
  listRoles,
  listSamlProviders,
  listServerCertificates,
} from './listing.ts';
import type { Options } from './options.ts';

/**
 * One resource per user, group, role, policy of the account's own, instance profile, provider and server certificate, and one for
 * the account. Users, groups, roles and policies come page by page with their details.
 */
export async function* discover({ aws }: ConnectorContext<Options>): AsyncGenerator<DiscoveredResource> {
  const refused: DiscoveredResource[] = [];
  /** `kind`: what the listing would have found. Absent: nothing is lost without it. */
  const attempt = async <T>(listing: Promise<readonly T[]>, kind?: string): Promise<readonly T[] | undefined> => {
    try {
      return await listing;
    } catch (error) {
      if (!isItemError(error)) throw error;
      const ref = { type: 'iam', name: `${kind}.`, id: `iam:${kind}`, region: 'global', account: aws.account };
      if (kind !== undefined) refused.push(refusal(ref, error));
      return undefined;
    }
  };
  const [roles, profiles, oidc, saml, certificates] = await Promise.all([
    // Capture asks for each role, and there a refusal costs an item.
    attempt(listRoles(aws)),
    attempt(listInstanceProfiles(aws), 'instance-profile'),
    attempt(listOidcProviders(aws), 'oidc-provider'),
    attempt(listSamlProviders(aws), 'saml-provider'),
    attempt(listServerCertificates(aws), 'server-certificate'),
  ]);
  const resource = (name: string, id: string | undefined, listed: Listed, tags = {}): DiscoveredResource => ({
    ref: { type: 'iam', name, id: id ?? name, region: 'global', account: aws.account },
    tags,
    listed: plain(listed),
  });

  yield resource('account', `arn:aws:iam::${aws.account}:root`, { kind: 'account' });
  yield* refused;
  yield* discoverDetails(aws, roles && new Map(roles.map((role) => [role.RoleName ?? '', role])), resource);
  for (const { InstanceProfileName: name = '', Arn } of profiles ?? []) {
    yield resource(resourceName('instance-profile', name), Arn, { kind: 'instance-profile', name });
  }
  for (const arn of oidc ?? []) {
    // The provider's URL without its scheme, which may have a path: `oidc.eks.us-east-1.amazonaws.com/id/0A1B`.
    yield resource(resourceName('oidc-provider', arn.replace(/^.*:oidc-provider\//, '')), arn, {
      kind: 'oidc-provider',
      arn,
    });
  }
  for (const arn of saml ?? [])
    yield resource(resourceName('saml-provider', arnName(arn)), arn, { kind: 'saml-provider', arn });
  for (const { ServerCertificateName: name = '', Arn } of certificates ?? []) {
    yield resource(resourceName('server-certificate', name), Arn, { kind: 'server-certificate', name });
  }
}

type MakeResource = (
  name: string,
  id: string | undefined,
  listed: Listed,
  tags?: Readonly<Record<string, string>>,
) => DiscoveredResource;

async function* discoverDetails(
  aws: AwsAccess,
  roleFacts: ReadonlyMap<string, RoleFacts> | undefined,
  resource: MakeResource,
): AsyncGenerator<DiscoveredResource> {
  for await (const page of authorizationDetails(aws)) {
    for (const detail of page.UserDetailList ?? []) {
      yield resource(
        resourceName('user', detail.UserName ?? ''),
        detail.Arn,
        { kind: 'user', detail },
        tagRecord(detail.Tags),
      );
    }
    for (const detail of page.GroupDetailList ?? []) {
      yield resource(resourceName('group', detail.GroupName ?? ''), detail.Arn, { kind: 'group', detail });
    }
    for (const detail of page.RoleDetailList ?? []) {
      const role = roleFacts?.get(detail.RoleName ?? '');
      const more = role && { Description: role.Description, MaxSessionDuration: role.MaxSessionDuration };
      const listed: Listed = { kind: 'role', detail, ...(more === undefined ? {} : { more }) };
      yield resource(resourceName('role', detail.RoleName ?? ''), detail.Arn, listed, tagRecord(detail.Tags));
    }
    for (const detail of page.Policies ?? []) {
      // moto's details have no name; the ARN has it everywhere.
      yield resource(resourceName('policy', arnName(detail.Arn)), detail.Arn, { kind: 'policy', detail });
    }
  }
}
