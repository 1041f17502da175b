import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPostgres, type PostgresServer } from '../../../test/servers/index.ts';
import { connect, disconnect } from './connection.ts';
import { newDatabase, sql } from './database-for-test.ts';
import { receiveCopy } from './receive-copy.ts';

let server: PostgresServer;
let url: string;
beforeAll(async () => {
  server = await startPostgres();
  url = await newDatabase(server, 'rows');
  // Empty rows, rows of every small length, and rows that no read of the socket holds.
  await sql(
    url,
    `create table t (id int, v text); insert into t select i, repeat('x', case when i % 700 = 0 then 600000 when i % 50 = 0 then i * 7 else i % 90 end)
     from generate_series(1, 4000) i`,
  );
}, 60_000);
afterAll(async () => await server?.remove());

const query = 'copy (select v from public.t order by id) to stdout';

test.each([
  ['in one part', []],
  ['in parts of some rows, and the rest', [1, 2, 1, 1, 500, 49, 1, 146, 700]],
  ['a part for each row', Array.from({ length: 4000 }, () => 1)],
])(
  'what the server sends comes whole and in order, %s',
  async (_, parts) => {
    const client = await connect(url);
    try {
      const values = await sql<{ v: string }>(url, 'select v from t order by id');
      const lines = values.map(({ v }) => `${v}\n`);
      const came = new Map<number, string>();
      const { finished } = receiveCopy(client, query, parts, (bytes, part) => {
        came.set(part, (came.get(part) ?? '') + bytes.toString());
      });
      expect(await finished).toBe(4000);
      let next = 0;
      const wanted = [...parts, 4000]
        .map((count) => lines.slice(next, (next += count)).join(''))
        .filter((text) => text !== '');
      expect([...came.values()].map((text) => text.length)).toEqual(wanted.map((text) => text.length));
      expect([...came.values()].join('') === wanted.join('')).toBe(true);
      // The connection goes on.
      expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    } finally {
      await disconnect(client);
    }
  },
  60_000,
);
