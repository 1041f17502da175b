import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPostgres, type PostgresServer } from '../../../test/servers/index.ts';
import type { LoadedContent } from '../../kernel/capture.ts';
import { newDatabase, settingsOf, sql } from './database-for-test.ts';
import { listPages, type Page } from './list-pages.ts';
import type { PageSummary } from './read-page.ts';
import { createPageReader } from './read-pages.ts';
import { openSnapshot, type DatabaseSnapshot } from './snapshot.ts';
import { tableDocument } from './table-document.ts';

let server: PostgresServer;
/** What pages are summarised by, in tests of what goes wrong there. */
let summarise: () => PageSummary | undefined = () => undefined;
beforeAll(async () => void (server = await startPostgres()), 60_000);
afterAll(async () => await server.remove());

async function text({ content }: LoadedContent): Promise<string> {
  if (content instanceof Uint8Array) return Buffer.from(content).toString('utf8');
  const pieces: Uint8Array[] = [];
  for await (const piece of content ?? []) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

/** Runs with the pages of table `t` and a count of the COPYs that were made. */
async function withPages(
  name: string,
  statements: string,
  work: (pages: readonly Page[], load: (page: Page) => Promise<LoadedContent>, copies: () => number) => Promise<void>,
): Promise<void> {
  const url = await newDatabase(server, name);
  await sql(url, statements);
  const snapshot = await openSnapshot(settingsOf(server, url), {
    signal: new AbortController().signal,
    wanted: () => true,
    fits: () => true,
    moment: undefined,
  });
  if (!snapshot) throw new Error('no snapshot');
  let lent = 0;
  const counting: Pick<DatabaseSnapshot, 'lend'> = { lend: () => (lent++, snapshot.lend()) };
  try {
    const table = snapshot.tables.find((one) => one.name === 't');
    if (!table) throw new Error('no t');
    const { layout, pages } = await listPages(snapshot.query, table, undefined, { most: 1, bytes: Infinity });
    const reader = createPageReader(counting, tableDocument(table, layout), 1, () => summarise());
    await work(
      pages,
      (page) => reader.load(page),
      () => lent,
    );
  } finally {
    await snapshot.close();
  }
}

test.each([
  ['int', 'bigint', "i * 3, repeat('x', 50)"],
  ['uuid', 'uuid', "md5(i::text)::uuid, repeat('x', 50)"],
])('neighbours with a key of type %s are read together, and each is what it is alone', async (name, type, values) => {
  const create = `create table t (id ${type} primary key, v text); insert into t select ${values} from generate_series(1, 60000) i; analyze t`;
  await withPages(`together_${name}`, create, async (pages, load, copies) => {
    expect(pages.length).toBeGreaterThan(15);
    const together = await Promise.all((await Promise.all(pages.map(load))).map(text));
    expect(copies()).toBeLessThan(pages.length / 2);
    for (const [i, page] of pages.entries()) expect(together[i] === (await text(await load(page)))).toBe(true);
    // Those with gaps between them are not mistaken for neighbours.
    const odd = pages.filter((_, i) => i % 2 === 1);
    const apart = await Promise.all((await Promise.all(odd.map(load))).map(text));
    expect(apart.every((rows, i) => rows === together[2 * i + 1])).toBe(true);
  });
});

test('a page that cannot be read costs itself, not its neighbours', async () => {
  const create =
    "create table t (id int primary key, v text); insert into t select i, repeat('x', 200) from generate_series(1, 9000) i; analyze t";
  await withPages('one_bad', create, async (pages, load) => {
    const asked = pages.map((page, i) => (i === 2 ? { ...page, rows: page.rows - 1 } : page));
    const outcomes = await Promise.allSettled(asked.map(load));
    expect(outcomes.map(({ status }) => status)).toEqual(pages.map((_, i) => (i === 2 ? 'rejected' : 'fulfilled')));
    expect((outcomes[2] as PromiseRejectedResult).reason).toMatchObject({ code: 'item.damaged' });
  });
});

test('pages that are too much to be held together stream alone', async () => {
  const create =
    'create table t (id int primary key, v text); insert into t select i, repeat(md5(i::text), 150000) from generate_series(1, 6) i; analyze t';
  await withPages('large', create, async (pages, load) => {
    const rows = await Promise.all(pages.map(async (page) => await text(await load(page))));
    expect(rows.map((row) => row.length)).toEqual(pages.map((page) => page.rows * (150_000 * 32 + 3)));
  });
});

test('a page that cannot be summarised is refused, and the others are read', async () => {
  const create =
    "create table t (id int primary key, v text); insert into t select i, repeat('x', 200) from generate_series(1, 9000) i; analyze t";
  await withPages('summaries', create, async (pages, load) => {
    summarise = () => {
      throw new Error('no summary');
    };
    const refused = await Promise.allSettled(pages.map(load));
    summarise = () => undefined;
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set(['rejected']));
    expect((await Promise.all(pages.map(load))).length).toBe(pages.length);
  });
});
