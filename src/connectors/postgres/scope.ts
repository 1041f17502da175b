import { asBuffer } from '../../kernel/bytes.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { RestoreContext } from '../contract.ts';
import type { Definition } from './definitions.ts';
import { schemaCollection, tablePrefix } from './names.ts';
import type { PostgresOptions } from './options.ts';
import { identifier } from './sql.ts';

/** Which part of the database is restored. */
export interface Scope {
  /** The whole database: roles, sequences and large objects as well. */
  readonly isWhole: boolean;
  hasTable(table: { readonly schema: string; readonly name: string }): boolean;
  /** Of the key of an entry in a schema's collection. */
  hasPage(schema: string, key: Uint8Array): boolean;
  hasDefinition(definition: Definition): boolean;
  hasSequence(sequence: { readonly schema: string; readonly name: string }): boolean;
}

/** Throws item.invalid for single files of the database's root. */
export function scopeOf({ only }: RestoreContext<PostgresOptions>): Scope {
  if (only === undefined) {
    const all = (): boolean => true;
    return { isWhole: true, hasTable: all, hasPage: all, hasDefinition: all, hasSequence: all };
  }
  const { collection, prefix } = only;
  if (collection === '') {
    throw new HoldfastError('item.invalid', 'a file of a database cannot be restored alone', {
      hint: 'Restore the database, a schema, or a table; or use --to DIR.',
    });
  }
  const start = asBuffer(prefix);
  const key = start.toString('utf8');
  const inSchema = (schema: string): boolean => schemaCollection(schema) === collection;
  const hasTable: Scope['hasTable'] = ({ schema, name }) => {
    const folder = tablePrefix(name);
    return inSchema(schema) && (folder.startsWith(key) || key.startsWith(folder));
  };
  if (key !== '' && !key.includes('/')) {
    throw new HoldfastError('item.invalid', `${key}* is no table: what names of tables begin with restores nothing`, {
      hint: 'Name one table, a schema, or the whole database.',
    });
  }
  const table = key === '' ? undefined : decodeURIComponent(key.slice(0, key.indexOf('/')));
  return {
    isWhole: false,
    hasTable,
    hasPage: (schema, entry) => inSchema(schema) && asBuffer(entry).subarray(0, start.length).equals(start),
    hasDefinition: (definition) =>
      table === undefined
        ? inSchema(definition.schema) || namesSchema(definition, collection)
        : mentions(definition, collection, table),
    hasSequence: ({ schema }) => table === undefined && inSchema(schema),
  };
}

function namesSchema({ type, name }: Definition, collection: string): boolean {
  return (
    (type === 'SCHEMA' && schemaCollection(name) === collection) ||
    ((type === 'ACL' || type === 'COMMENT') &&
      name.startsWith('SCHEMA ') &&
      schemaCollection(name.slice(7)) === collection)
  );
}

const ofTables = new Set([
  'TABLE',
  'DEFAULT',
  'CONSTRAINT',
  'CHECK CONSTRAINT',
  'FK CONSTRAINT',
  'INDEX',
  'INDEX ATTACH',
  'TABLE ATTACH',
  'TRIGGER',
  'POLICY',
  'ROW SECURITY',
  'RULE',
  'COMMENT',
  'ACL',
  'STATISTICS',
  'SEQUENCE',
  'SEQUENCE OWNED BY',
  'PUBLICATION TABLE',
]);

/** Whether it is a table, or something of a table or that points to it, whose SQL names this one. */
function mentions({ type, sql }: Definition, collection: string, table: string): boolean {
  if (!ofTables.has(type)) return false;
  const schema = decodeURIComponent(collection);
  for (const first of written(schema))
    for (const second of written(table)) {
      const name = `${first}.${second}`;
      for (let at = sql.indexOf(name); at !== -1; at = sql.indexOf(name, at + 1))
        if (!partOfName.test(sql[at - 1] ?? ' ') && !partOfName.test(sql[at + name.length] ?? ' ')) return true;
    }
  return false;
}

/** What another name would go on with, before it or behind. */
const partOfName = /[A-Za-z0-9_$"\u0080-\uffff]/;

/** Both ways in which pg_dump may write a name: which ones are keywords, and quoted for that, depends on its version. */
function written(name: string): string[] {
  return [identifier(name), ...(/^[a-z_][a-z0-9_]*$/.test(name) ? [name] : [])];
}
