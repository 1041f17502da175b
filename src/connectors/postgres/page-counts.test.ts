import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPostgres, type PostgresServer } from '../../../test/servers/index.ts';
import type { CatalogTable } from './catalog.ts';
import { newDatabase, settingsOf, sql } from './database-for-test.ts';
import { newestWriter, permanent, readHistory, type History } from './history.ts';
import { listPages, type Page } from './list-pages.ts';
import { sum, type PageCount } from './page-counts.ts';
import { openSnapshot } from './snapshot.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(async () => await server.remove());

/** The pages of table t, counted in so many parts, and how many queries that took; ids are burnt between the parts. */
async function pagesIn(
  url: string,
  most: number,
): Promise<{ readonly pages: readonly Page[]; readonly queries: number }> {
  const settings = settingsOf(server, url);
  const snapshot = await openSnapshot(settings, {
    signal: new AbortController().signal,
    wanted: () => true,
    fits: () => true,
    moment: undefined,
  });
  if (!snapshot) throw new Error('no snapshot');
  try {
    const table = snapshot.tables.find(({ name }) => name === 't') as CatalogTable;
    const history = await readHistory(settings, snapshot.query);
    let queries = 0;
    const query: typeof snapshot.query = async (text) => {
      queries++;
      const lent = await snapshot.lend();
      try {
        await sql(url, 'select pg_current_xact_id()');
        return (await lent.client.query(text)).rows as never;
      } finally {
        await lent.release('usable');
      }
    };
    const { pages } = await listPages(query, table, history, { most, bytes: 8192 });
    return { pages, queries };
  } finally {
    await snapshot.close();
  }
}

describe('pages counted in parts', () => {
  test.each([
    ['with an integer key', 'create table t (id bigint primary key, n int, v text)', 'i * 2'],
    ['without a key', 'create table t (id bigint, n int, v text)', 'i'],
    [
      'with a key of text',
      'create table t (id text primary key, n int, v text)',
      `'a"\\'' {,} ' || lpad(i::text, 6, '0')`,
    ],
  ])('%s are those counted at once, fingerprints included', async (name, create, id) => {
    const url = await newDatabase(server, `parts_${name.replaceAll(' ', '_')}`);
    await sql(url, `${create}; insert into t select ${id}, i, repeat('x', 50) from generate_series(1, 20000) i`);
    await sql(url, "update t set v = 'new' where n % 1000 = 0; delete from t where n between 500 and 900");
    await sql(url, 'vacuum t');
    await sql(url, "insert into t select i, i, 'late' from generate_series(50001, 50100) i; analyze t");
    const [once, parts] = [await pagesIn(url, 1), await pagesIn(url, 4)];
    expect(parts.queries).toBe(once.queries + 4);
    expect(parts.pages).toEqual(once.pages);
    expect(once.pages.every(({ fingerprint }) => fingerprint !== undefined)).toBe(true);
    const [counted] = await sql<{ rows: number }>(url, 'select count(*)::int as rows from t');
    expect(once.pages.reduce((all, { rows }) => all + rows, 0)).toBe(counted?.rows);
  });
});

test('ages that two connections told are put together as one would have told them, also where ids begin again', () => {
  const mask = (1n << 32n) - 1n;
  for (const next of [1000n, (1n << 32n) + 7n, (5n << 32n) - 3n]) {
    const history: History = { id: '', oldestRunning: next, next };
    const told = (writer: bigint, now: bigint): PageCount => ({
      rows: 1,
      youngest: Number((now - writer) & mask),
      reference: Number((now - 3n) & mask),
    });
    for (const [a, b] of [
      [0n, 5n],
      [5n, 0n],
      [2n, 2n],
    ] as const) {
      const [one, other] = [told(next - 20n, next + a), told(next - 9n, next + b)];
      for (const both of [sum(one, other), sum(other, one)]) {
        expect(both.rows).toBe(2);
        expect(newestWriter(history, both.youngest, both.reference)).toBe(next - 9n);
      }
      const unknown = { ...other, youngest: permanent };
      expect(newestWriter(history, sum(one, unknown).youngest, one.reference)).toBe(next - 20n);
      expect(newestWriter(history, sum(unknown, unknown).youngest, other.reference)).toBeUndefined();
    }
  }
});
