import type { Json } from '../../kernel/json.ts';
import type { Connector } from '../contract.ts';
import { without, type Document } from './documents.ts';
import { files } from './state.ts';

/** Identities that are new after each creation, by file. */
const identities: Readonly<Record<string, readonly string[]>> = {
  [files.mappings]: ['EventSourceMappingArn', 'UUID'],
  'url.json': ['FunctionUrl'],
};

/**
 * Leaves out what no restore brings back: dates, URLs, UUIDs, the numbers of layer versions. That another version of a
 * layer is used still shows, because layers.json has the digest of each.
 */
export const comparable: NonNullable<Connector['comparable']> = ({ collection, key, part }, value) => {
  if (part === 'attributes') return {};
  if (part !== 'content' || collection !== '') return value;
  const fields = identities[key];
  if (fields && Array.isArray(value)) return value.map((item: Json) => without(item as Document, ...fields) as Json);
  if (key === files.layers && Array.isArray(value))
    return value.map((layer: Json) => {
      const { Arn, CodeSha256 } = layer as Document;
      return { Arn: unnumbered(Arn), CodeSha256: CodeSha256 ?? null };
    });
  if (key.endsWith(files.config)) {
    const config = value as Document;
    const { Layers } = config;
    const facts = without(config, 'CreatedDate', 'LayerVersionArn');
    return Array.isArray(Layers) ? { ...facts, Layers: Layers.map(unnumbered) } : facts;
  }
  return value;
};

function unnumbered(arn: Json | undefined): Json {
  return typeof arn === 'string' ? arn.replace(/(:layer:[^:]+):\d+$/, '$1') : (arn ?? null);
}
