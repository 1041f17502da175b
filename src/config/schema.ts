import type { Json } from '../kernel/json.ts';
import type { SourceTypes } from './source-types.ts';

/** Skeleton: filled in next. The JSON Schema of holdfast.yaml for editors (holdfast.schema.json). */
export async function configJsonSchema(types: SourceTypes): Promise<Json> {
  return await Promise.resolve({ names: types.names });
}
