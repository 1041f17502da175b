import { z } from 'zod';
import type { Json } from '../kernel/json.ts';
import { commonSource, grammar } from './grammar.ts';
import type { SourceTypes } from './source-types.ts';

interface JsonSchema {
  readonly [key: string]: Json | undefined;
  readonly properties?: Readonly<Record<string, Json>>;
  readonly required?: readonly string[];
}

/** The JSON Schema (draft 2020-12) of holdfast.yaml, for completion and checks in editors: holdfast.schema.json. */
export async function configJsonSchema(types: SourceTypes): Promise<Json> {
  const whole = asJsonSchema(grammar);
  const notations = await Promise.all(types.names.map((type) => sourceNotations(types, type)));
  return {
    ...whole,
    title: 'holdfast.yaml',
    properties: {
      ...whole.properties,
      sources: {
        type: 'array',
        items: { anyOf: [{ enum: types.names, description: 'Everything of this type.' }, ...notations.flat()] },
      },
    },
  };
}

/** `{ type: s3-buckets, … }` and `{ s3-buckets: { … } }`. */
async function sourceNotations(types: SourceTypes, type: string): Promise<Json[]> {
  const described = await types.describe(type);
  if (!described) return [];
  const options = asJsonSchema(described.options);
  const common = asJsonSchema(commonSource).properties ?? {};
  const properties: Record<string, Json> = { ...options.properties, ...common };
  delete properties['type'];
  const required = (options.required ?? []).filter((key) => !(key in common));
  const inner = { type: 'object', additionalProperties: false, description: described.title };
  return [
    {
      ...inner,
      properties: { type: { const: type }, ...properties },
      required: ['type', ...required],
    },
    {
      type: 'object',
      additionalProperties: false,
      properties: { [type]: { ...inner, type: ['object', 'null'], properties, required } },
      required: [type],
    },
  ];
}

function asJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as unknown as JsonSchema;
}
