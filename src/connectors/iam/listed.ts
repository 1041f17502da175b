import type { GroupDetail, ManagedPolicyDetail, RoleDetail, UserDetail } from '@aws-sdk/client-iam';

/** What discover passes on to capture, so that a resource is not asked for twice. Dates are ISO 8601 text in it. */
export type Listed =
  | { readonly kind: 'account' }
  | { readonly kind: 'user'; readonly detail: UserDetail }
  | { readonly kind: 'group'; readonly detail: GroupDetail }
  | { readonly kind: 'role'; readonly detail: RoleDetail; readonly more?: RoleFacts }
  | { readonly kind: 'policy'; readonly detail: ManagedPolicyDetail }
  | { readonly kind: 'instance-profile'; readonly name: string }
  | { readonly kind: 'oidc-provider' | 'saml-provider'; readonly arn: string }
  | { readonly kind: 'server-certificate'; readonly name: string };

/** What ListRoles says besides. Absent as a whole when it was refused: capture asks for the role itself. */
export interface RoleFacts {
  readonly Description?: string | undefined;
  readonly MaxSessionDuration?: number | undefined;
}

/**
 * `role.Deploy`, `policy.ReadLogs`, `oidc-provider.token.actions.githubusercontent.com`. Within its kind a name is unique in an
 * account whatever its path; only providers have a `/`, which becomes `%2F`.
 */
export function resourceName(kind: Listed['kind'], name: string): string {
  return `${kind}.${name.replaceAll('/', '%2F')}`;
}

/** The last part of an ARN: `arn:aws:iam::1:policy/app/Read` → `Read`. */
export function arnName(arn: string | undefined): string {
  return (arn ?? '').replace(/^.*\//, '');
}
