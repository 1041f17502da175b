import type { ConnectionAuthorizationType, CreateConnectionAuthRequestParameters } from '@aws-sdk/client-eventbridge';
import { HoldfastError } from '../../kernel/errors.ts';
import { canonicalJson, type Json } from '../../kernel/json.ts';

export interface AuthDocument {
  readonly AuthorizationType: ConnectionAuthorizationType;
  readonly AuthParameters: Record<string, Json>;
}

const placeholder = 'not-restored-set-this-value';

/** What CreateConnection must be told besides what DescribeConnection tells. */
const secretOf: Readonly<Record<string, Readonly<Record<string, Json>>>> = {
  BasicAuthParameters: { Password: placeholder },
  ApiKeyAuthParameters: { ApiKeyValue: placeholder },
};

/** As it is created: each secret a placeholder. */
export function forCreation({ AuthorizationType, AuthParameters }: AuthDocument): {
  AuthorizationType: ConnectionAuthorizationType;
  AuthParameters: CreateConnectionAuthRequestParameters;
} {
  const parameters = Object.entries(parametersOf(AuthParameters)).map(([name, value]) => {
    const filled = withValues(value);
    if (name !== 'OAuthParameters') return [name, { ...secretOf[name], ...filled }];
    const { ClientParameters, ...rest } = filled as Record<string, object>;
    return [name, { ...rest, ClientParameters: { ClientSecret: placeholder, ...ClientParameters } }];
  });
  return { AuthorizationType, AuthParameters: Object.fromEntries(parameters) as CreateConnectionAuthRequestParameters };
}

/**
 * As an existing connection is told: secrets that are not said stay. A list of headers can only be set as a whole, so one
 * with secret values must not differ: throws item.conflict, for a placeholder would take the place of a value that works.
 */
export function asWritten(
  { AuthorizationType, AuthParameters }: AuthDocument,
  live: Json | undefined,
  resource: string,
): { AuthorizationType: ConnectionAuthorizationType; AuthParameters: Record<string, Json> } {
  const now = parametersOf((live as unknown as AuthDocument | undefined)?.AuthParameters ?? {});
  const changed = Object.entries(parametersOf(AuthParameters)).filter(
    ([name, value]) => canonicalJson(value) !== canonicalJson(now[name] ?? null),
  );
  for (const [name, value] of changed)
    if (hidesValues(value)) {
      throw new HoldfastError('item.conflict', `${name} of ${resource} holds secret values that nobody can read`, {
        resource,
        hint: 'Set them by hand, with their values.',
      });
    }
  return { AuthorizationType, AuthParameters: Object.fromEntries(changed) };
}

/** Without the resource association of a private connection, which is made anew each time. */
export function parametersOf(parameters: Record<string, Json>): Record<string, Json> {
  const { ConnectivityParameters, ...rest } = parameters;
  if (ConnectivityParameters === undefined) return rest;
  const { ResourceParameters } = ConnectivityParameters as { ResourceParameters: Record<string, Json> };
  const { ResourceAssociationArn: _, ...resource } = ResourceParameters;
  return { ...rest, ConnectivityParameters: { ResourceParameters: resource } };
}

function isHidden(value: Json): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && 'IsValueSecret' in value && value.IsValueSecret === true;
}

function hidesValues(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return isHidden(value) || Object.values(value as Record<string, Json>).some(hidesValues);
}

function withValues(value: Json): Record<string, Json> {
  const fill = (inner: Json): Json => {
    if (Array.isArray(inner)) return inner.map(fill);
    if (typeof inner !== 'object' || inner === null) return inner;
    if (isHidden(inner)) return { Value: placeholder, ...inner };
    return Object.fromEntries(Object.entries(inner as Record<string, Json>).map(([name, one]) => [name, fill(one)]));
  };
  return fill(value) as Record<string, Json>;
}
