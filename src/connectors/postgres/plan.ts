import type { CapturedResource, LedgerNote } from '../../kernel/entry.ts';
import type { PlannedAction, RestoreContext } from '../contract.ts';
import { toActions, type Step } from './action.ts';
import { capturedDefinitions, tablesWithRows } from './captured-database.ts';
import { planDefinitions, type DefinitionPlan } from './plan-definitions.ts';
import { planRows } from './plan-rows.ts';
import { differingSettings } from './database-difference.ts';
import { differingLargeObjects } from './large-objects-difference.ts';
import { missingRoles } from './roles.ts';
import { postgresError } from './errors.ts';
import { placeOf, withDatabase, type PostgresOptions } from './options.ts';
import { scopeOf } from './scope.ts';
import { differingSequences } from './sequence-difference.ts';
import { planTenant } from './tenants/index.ts';
import { findTarget, liveDefinitions, withConnection, type Target } from './target.ts';

/**
 * Compares a captured database, a schema or a table of it with the target: missing definitions are created; rows are compared page
 * by page, and only pages that differ are written.
 */
export async function plan(
  context: RestoreContext<PostgresOptions>,
  captured: CapturedResource,
): Promise<PlannedAction[]> {
  const target = await findTarget(context, captured);
  if (context.tenant !== undefined) return await planTenant(context, context.tenant, captured, target.url);
  try {
    return toActions(captured, await planSteps(context, captured, target));
  } catch (error) {
    throw postgresError(error, `cannot compare with ${placeOf(target.url)}`, placeOf(target.url));
  }
}

async function planSteps(
  context: RestoreContext<PostgresOptions>,
  captured: CapturedResource,
  target: Target,
): Promise<Step[]> {
  const scope = scopeOf(context);
  const steps: Step[] = [];
  const at = placeOf(target.url);
  const definitions = planDefinitions(
    await capturedDefinitions(captured),
    await liveDefinitions(context, target),
    scope,
    context.mode,
  );
  const roles = definitions.before.length > 0 || scope.isWhole ? await rolesToCreate(context, captured) : [];
  if (roles.length > 0)
    steps.push({ operation: 'create-roles', title: `create roles ${roles.join(', ')}`, items: roles.length });
  if (!target.exists) steps.push({ operation: 'create-database', title: `create database ${target.database}` });
  const changes = scope.isWhole ? await differingSettings(context, captured, target) : [];
  if (changes.length > 0) {
    const effect = target.exists ? 'update' : 'create';
    const what = changes.map(({ title }) => title).join(', ');
    steps.push({ operation: 'set-database', title: `set ${what} of database ${target.database}`, effect });
  }
  if (definitions.before.length > 0) steps.push(definitionStep('create-definitions', at, definitions.before));
  const tables = await tablesWithRows(captured, scope);
  const rows = await planRows(context, captured, target, tables, definitions.missingTables);
  if (rows.pages > 0) {
    steps.push({
      operation: 'write-rows',
      title: `write rows of ${rows.tables.length === 1 ? rows.tables[0] : `${rows.tables.length} tables`} (${rows.pages} pages)`,
      effect: rows.isNew ? 'create' : 'update',
      items: rows.rows,
      bytes: rows.bytes,
    });
  }
  const objects = scope.isWhole ? await differingLargeObjects(context, captured, target) : [];
  if (objects.length > 0)
    steps.push({
      operation: 'write-large-objects',
      title: `write ${objects.length} large objects`,
      items: objects.length,
    });
  const sequences = await differingSequences(context, captured, target, scope, definitions);
  if (sequences.length > 0)
    steps.push({
      operation: 'set-sequences',
      title: `set ${sequences.length} sequences`,
      effect: 'update',
      items: sequences.length,
    });
  if (definitions.after.length > 0) steps.push(definitionStep('create-after-rows', at, definitions.after));
  if (steps.length > 0)
    steps.push({ operation: 'refresh-views', title: 'refresh materialized views and statistics', effect: 'update' });
  return withNotes(steps, definitions);
}

function definitionStep(
  operation: 'create-definitions' | 'create-after-rows',
  at: string,
  list: DefinitionPlan['before'],
): Step {
  const kinds = [...new Set(list.map(({ type }) => type.toLowerCase()))].join(', ');
  return { operation, title: `create ${list.length} definitions in ${at}: ${kinds}`, items: list.length };
}

/** Definitions that differ and cannot be changed from here are named once, at the first step. */
function withNotes(steps: readonly Step[], { differing }: DefinitionPlan): Step[] {
  if (differing.length === 0) return [...steps];
  const note: LedgerNote = {
    class: 'needs-human',
    what: 'definitions that differ',
    why: `they are there, but not as captured: ${differing.map(({ type, name }) => `${type.toLowerCase()} ${name}`).join(', ')}`,
    action: 'Compare pre-data.sql and post-data.sql with the database, or restore beside it with --rename.',
    count: differing.length,
  };
  return steps.map((step, i) => (i === 0 ? { ...step, ledger: [note] } : step));
}

async function rolesToCreate(
  { options }: RestoreContext<PostgresOptions>,
  captured: CapturedResource,
): Promise<string[]> {
  return (await missingRoles(captured, await existingRoles(options.url))).roles.map(({ name }) => name);
}

/** Of the whole server. Where the source's database is gone, the server's own is asked. */
export async function existingRoles(url: string): Promise<Set<string>> {
  const ask = async (at: string): Promise<Set<string>> =>
    await withConnection(at, async (client) => {
      const { rows } = await client.query<{ name: string }>('select rolname as name from pg_catalog.pg_roles');
      return new Set(rows.map(({ name }) => name));
    });
  return await ask(withDatabase(url, 'postgres'));
}
