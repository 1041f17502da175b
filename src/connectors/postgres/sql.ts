import { escapeIdentifier, escapeLiteral } from 'pg';

export const identifier = escapeIdentifier;
export const literal = escapeLiteral;

/** `"public"."orders"` */
export function qualified({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `${identifier(schema)}.${identifier(name)}`;
}

/** `pg_catalog.int4`, as the catalog's columns name types, as SQL. */
export function typeName(base: string): string {
  const [, quoted, plain = '', type = ''] = /^(?:("(?:[^"]|"")*")|([^.]*))\.(.*)$/s.exec(base) ?? [];
  return `${quoted ?? identifier(plain)}.${identifier(type)}`;
}

/** `=` or `>=` between values of a column's type; operators of an extension are named with their schema. */
export function operator(sign: '=' | '>=' | '<', column: { readonly operators?: string } | undefined): string {
  return column?.operators === undefined ? sign : `operator(${identifier(column.operators)}.${sign})`;
}
