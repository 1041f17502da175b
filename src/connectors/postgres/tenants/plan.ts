import type { CapturedResource, LedgerNote } from '../../../kernel/entry.ts';
import { resourceKey } from '../../../kernel/entry.ts';
import type { Json } from '../../../kernel/json.ts';
import type { PlannedAction, RestoreContext } from '../../contract.ts';
import { postgresError } from '../errors.ts';
import { placeOf, type PostgresOptions } from '../options.ts';
import { compare } from './compare.ts';
import { differencesOf, failedRows, total, type Differences } from './differences.ts';
import { mappingOf } from './mapping.ts';
import { stage, type Tenant } from './stage.ts';
import { inTransaction } from '../transaction.ts';
import { onConnection, switchTriggers } from './transaction.ts';
import type { WorkTable } from './work-table.ts';

export const operation = 'restore-tenant-rows';

/** One moment, for which nothing is locked; what it marks in temporary tables goes with it. */
const look = { begin: 'begin isolation level repeatable read', end: 'rollback' } as const;

const namedRows = 3;

/**
 * Compares a tenant's captured rows with its live ones, in temporary tables of the server, and plans one action for all its
 * tables: rows that refer to each other return together or not at all. Throws config.invalid, usage.invalid, item errors.
 */
export async function planTenant(
  { signal, mode }: RestoreContext<PostgresOptions>,
  tenant: Tenant,
  captured: CapturedResource,
  url: string,
): Promise<PlannedAction[]> {
  try {
    return await onConnection(url, signal, async (client) => {
      const tables = await stage(client, tenant, captured, signal);
      return await inTransaction(client, look, async () => {
        const off = await switchTriggers(client, mappingOf(tenant));
        await compare(client, tables, { tenant, mode, lock: false });
        const differences = await differencesOf(client, tables);
        if (differences.tables.length === 0) return [];
        const ledger: LedgerNote[] = [];
        for (const work of tables) {
          const failed = differences.tables.find(({ table }) => table === work.id)?.failed ?? 0;
          const rows = failed === 0 ? [] : await failedRows(client, work, namedRows);
          if (failed > 0)
            ledger.push(failedNote(work, failed, rows.map(({ key, why }) => `${key}: ${why}`).join('; ')));
        }
        ledger.push(...triggerNotes(tables, differences, off), ...leftOutNotes(differences));
        return [actionFor(captured, tenant, differences, ledger)];
      });
    });
  } catch (error) {
    throw postgresError(error, `rows of tenant ${tenant.id} cannot be compared`, placeOf(url));
  }
}

function actionFor(
  captured: CapturedResource,
  tenant: Tenant,
  { tables, digest }: Differences,
  ledger: readonly LedgerNote[],
): PlannedAction {
  const [create, update, gone] = [total(tables, 'create'), total(tables, 'update'), total(tables, 'delete')];
  const failed = total(tables, 'failed');
  const counts = [
    `create ${create}, change ${update}, delete ${gone} rows of ${tables.length} tables`,
    ...(failed > 0 ? [`${failed} rows cannot be restored`] : []),
  ].join('; ');
  const effect = gone > 0 ? 'delete' : update > 0 || create === 0 ? 'update' : 'create';
  return {
    id: `${resourceKey(captured.ref)}/${operation}`,
    resource: captured.ref,
    operation,
    title: `restore tenant ${tenant.id} in database ${captured.ref.name}: ${counts}`,
    effect,
    dependsOn: [],
    input: { tenant: tenant.id, digest, tables: tables as unknown as Json },
    items: create + update + gone,
    ...(ledger.length > 0 ? { ledger } : {}),
  };
}

function failedNote({ id }: WorkTable, count: number, examples: string): LedgerNote {
  return {
    class: 'needs-human',
    what: `rows of ${id}`,
    why: examples,
    action: 'Resolve what the rows clash with, then run the same restore again.',
    count,
  };
}

function triggerNotes(tables: readonly WorkTable[], { tables: found }: Differences, off: boolean): LedgerNote[] {
  const firing = tables.filter(({ id, live }) => live.triggers > 0 && found.some(({ table }) => table === id));
  if (off || firing.length === 0) return [];
  return [
    {
      class: 'needs-human',
      what: `triggers of ${firing.map(({ id }) => id).join(', ')}`,
      why: 'they fire while rows return, since the role may not set session_replication_role, or the mapping wants it so',
      action: 'Check what they did; or let the role set session_replication_role (GRANT SET ON PARAMETER).',
    },
  ];
}

function leftOutNotes({ tables }: Differences): LedgerNote[] {
  const count = total(tables, 'leftOut');
  if (count === 0) return [];
  return [
    {
      class: 'lost',
      what: 'rows that refer to rows which are no more',
      why: `missingParent is skip: ${tables.flatMap(({ table, leftOut }) => (leftOut > 0 ? [`${leftOut} of ${table}`] : [])).join(', ')}`,
      action: 'Restore what they refer to first, then run the same restore again.',
      count,
    },
  ];
}
