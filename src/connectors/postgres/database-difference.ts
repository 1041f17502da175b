import type { CapturedResource } from '../../kernel/entry.ts';
import type { RestoreContext } from '../contract.ts';
import {
  capturedSettings,
  readDatabaseSettings,
  settingChanges,
  type DatabaseSettings,
  type SettingChange,
} from './database-settings.ts';
import { withConnection, type Target } from './target.ts';

/** What is to be changed of the database's own settings. Of one that is not there: all that a new one lacks. */
export async function differingSettings(
  { mode }: Pick<RestoreContext, 'mode'>,
  captured: CapturedResource,
  { url, database, exists }: Target,
): Promise<SettingChange[]> {
  const wanted = await capturedSettings(captured);
  if (!wanted) return [];
  if (!exists) return settingChanges(database, wanted, { document: newDatabase(wanted), untouched: true }, mode);
  const live = await withConnection(
    url,
    async (client) => await readDatabaseSettings(async (sql) => (await client.query(sql)).rows as never),
  );
  return settingChanges(database, wanted, live, mode);
}

/** PostgreSQL documentation, "Privileges": everybody may connect and make temporary tables. */
function newDatabase({ owner }: DatabaseSettings): DatabaseSettings {
  const permissions = ['CONNECT', 'TEMPORARY'].map((privilege) => ({ to: null, privilege, grantable: false }));
  return { owner, comment: null, connectionLimit: -1, permissions, settings: [] };
}
