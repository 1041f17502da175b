import type { LedgerNote } from '../../kernel/entry.ts';
import type { CatalogTable } from './catalog.ts';
import type { DatabaseSnapshot } from './snapshot.ts';

/** What of the database will not come back as it is. */
export async function captureNotes(
  query: DatabaseSnapshot['query'],
  tables: readonly CatalogTable[],
  wanted: (table: CatalogTable) => boolean,
): Promise<LedgerNote[]> {
  const names = (some: readonly CatalogTable[]): string =>
    some.map(({ schema, name }) => `${schema}.${name}`).join(', ');
  const foreign = tables.filter(({ kind }) => kind === 'f');
  const excluded = tables.filter((table) => table.kind === 'r' && !wanted(table));
  const away = tables.filter((table) => table.away && wanted(table));
  const [other] = await query<{ subscriptions: number; configured: string | null; permissions: number }>(`select
    (select count(*)::int from pg_catalog.pg_stat_subscription) as subscriptions,
    (select string_agg(extname, ', ' order by extname) from pg_catalog.pg_extension where extconfig <> '{}') as configured,
    (select count(*)::int from pg_catalog.pg_largeobject_metadata where lomacl is not null) as permissions`);
  const notes: (LedgerNote | false)[] = [
    foreign.length > 0 && {
      class: 'lost',
      what: 'rows of foreign tables',
      why: `they lie elsewhere: ${names(foreign)}`,
      action: 'Protect the servers they come from.',
      count: foreign.length,
    },
    excluded.length > 0 && {
      class: 'lost',
      what: 'rows of tables',
      why: `the patterns of the source leave them out: ${names(excluded)}`,
      action: 'Correct include and exclude if they matter.',
      count: excluded.length,
    },
    away.length > 0 && {
      class: 'lost',
      what: 'rows of unlogged tables',
      why: `a standby does not have them: ${names(away)}`,
      action: 'Capture the primary if they matter.',
      count: away.length,
    },
    (other?.subscriptions ?? 0) > 0 && {
      class: 'needs-human',
      what: 'subscriptions',
      why: 'they come back disabled, and without the position they had reached',
      action: 'After a restore, enable each with ALTER SUBSCRIPTION, or create it anew.',
    },
    (other?.configured ?? null) !== null && {
      class: 'needs-human',
      what: 'rows in tables of extensions',
      why: `only the extensions themselves are captured: ${other?.configured}`,
      action: 'Keep what was configured in them as a script.',
    },
    (other?.permissions ?? 0) > 0 && {
      class: 'needs-human',
      what: 'permissions of large objects',
      why: 'their contents and owners are captured, not who else may read them',
      action: 'Grant them again after a restore.',
    },
  ];
  return notes.filter((note) => note !== false);
}
