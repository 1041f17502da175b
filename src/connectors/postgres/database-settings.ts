import type { CapturedResource } from '../../kernel/entry.ts';
import type { RestoreMode } from '../contract.ts';
import type { DatabaseSnapshot } from './snapshot.ts';
import { identifier, literal } from './sql.ts';

/** `database-settings.json`: what pg_dump writes of the database itself only together with CREATE DATABASE. Settings may be secret. */
export const databaseSettingsFile = 'database-settings.json';

export interface DatabaseSettings {
  readonly owner: string;
  readonly comment: string | null;
  /** -1: none. */
  readonly connectionLimit: number;
  /** `to` null: everybody. */
  readonly permissions: readonly {
    readonly to: string | null;
    readonly privilege: string;
    readonly grantable: boolean;
  }[];
  /** ALTER DATABASE … SET, and with a role ALTER ROLE … IN DATABASE … SET. */
  readonly settings: readonly { readonly role: string | null; readonly name: string; readonly value: string }[];
}

/** As they are, of the database of the connection. `untouched`: nobody has granted, commented or limited anything. */
export async function readDatabaseSettings(
  query: DatabaseSnapshot['query'],
): Promise<{ readonly document: DatabaseSettings; readonly untouched: boolean }> {
  const [row] = await query<{ document: DatabaseSettings; untouched: boolean }>(`select json_build_object(
    'owner', pg_catalog.pg_get_userbyid(d.datdba), 'comment', pg_catalog.shobj_description(d.oid, 'pg_database'),
    'connectionLimit', d.datconnlimit,
    'permissions', coalesce((select json_agg(json_build_object('to', case when a.grantee <> 0 then pg_catalog.pg_get_userbyid(a.grantee) end,
        'privilege', a.privilege_type, 'grantable', a.is_grantable)
        order by pg_catalog.pg_get_userbyid(nullif(a.grantee, 0)) collate "C" nulls first, a.privilege_type collate "C")
      from pg_catalog.aclexplode(coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba))) a), '[]'),
    'settings', coalesce((select json_agg(json_build_object('role', r.rolname, 'name', pg_catalog.split_part(c, '=', 1),
        'value', pg_catalog.substr(c, pg_catalog.strpos(c, '=') + 1)) order by r.rolname collate "C" nulls first, c collate "C")
      from pg_catalog.pg_db_role_setting s cross join unnest(s.setconfig) c left join pg_catalog.pg_roles r on r.oid = s.setrole
      where s.setdatabase = d.oid and (s.setrole = 0 or r.oid is not null)), '[]')) as document,
    d.datacl is null and d.datconnlimit = -1 and pg_catalog.shobj_description(d.oid, 'pg_database') is null as untouched
    from pg_catalog.pg_database d where d.datname = pg_catalog.current_database()`);
  if (!row) throw new RangeError('a connection without a database');
  return row;
}

/** Undefined for snapshots that do not know them. */
export async function capturedSettings(captured: CapturedResource): Promise<DatabaseSettings | undefined> {
  return (await captured.json('', databaseSettingsFile)) as unknown as DatabaseSettings | undefined;
}

/** One change of a database, in a transaction of its own. */
export interface SettingChange {
  /** For people; holds no value of a setting. */
  readonly title: string;
  readonly statements: readonly string[];
}

/**
 * What makes the settings of a database those that were captured: what is not set; where the mode puts back, or nobody has touched
 * it yet, also what differs; with exact settings besides are taken back.
 */
export function settingChanges(
  database: string,
  wanted: DatabaseSettings,
  { document: live, untouched }: { readonly document: DatabaseSettings; readonly untouched: boolean },
  mode: RestoreMode,
): SettingChange[] {
  const name = identifier(database);
  const changes: SettingChange[] = [];
  const add = (title: string, ...statements: readonly string[]): void => void changes.push({ title, statements });
  const putsBack = mode !== 'create-missing';
  if (putsBack && live.owner !== wanted.owner)
    add('its owner', `alter database ${name} owner to ${identifier(wanted.owner)}`);
  if (putsBack || untouched) {
    if (live.comment !== wanted.comment)
      add(
        'its comment',
        `comment on database ${name} is ${wanted.comment === null ? 'null' : literal(wanted.comment)}`,
      );
    if (live.connectionLimit !== wanted.connectionLimit)
      add('its connection limit', `alter database ${name} connection limit ${wanted.connectionLimit}`);
    if (permissionsText(live) !== permissionsText(wanted)) add('its permissions', ...regrant(name, live, wanted));
  }
  const key = ({ role, name: own }: DatabaseSettings['settings'][number]): string => JSON.stringify([role, own]);
  const there = new Map(live.settings.map((one) => [key(one), one]));
  for (const one of wanted.settings) {
    const now = there.get(key(one));
    there.delete(key(one));
    if (now !== undefined && (!putsBack || now.value === one.value)) continue;
    // Taken from the session, so that lists and quotes are as they were.
    const set = `select pg_catalog.set_config(${literal(one.name)}, ${literal(one.value)}, true)`;
    add(titleOf(one), set, `${alter(name, one)} set ${parameter(one.name)} from current`);
  }
  if (mode === 'exact')
    for (const one of there.values()) add(titleOf(one), `${alter(name, one)} reset ${parameter(one.name)}`);
  return changes;
}

type Setting = DatabaseSettings['settings'][number];

function titleOf({ role, name }: Setting): string {
  return role === null ? `the setting ${name}` : `the setting ${name} of ${role}`;
}

function alter(database: string, { role }: Setting): string {
  return role === null ? `alter database ${database}` : `alter role ${identifier(role)} in database ${database}`;
}

/** `app.tenant`: parts of a name are quoted each. */
function parameter(name: string): string {
  return name.split('.').map(identifier).join('.');
}

function permissionsText({ permissions, owner }: DatabaseSettings): string {
  // The owner's own are told by who he is.
  const others = permissions.filter(({ to }) => to !== owner);
  return JSON.stringify(others.map(({ to, privilege, grantable }) => [to, privilege, grantable]));
}

function regrant(database: string, live: DatabaseSettings, wanted: DatabaseSettings): string[] {
  const who = (to: string | null): string => (to === null ? 'public' : identifier(to));
  const others = ({ permissions, owner }: DatabaseSettings): DatabaseSettings['permissions'] =>
    permissions.filter(({ to }) => to !== owner);
  const holders = new Set(others(live).map(({ to }) => who(to)));
  return [
    ...[...holders].map((holder) => `revoke all on database ${database} from ${holder}`),
    ...others(wanted).map(
      ({ to, privilege, grantable }) =>
        `grant ${privilege} on database ${database} to ${who(to)}${grantable ? ' with grant option' : ''}`,
    ),
  ];
}
