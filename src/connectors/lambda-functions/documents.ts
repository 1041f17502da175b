import type { EventSourceMappingConfiguration, FunctionConfiguration } from '@aws-sdk/client-lambda';
import { compactJson, type Json } from '../../kernel/json.ts';

/** A JSON object as it is captured. */
export type Document = Readonly<Record<string, Json | undefined>>;

/**
 * What the SDK returned, as JSON: dates in ISO form; nulls, empty strings, empty lists and empty objects left out, because
 * the API answers "not set" in all these ways. Undefined when nothing remains.
 */
export function plain(value: unknown): Json | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) {
    const list = value.map(plain).filter((item) => item !== undefined);
    return list.length === 0 ? undefined : list;
  }
  if (typeof value === 'object') {
    const entries = Object.entries(value)
      .filter(([key]) => key !== '$metadata')
      .map(([key, inner]) => [key, plain(inner)] as const)
      .filter(([, inner]) => inner !== undefined);
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  }
  return value as string | number | boolean;
}

/** A field as text; '' where it is none. */
export function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

export function plainObject(value: unknown): Document {
  return (plain(value) ?? {}) as Document;
}

export function without(document: Document, ...fields: readonly string[]): Document {
  return Object.fromEntries(Object.entries(document).filter(([key]) => !fields.includes(key)));
}

/** One published version, or `$LATEST`. */
export interface FunctionVersion {
  readonly version: string;
  /** Normalised configuration, without environment. */
  readonly config: Document;
  /** Undefined where the provider could not decrypt it. */
  readonly environment: Readonly<Record<string, string>> | undefined;
  /** Variables whose values name something that is elsewhere at the target; a version that was published keeps the old ones. */
  readonly moved?: ReadonlySet<string>;
  /** Facts that are no part of the configuration. */
  readonly codeSize: number;
  readonly lastModified: string;
}

/** Changed by the provider on its own, kept elsewhere, or (ConfigSha256) derived from the environment. */
const notConfiguration = [
  'ConfigSha256',
  'CodeSize',
  'Environment',
  'ImageConfigResponse',
  'LastModified',
  'LastUpdateStatus',
  'LastUpdateStatusReason',
  'LastUpdateStatusReasonCode',
  'MasterArn',
  'RevisionId',
  'RuntimeVersionConfig',
  'State',
  'StateReason',
  'StateReasonCode',
];

/** The configuration of a version in the shape in which it is captured and compared. */
export function versionOf(answer: FunctionConfiguration): FunctionVersion {
  const { Layers, VpcConfig, SnapStart, ImageConfigResponse } = answer;
  const vpc = VpcConfig?.SubnetIds?.length
    ? {
        ...VpcConfig,
        SubnetIds: [...VpcConfig.SubnetIds].sort(),
        SecurityGroupIds: [...(VpcConfig.SecurityGroupIds ?? [])].sort(),
      }
    : undefined;
  return {
    version: answer.Version ?? '$LATEST',
    config: without(
      plainObject({
        ...answer,
        // Listings of versions say which one the unpublished is, other answers do not.
        FunctionArn: answer.FunctionArn?.replace(/:\$LATEST$/, ''),
        VpcConfig: vpc,
        Layers: Layers?.map((layer) => layer.Arn),
        SnapStart: SnapStart && { ApplyOn: SnapStart.ApplyOn },
        ImageConfig: ImageConfigResponse?.ImageConfig,
      }),
      ...notConfiguration,
    ),
    environment: answer.Environment?.Error ? undefined : (answer.Environment?.Variables ?? {}),
    codeSize: answer.CodeSize ?? 0,
    lastModified: answer.LastModified ?? '',
  };
}

export function isImage(config: Document): boolean {
  return config['PackageType'] === 'Image';
}

/** ARNs of the layer versions a version uses, in their order. */
export function layersOf(config: Document): readonly string[] {
  return (config['Layers'] ?? []) as readonly string[];
}

/**
 * The qualifier of a function's ARN; undefined for the function itself.
 * `arn:aws:lambda:us-east-1:123456789012:function:api:live` → `live`.
 */
function qualifierOf(arn: string | undefined): string | undefined {
  const qualifier = arn?.split(':')[7];
  return qualifier === undefined || qualifier === '' || qualifier === '$LATEST' ? undefined : qualifier;
}

/** `…:function:api:live` or `…:layer:shared:3` → `api`, `shared`. */
export function nameInArn(arn: string): string {
  return arn.split(':')[6] ?? arn;
}

/** A value that belongs to a version or alias: the function's ARN is replaced by what it says. */
export function qualified(value: object, arn: string | undefined): Document {
  const qualifier = qualifierOf(arn);
  return {
    ...without(plainObject(value), 'FunctionArn', 'FunctionName'),
    ...(qualifier === undefined ? {} : { Qualifier: qualifier }),
  };
}

/** Lists whose order means nothing, in one order. */
export function sortedBy(list: readonly Document[], field: string): Document[] {
  return [...list].sort((a, b) => compareText(text(a[field]), text(b[field])));
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What a mapping connects, in words that are the same after re-creation: `live arn:aws:sqs:…`. */
export function mappingKey(mapping: Document): string {
  const elsewhere = ['SelfManagedEventSource', 'Topics', 'Queues', 'DocumentDBEventSourceConfig'].flatMap((field) =>
    mapping[field] === undefined ? [] : [compactJson(mapping[field])],
  );
  return [text(mapping['Qualifier']), text(mapping['EventSourceArn']), ...elsewhere]
    .filter((word) => word !== '')
    .join(' ');
}

export function sortedMappings(mappings: readonly Document[]): Document[] {
  return [...mappings].sort((a, b) => compareText(mappingKey(a), mappingKey(b)));
}

const notMapping = ['LastModified', 'LastProcessingResult', 'State', 'StateTransitionReason', 'FilterCriteriaError'];

/** An event source mapping as captured: `Enabled` instead of the state, `Qualifier` instead of the function's ARN. */
export function mappingOf(answer: EventSourceMappingConfiguration): Document {
  return {
    ...without(qualified(answer, answer.FunctionArn), ...notMapping),
    Enabled: !answer.State?.startsWith('Disabl'),
  };
}
