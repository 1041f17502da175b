import { compactJson, type Json } from '../../kernel/json.ts';
import { plain, type Document, type FunctionVersion } from './documents.ts';

/**
 * What UpdateFunctionConfiguration can set, with the value that means "not set"; undefined where a function always has
 * one. CreateFunction takes the same and `creationOnly`.
 */
const settable: Readonly<Record<string, Json | undefined>> = {
  CapacityProviderConfig: undefined,
  DeadLetterConfig: { TargetArn: '' },
  Description: '',
  DurableConfig: undefined,
  EphemeralStorage: { Size: 512 },
  FileSystemConfigs: [],
  Handler: undefined,
  ImageConfig: {},
  KMSKeyArn: '',
  Layers: [],
  LoggingConfig: { LogFormat: 'Text' },
  MemorySize: 128,
  Role: undefined,
  Runtime: undefined,
  SnapStart: { ApplyOn: 'None' },
  Timeout: 3,
  TracingConfig: { Mode: 'PassThrough' },
  VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
};

const creationOnly = ['Architectures', 'PackageType', 'TenancyConfig'];

/** Names of the configuration fields in which two versions differ, code and environment aside. */
export function differingFields(wanted: Document, live: Document): string[] {
  return Object.entries(settable)
    .filter(([field, unset]) => !same(wanted[field] ?? unset, live[field] ?? unset))
    .map(([field]) => field);
}

/** Names of the variables that differ or are in one of the two only; their values never leave this file. */
export function differingVariables(
  wanted: Readonly<Record<string, string>>,
  live: Readonly<Record<string, string>>,
): string[] {
  const names = new Set([...Object.keys(wanted), ...Object.keys(live)]);
  return [...names].filter((name) => wanted[name] !== live[name]).sort();
}

export function codeDiffers(wanted: Document, live: Document): boolean {
  return !same(wanted['CodeSha256'], live['CodeSha256']) || !same(wanted['Architectures'], live['Architectures']);
}

/** True when a version does the same: code, configuration and environment. An environment nobody could read equals any. */
export function sameVersion(wanted: FunctionVersion, live: FunctionVersion): boolean {
  return (
    !codeDiffers(wanted.config, live.config) &&
    differingFields(wanted.config, live.config).length === 0 &&
    (wanted.environment === undefined ||
      live.environment === undefined ||
      differingVariables(wanted.environment, live.environment).every((name) => wanted.moved?.has(name) === true))
  );
}

/** The fields of an UpdateFunctionConfiguration request that make `fields` what is wanted. */
export function updateOf(wanted: Document, fields: readonly string[]): Document {
  return Object.fromEntries(fields.map((field) => [field, wanted[field] ?? settable[field]]));
}

/** The fields of a CreateFunction request, besides name, code, environment and tags. */
export function creationOf(wanted: Document): Document {
  return Object.fromEntries(
    [...Object.keys(settable), ...creationOnly].flatMap((field) =>
      wanted[field] === undefined ? [] : [[field, wanted[field]]],
    ),
  );
}

function same(a: Json | undefined, b: Json | undefined): boolean {
  return compactJson(plain(a) ?? null) === compactJson(plain(b) ?? null);
}
