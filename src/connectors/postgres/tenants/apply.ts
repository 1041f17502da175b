import type { Client } from 'pg';
import type { CapturedResource } from '../../../kernel/entry.ts';
import { HoldfastError, isCode } from '../../../kernel/errors.ts';
import type { ActionOutcome, PlannedAction, RestoreContext, UndoFile } from '../../contract.ts';
import { postgresError } from '../errors.ts';
import { placeOf, type PostgresOptions } from '../options.ts';
import { literal } from '../sql.ts';
import { compare } from './compare.ts';
import { differencesOf, failedRows, total, type Differences } from './differences.ts';
import { mappingOf } from './mapping.ts';
import { lockDeferrable, lockParents, verifyReferences } from './references.ts';
import { stage, type Tenant } from './stage.ts';
import { inTransaction } from '../transaction.ts';
import { onConnection, switchTriggers } from './transaction.ts';
import { undoText } from './undo.ts';
import { write } from './write.ts';
import type { WorkTable } from './work-table.ts';

/**
 * Every statement sees what was committed when it began: rows are locked first, and what others did until then must be seen by
 * what verifies. A transaction that saw one moment only would miss rows that came to refer to those it deletes.
 */
const change = { begin: 'begin isolation level read committed', end: 'commit' } as const;
const look = { begin: 'begin isolation level repeatable read', end: 'rollback' } as const;

const mostAttempts = 5;
const pauseMs = 200;
const namedRows = 100;

/**
 * Restores a tenant's rows in one transaction, and reads them back after it. What would be done is found again: where it is
 * not what was planned, nothing is written: item.changed. Throws item errors.
 */
export async function applyTenant(
  context: RestoreContext<PostgresOptions>,
  tenant: Tenant,
  action: PlannedAction,
  { captured, url }: { readonly captured: CapturedResource; readonly url: string },
): Promise<ActionOutcome> {
  const { signal, runtime, mode } = context;
  const { undo } = context;
  const job: Job = { tenant, mode, signal, action, captured, place: placeOf(url), ...(undo ? { undo } : {}) };
  for (let attempt = 1; ; attempt++) {
    try {
      const outcome = await onConnection(url, signal, (client) => attemptOn(client, job));
      if (outcome !== 'stale') return outcome;
    } catch (error) {
      const known = postgresError(error, `rows of tenant ${tenant.id} cannot be restored`, placeOf(url));
      if (attempt === mostAttempts || !(isCode(known, 'item.changed') || isRace(error))) throw known;
      await runtime.clock.sleep(pauseMs * attempt, signal);
      continue;
    }
    throw stale(tenant);
  }
}

interface Job {
  readonly tenant: Tenant;
  readonly mode: RestoreContext['mode'];
  readonly signal: AbortSignal;
  readonly action: PlannedAction;
  readonly captured: CapturedResource;
  /** The database, as messages name it. */
  readonly place: string;
  readonly undo?: UndoFile;
}

/** A row that somebody added between the comparison and the writing clashes once, and is seen by the next comparison. */
function isRace(error: unknown): boolean {
  const { code = '' } = error as { code?: string };
  return code === '23505' || code === '23503';
}

async function attemptOn(client: Client, job: Job): Promise<ActionOutcome | 'stale'> {
  const { tenant, mode, signal, action, captured, place, undo } = job;
  const tables = await stage(client, tenant, captured, signal);
  const done = await inTransaction(client, change, async () => {
    await client.query(
      `select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(${literal(`holdfast tenant ${tenant.id}`)}, 0))`,
    );
    if (await switchTriggers(client, mappingOf(tenant))) await lockDeferrable(client, tables);
    await compare(client, tables, { tenant, mode, lock: true });
    const differences = await differencesOf(client, tables);
    const todo = actions(differences);
    if (todo === 0) return 0;
    if (differences.digest !== (action.input as { digest?: unknown }).digest) return 'stale';
    await lockParents(client, tables, differences.tables);
    await undo?.write('.sql', undoText(client, tables, differences.tables, place));
    const written = await write(client, tables, differences.tables);
    if (written !== todo) {
      throw new HoldfastError('item.changed', `${written} rows were written where ${todo} were to be`, {
        hint: 'Look for rules and triggers of the tables that turn writes away.',
      });
    }
    await verifyReferences(client, tables, differences.tables);
    return written;
  });
  if (done === 'stale') return done;
  return await readBack(client, tables, { tenant, mode, done });
}

/** The tenant as it is now, beside the snapshot: nothing is left to do but what was said to be impossible. */
async function readBack(
  client: Client,
  tables: readonly WorkTable[],
  { tenant, mode, done }: { readonly tenant: Tenant; readonly mode: RestoreContext['mode']; readonly done: number },
): Promise<ActionOutcome> {
  return await inTransaction(client, look, async () => {
    await compare(client, tables, { tenant, mode, lock: false });
    const differences = await differencesOf(client, tables);
    const failures: HoldfastError[] = [];
    for (const work of tables) failures.push(...(await failuresOf(client, work, differences)));
    const left = actions(differences);
    if (left > 0) {
      const where = differences.tables.map(({ table }) => table).join(', ');
      failures.push(
        new HoldfastError('item.changed', `${left} rows are not as they were written: ${where}`, {
          hint: 'Triggers of the tables, or somebody else, changed them; run the same restore again to see how.',
        }),
      );
    }
    const leftOut = total(differences.tables, 'leftOut');
    const isExact = failures.length === 0 && leftOut === 0;
    return {
      result: done > 0 ? 'done' : 'unchanged',
      class: isExact ? 'exact' : 'needs-human',
      ...(isExact
        ? {}
        : { note: `${total(differences.tables, 'failed')} rows could not be restored, ${leftOut} left out` }),
      items: done,
      failures,
    };
  });
}

async function failuresOf(client: Client, work: WorkTable, { tables }: Differences): Promise<HoldfastError[]> {
  const failed = tables.find(({ table }) => table === work.id)?.failed ?? 0;
  if (failed === 0) return [];
  const named = await failedRows(client, work, namedRows);
  const errors = named.map(({ key, why }) => {
    const resource = `${work.id}/${key}`;
    return new HoldfastError('item.conflict', `row ${key} of ${work.id}: ${why}`, {
      resource,
      hint: 'Resolve what it clashes with, then run the same restore again.',
    });
  });
  if (failed > named.length)
    errors.push(
      new HoldfastError('item.conflict', `${failed - named.length} more rows of ${work.id}`, { resource: work.id }),
    );
  return errors;
}

function actions({ tables }: Differences): number {
  return total(tables, 'create') + total(tables, 'update') + total(tables, 'delete');
}

function stale({ id }: Tenant): HoldfastError {
  return new HoldfastError(
    'item.changed',
    `rows of tenant ${id} changed since the plan was made; nothing was written`,
    {
      hint: 'Make a new plan, look at it, and apply that one.',
    },
  );
}
