import type { LedgerNote } from '../../kernel/entry.ts';
import { connect } from './connection.ts';
import type { ClusterOptions } from './options.ts';

/** Files of the server's configuration that lie outside of its data folder, where the user may know. */
export async function outsideFiles(options: ClusterOptions): Promise<readonly string[]> {
  const server = await connect(options, 'sql');
  try {
    const rows = await server.rows(
      `SELECT setting FROM pg_settings WHERE name IN ('config_file', 'hba_file', 'ident_file')
       AND setting NOT LIKE (SELECT setting FROM pg_settings WHERE name = 'data_directory') || '/%' ORDER BY 1`,
    );
    return rows.flatMap(({ setting }) => (setting ? [setting] : []));
  } finally {
    await server.close();
  }
}

/** What does not come back with the data folder. */
export function clusterNotes(outside: readonly string[]): readonly LedgerNote[] {
  const notes: LedgerNote[] = [
    {
      class: 'lost',
      what: 'contents of unlogged tables',
      why: 'no WAL is written for them: after a recovery they are empty',
      action: 'ALTER TABLE … SET LOGGED where they matter.',
    },
  ];
  if (outside.length > 0)
    notes.push({
      class: 'needs-human',
      what: `configuration outside of the data folder: ${outside.join(', ')}`,
      why: 'a base backup holds the data folder and tablespaces only',
      action: 'Protect these files with a source of type local.',
    });
  return notes;
}
