import type { Json } from '../../kernel/json.ts';
import { optional } from '../aws/classify.ts';
import type { Scene } from '../documents/contract.ts';
import type { Clients } from './calls.ts';
import type { Options } from './options.ts';

/** What the schema of a type says of its properties: paths as `/properties/Arn`. */
export interface TypeSchema {
  readonly readOnlyProperties?: readonly string[];
  readonly writeOnlyProperties?: readonly string[];
  readonly primaryIdentifier?: readonly string[];
}

/** Asked once for each type, account and region, however many resources there are. */
const known = new WeakMap<object, Map<string, Promise<TypeSchema>>>();

/** Empty for a type that CloudFormation does not describe. */
export async function schemaOf({ client }: Scene<Clients, Options>, TypeName: string): Promise<TypeSchema> {
  const types = known.get(client.formation) ?? new Map<string, Promise<TypeSchema>>();
  known.set(client.formation, types);
  const found = types.get(TypeName) ?? describe(client, TypeName);
  types.set(TypeName, found);
  try {
    return await found;
  } catch (error) {
    types.delete(TypeName);
    throw error;
  }
}

async function describe({ formation }: Clients, TypeName: string): Promise<TypeSchema> {
  const asking = formation.describeType({ Type: 'RESOURCE', TypeName });
  const described = await optional(asking, 'DescribeType', `cloud-control/${TypeName}`, 'TypeNotFoundException');
  return JSON.parse(described?.Schema ?? '{}') as TypeSchema;
}

/** Properties that one can say, and those that only the service says. */
export function split(
  properties: Record<string, Json>,
  { readOnlyProperties = [] }: TypeSchema,
): { readonly settable: Record<string, Json>; readonly readOnly: Record<string, Json> } {
  const settable = structuredClone(properties);
  const readOnly: Record<string, Json> = {};
  for (const path of readOnlyProperties) {
    const steps = path.split('/').slice(2);
    const value = take(settable, steps);
    if (value !== undefined) readOnly[steps.join('/')] = value;
  }
  return { settable, readOnly };
}

/** Takes the value at a path away and returns it; paths through lists (`*`) take from every item and return nothing. */
function take(from: unknown, [step, ...rest]: readonly string[]): Json | undefined {
  if (typeof from !== 'object' || from === null || step === undefined) return undefined;
  if (step === '*') {
    for (const item of Object.values(from)) take(item, rest);
    return undefined;
  }
  const fields = from as Record<string, Json>;
  if (rest.length > 0) return take(fields[step], rest);
  const value = fields[step];
  delete fields[step];
  return value;
}
