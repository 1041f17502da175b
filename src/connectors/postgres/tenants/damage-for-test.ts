import { array, constantFrom, nat, record } from 'fast-check';
import { literal } from '../sql.ts';
import { pooledTables } from './schema-for-test.ts';
import { withClient } from './world-for-test.ts';

/** One thing that somebody did to a tenant's rows. */
export interface Damage {
  readonly table: number;
  readonly kind: 'delete' | 'update' | 'insert';
  /** Which of the rows, and the number of a new one. */
  readonly row: number;
}

export const damages = array(
  record({
    table: nat(pooledTables.length - 1),
    kind: constantFrom('delete' as const, 'update' as const, 'insert' as const),
    row: nat(20),
  }),
  { minLength: 1, maxLength: 25 },
);

/** Does it through SQL, foreign keys and their cascades included. */
export async function doDamage(url: string, tenant: string, list: readonly Damage[]): Promise<void> {
  const org = literal(tenant);
  await withClient(url, async (client) => {
    for (const [i, { table, kind, row }] of list.entries()) {
      const { name, owner, fresh } = pooledTables[table] as (typeof pooledTables)[number];
      const one = `${name} t where t.ctid = (select t.ctid from ${name} t where ${owner} = ${org} order by t::text offset ${row % 6} limit 1) and ${owner} = ${org}`;
      const column = name === 'orgs' ? 'name' : name === 'comments' ? 'body' : name === 'audit' ? 'what' : 'note';
      if (kind === 'delete') await client.query(`delete from ${one}`);
      // Beyond the numbers of all tenants that were seeded.
      else if (kind === 'insert') await client.query(fresh?.(org, 5_000_000 + i) ?? 'select 1');
      else await client.query(`update ${one.replace(' t where', ` t set ${column} = 'damaged ${i}' where`)}`);
    }
  });
}
