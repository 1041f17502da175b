import type { RestoreMode } from '../contract.ts';
import type { Definition } from './definitions.ts';
import type { Scope } from './scope.ts';
import type { AllDefinitions } from './target.ts';

export interface DefinitionPlan {
  /** To be run before the rows, and after them, in this order. */
  readonly before: readonly Definition[];
  readonly after: readonly Definition[];
  /** There, but otherwise than captured, and not to be changed by running them again. */
  readonly differing: readonly Definition[];
  /** `schema.name` of tables that do not exist yet. */
  readonly missingTables: ReadonlySet<string>;
}

/** Definitions that run again without harm, where those that are there differ. */
const repeatable: Readonly<Record<string, (sql: string) => string>> = {
  FUNCTION: (sql) => sql.replace(/^CREATE FUNCTION/, 'CREATE OR REPLACE FUNCTION'),
  PROCEDURE: (sql) => sql.replace(/^CREATE PROCEDURE/, 'CREATE OR REPLACE PROCEDURE'),
  VIEW: (sql) => sql.replace(/^CREATE VIEW/, 'CREATE OR REPLACE VIEW'),
  COMMENT: (sql) => sql,
  DEFAULT: (sql) => sql,
  ACL: (sql) => sql,
};

/** Every database has it; it is created with the database. */
const always = new Set(['SCHEMA public']);

/** What of the captured definitions is missing at the target; in the modes that put back, also what differs and can be. */
export function planDefinitions(
  captured: AllDefinitions,
  live: AllDefinitions,
  scope: Scope,
  mode: RestoreMode,
): DefinitionPlan {
  const there = new Map([...live.before, ...live.after].map((definition) => [definition.id, definition]));
  const differing: Definition[] = [];
  const pick = (list: readonly Definition[]): Definition[] =>
    list.filter(scope.hasDefinition).flatMap((definition) => {
      const { type, name, sql } = definition;
      const now = there.get(definition.id);
      if (now === undefined) return always.has(`${type} ${name}`) ? [] : [definition];
      if (now.sql === sql) return [];
      const again = repeatable[type];
      if (mode !== 'create-missing' && again) return [{ ...definition, sql: again(sql) }];
      differing.push(definition);
      return [];
    });
  const before = withSequences(pick(captured.before), captured.before);
  const missing = before.filter(({ type }) => type === 'TABLE').map(({ schema, name }) => `${schema}.${name}`);
  return { before, after: pick(captured.after), differing, missingTables: new Set(missing) };
}

/** A table alone brings the sequences it owns, which nothing else in their SQL says to be its own. */
function withSequences(picked: readonly Definition[], all: readonly Definition[]): Definition[] {
  const owned = new Set(
    picked.filter(({ type }) => type === 'SEQUENCE OWNED BY').map(({ schema, name }) => `${schema}.${name}`),
  );
  const chosen = new Set(picked.map(({ id }) => id));
  const extra = all.filter(
    ({ id, type, schema, name }) => type === 'SEQUENCE' && owned.has(`${schema}.${name}`) && !chosen.has(id),
  );
  const ids = new Map([...picked, ...extra].map((definition) => [definition.id, definition]));
  return all.flatMap(({ id }) => ids.get(id) ?? []);
}
