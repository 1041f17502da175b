import { Client } from 'pg';
import type { MemoryResource } from '../../conformance-memory.ts';
import type { ActionOutcome, PlannedAction, RestoreContext, RestoreMode } from '../../contract.ts';
import { contextOf, settingsOf } from '../database-for-test.ts';
import type { PostgresServer } from '../../../../test/servers/index.ts';
import type { PostgresOptions } from '../options.ts';
import { literal } from '../sql.ts';
import { apply } from '../apply.ts';
import { plan } from '../plan.ts';
import { mapping } from './mapping.ts';
import { pooledMapping, pooledTables, type PooledTable } from './schema-for-test.ts';

export type TenantContext = RestoreContext<PostgresOptions> & {
  readonly tenant: { id: string; mapping: unknown; key?: string };
};

export function tenantContext(
  server: PostgresServer,
  url: string,
  id: string,
  mode: RestoreMode,
  wanted: object = pooledMapping,
): TenantContext {
  const tenant = { id, key: 'org_id', mapping: mapping.parse(wanted) };
  return { ...contextOf(settingsOf(server, url)), mode, tenant };
}

export interface Restored {
  readonly actions: readonly PlannedAction[];
  readonly outcome: ActionOutcome | undefined;
}

export async function restoreTenant(context: TenantContext, { captured }: MemoryResource): Promise<Restored> {
  const actions = await plan(context, captured);
  const [action] = actions;
  return { actions, outcome: action && (await apply(context, action, captured)) };
}

/** Rows of one tenant by table and key, as text; rows without a key by their text and a number. */
export type TenantState = ReadonlyMap<string, ReadonlyMap<string, string>>;

export async function tenantState(url: string, id: string): Promise<TenantState> {
  return await withClient(url, async (client) => {
    const state = new Map<string, Map<string, string>>();
    for (const { name, owner, key } of await tablesThere(client)) {
      const label =
        key === '' ? `t::text || '#' || row_number() over (partition by t::text)` : `concat_ws(',', ${key})`;
      const { rows } = await client.query<{ key: string; text: string }>(
        `select ${label} as key, t::text as text from ${name} t where ${owner} = ${literal(id)} order by 1`,
      );
      state.set(name, new Map(rows.map(({ key: label, text }) => [label, text])));
    }
    return state;
  });
}

/** Per table and tenant the MD5 of its sorted rows, of all tenants but one; and the tables that are nobody's. */
export async function othersState(url: string, id: string): Promise<readonly string[]> {
  return await withClient(url, async (client) => {
    const lines: string[] = [];
    for (const { name, owner } of [...(await tablesThere(client)), ...shared]) {
      const { rows } = await client.query<{ line: string }>(
        `select o || ' ' || md5(string_agg(text, e'\\n' order by text collate "C")) as line
         from (select coalesce((${owner})::text, 'nobody') as o, t::text as text from ${name} t) as rows
         where o <> ${literal(id)} group by o order by 1`,
      );
      lines.push(...rows.map(({ line }) => `${name} ${line}`));
    }
    return lines;
  });
}

async function tablesThere(client: Client): Promise<readonly PooledTable[]> {
  const { rows } = await client.query<{ name: string }>(
    "select relname as name from pg_class where relkind in ('r', 'p')",
  );
  return pooledTables.filter((table) => rows.some(({ name }) => name === table.name));
}

const shared = [
  { name: 'plans', owner: "'all'" },
  { name: 'countries', owner: "'all'" },
];

export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** What the mode promises, from what was captured and what was there before the restore. */
export function promised(mode: RestoreMode, captured: TenantState, damaged: TenantState): TenantState {
  return new Map(
    [...captured].map(([name, rows]) => {
      const now = damaged.get(name) ?? new Map<string, string>();
      const hasKey = pooledTables.find((table) => table.name === name)?.key !== '';
      if (mode === 'exact') return [name, rows] as const;
      if (!hasKey) return [name, now.size === 0 ? rows : now] as const;
      const merged = mode === 'create-missing' ? [...rows, ...now] : [...now, ...rows];
      return [name, new Map(new Map(merged))] as const;
    }),
  );
}

/** A state in an order that does not depend on where rows came from. */
export function sorted(state: TenantState): string[] {
  return [...state].flatMap(([name, rows]) => [...rows].map(([key, text]) => `${name} ${key} ${text}`)).sort();
}
