import type { Json } from '../../../src/kernel/json.ts';

export type Fields = Record<string, Json>;

export interface Schema {
  readonly readOnlyProperties?: readonly string[];
  readonly writeOnlyProperties?: readonly string[];
  readonly primaryIdentifier: readonly string[];
}

/** Of the schemas that CloudFormation publishes, what a connector reads. */
const schemas: Readonly<Record<string, Schema>> = {
  'AWS::Logs::LogGroup': {
    primaryIdentifier: ['/properties/LogGroupName'],
    readOnlyProperties: ['/properties/Arn'],
  },
  'AWS::ApiGateway::ApiKey': {
    primaryIdentifier: ['/properties/APIKeyId'],
    readOnlyProperties: ['/properties/APIKeyId'],
    writeOnlyProperties: ['/properties/GenerateDistinctId'],
  },
};

export interface Request {
  readonly event: Fields;
  /** How often it must still be asked about before it is over. */
  asks: number;
}

export interface Region {
  /** By type, then by identifier. */
  readonly resources: Map<string, Map<string, Fields>>;
  readonly requests: Map<string, Request>;
  readonly tokens: Map<string, string>;
}

/** Refused as the API does it: a name and a status. */
export class Refused extends Error {
  override readonly name: string;

  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

export const bare = (path: string): string => path.replace('/properties/', '');

export function resourcesOf(region: Region, type: string): Map<string, Fields> {
  const found = region.resources.get(type) ?? new Map<string, Fields>();
  region.resources.set(type, found);
  return found;
}

export function schemaOf(type: string): Schema {
  const schema = schemas[type];
  if (!schema) throw new Refused('TypeNotFoundException', `${type} is not known`);
  return schema;
}
