import type { ParameterMetadata } from '@aws-sdk/client-ssm';
import type { Json } from '../../kernel/json.ts';
import { escapedName, unescapedName } from '../documents/names.ts';
import type { AwsAccess } from '../aws/contract.ts';

export const files = { metadata: 'parameter.json', value: 'value.json', tags: 'tags.json' } as const;

/** What parameter.json says. */
export interface Metadata {
  readonly Name: string;
  readonly Type: string;
  readonly Tier: string;
  readonly DataType: string;
  readonly Description?: string;
  readonly AllowedPattern?: string;
  /** Of a SecureString: the key it lies under. */
  readonly KeyId?: string;
  /** Expiration and notifications. */
  readonly Policies?: readonly Json[];
  /** How often it was written. */
  readonly Version: number;
}

export interface Listed {
  readonly metadata: Metadata;
  readonly tags?: Readonly<Record<string, string>>;
  /** Absent where the batch it was asked in could not be read. */
  readonly value?: string;
}

export function asMetadata(answer: ParameterMetadata): Metadata {
  const { Name = '', Type = 'String', Tier = 'Standard', DataType = 'text', Version = 1 } = answer;
  const { Description, AllowedPattern, KeyId } = answer;
  const Policies = (answer.Policies ?? []).flatMap(({ PolicyText }) => policy(PolicyText));
  return {
    Name,
    Type,
    Tier,
    DataType,
    Version,
    ...(Description ? { Description } : {}),
    ...(AllowedPattern ? { AllowedPattern } : {}),
    ...(KeyId !== undefined && Type === 'SecureString' ? { KeyId } : {}),
    ...(Policies.length > 0 ? { Policies } : {}),
  };
}

function policy(text: string | undefined): Json[] {
  const parsed = JSON.parse(text === undefined || text === '' ? '{}' : text) as object;
  return Object.keys(parsed).length === 0 ? [] : [parsed as Json];
}

/** `acme/prod/url` for `/acme/prod/url`: a name with slashes within begins with one. `%2Furl` for `/url`. */
export function resourceName(name: string): string {
  return escapedName(/^\/.+\//.test(name) ? name.slice(1) : name);
}

/** The parameter's own name. */
export function parameterName(name: string): string {
  return unescapedName(name.includes('/') ? `/${name}` : name);
}

export function arnOf({ region, account }: AwsAccess, name: string): string {
  return `arn:aws:ssm:${region}:${account}:parameter/${name.replace(/^\//, '')}`;
}
