import type {
  GetAccountAuthorizationDetailsResponse,
  InstanceProfile,
  Role,
  ServerCertificateMetadata,
} from '@aws-sdk/client-iam';
import { allPages as everyPage } from '../aws/all-pages.ts';
import { required } from '../aws/classify.ts';
import type { AwsAccess } from '../aws/contract.ts';
import { iam } from './client.ts';

const subject = 'iam/account';
// The most a page holds; IAM may return fewer.
const MaxItems = 1000;

/**
 * Users, groups, roles and the customer's own policies with all that hangs on them, page by page. AWS's own policies, a thousand
 * of them, are filtered out: they are the same in every account, and here only referred to.
 */
export async function* authorizationDetails(aws: AwsAccess): AsyncGenerator<GetAccountAuthorizationDetailsResponse> {
  const { client, sdk } = await iam(aws);
  let Marker: string | undefined;
  do {
    const command = new sdk.GetAccountAuthorizationDetailsCommand({
      Filter: ['User', 'Role', 'Group', 'LocalManagedPolicy'],
      MaxItems,
      Marker,
    });
    const page = await required(client.send(command), 'GetAccountAuthorizationDetails', subject);
    yield page;
    Marker = page.IsTruncated === true ? page.Marker : undefined;
  } while (Marker !== undefined);
}

/** Roles with their description and session duration, which the authorization details lack. */
export async function listRoles(aws: AwsAccess): Promise<Role[]> {
  const { client, sdk } = await iam(aws);
  return await allPages(async (Marker) => {
    const page = await required(client.send(new sdk.ListRolesCommand({ MaxItems, Marker })), 'ListRoles', subject);
    return { items: page.Roles, ...page };
  });
}

/** All of them: a role's details name only those the role is in. */
export async function listInstanceProfiles(aws: AwsAccess): Promise<InstanceProfile[]> {
  const { client, sdk } = await iam(aws);
  return await allPages(async (Marker) => {
    const command = new sdk.ListInstanceProfilesCommand({ MaxItems, Marker });
    const page = await required(client.send(command), 'ListInstanceProfiles', subject);
    return { items: page.InstanceProfiles, ...page };
  });
}

export async function listServerCertificates(aws: AwsAccess): Promise<ServerCertificateMetadata[]> {
  const { client, sdk } = await iam(aws);
  return await allPages(async (Marker) => {
    const command = new sdk.ListServerCertificatesCommand({ MaxItems, Marker });
    const page = await required(client.send(command), 'ListServerCertificates', subject);
    return { items: page.ServerCertificateMetadataList, ...page };
  });
}

/** ARNs; the list is not paged. */
export async function listOidcProviders(aws: AwsAccess): Promise<string[]> {
  const { client, sdk } = await iam(aws);
  const command = new sdk.ListOpenIDConnectProvidersCommand({});
  const answer = await required(client.send(command), 'ListOpenIDConnectProviders', subject);
  return (answer.OpenIDConnectProviderList ?? []).map((provider) => provider.Arn ?? '');
}

/** ARNs; the list is not paged. */
export async function listSamlProviders(aws: AwsAccess): Promise<string[]> {
  const { client, sdk } = await iam(aws);
  const answer = await required(client.send(new sdk.ListSAMLProvidersCommand({})), 'ListSAMLProviders', subject);
  return (answer.SAMLProviderList ?? []).map((provider) => provider.Arn ?? '');
}

interface Page<T> {
  readonly items: readonly T[] | undefined;
  readonly IsTruncated?: boolean | undefined;
  readonly Marker?: string | undefined;
}

/** All items of a listing in IAM's way of paging. */
export async function allPages<T>(fetch: (marker: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  return await everyPage(async (marker) => {
    const { items, IsTruncated, Marker } = await fetch(marker);
    return { items, next: IsTruncated === true ? Marker : undefined };
  });
}
