import { escapeIdentifier, escapeLiteral } from 'pg';

export const identifier = escapeIdentifier;
export const literal = escapeLiteral;

/** `"public"."orders"` */
export function qualified({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `${identifier(schema)}.${identifier(name)}`;
}
