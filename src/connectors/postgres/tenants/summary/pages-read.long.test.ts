import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPostgres, type PostgresServer } from '../../../../../test/servers/index.ts';
import type { CapturedResource } from '../../../../kernel/entry.ts';
import { captureAll } from '../../../conformance.ts';
import type { MemoryResource } from '../../../conformance-memory.ts';
import type { TenantShare } from '../../../tenants.ts';
import { contextOf, newDatabase, settingsOf, sql } from '../../database-for-test.ts';
import { connector } from '../../index.ts';
import { itemsOf } from '../items.ts';
import { mapping } from '../mapping.ts';

/** Tenants' rows lie in runs; keys are random in some tables, of two columns in others, and some rows have no parent. */
const schema = `
  create table orgs (id int primary key, slug text unique);
  create table orders (id bigint primary key, org_id int references orgs, note text);
  create table items (id bigint primary key, order_id bigint references orders, note text);
  create table parcels (id uuid primary key, item_id bigint references items, note text);
  create table labels (id bigint primary key, org_id int not null, place text, note text, unique (org_id, place));
  create table prints (id bigint primary key, org int, place text, note text, foreign key (org, place) references labels (org_id, place));
  create table log (slug text references orgs (slug), note text);
  insert into orgs select i, E'org\\t' || i from generate_series(1, 200) i;
  insert into orders select i, nullif(1 + i / 100, 201), repeat('o', 100) from generate_series(0, 20000) i;
  insert into items select i, nullif(i / 2, 77), repeat('i', 100) from generate_series(0, 40000) i;
  insert into parcels select md5(i::text)::uuid, i * 4, repeat('p', 100) from generate_series(0, 10000) i;
  insert into labels select i, 1 + i / 100, E'a\\n\\\\' || i % 100, repeat('l', 100) from generate_series(0, 19999) i;
  insert into prints select i, 1 + i / 100, E'a\\n\\\\' || i % 100, repeat('p', 100) from generate_series(0, 19999) i;
  insert into log select E'org\\t' || i % 200 + 1, repeat('x', 100) from generate_series(1, 2000) i;`;

const share: TenantShare = { key: 'org_id', mapping: mapping.parse({ tables: { orgs: 'id' } }) };
const otherwise: TenantShare = { mapping: mapping.parse({ tables: { orgs: 'slug', log: 'slug' } }) };

let server: PostgresServer;
let url: string;
beforeAll(async () => {
  server = await startPostgres();
  url = await newDatabase(server, 'runs');
  await sql(url, schema);
}, 60_000);
afterAll(async () => await server.remove());

async function captureWith(tenants: TenantShare | undefined, before?: MemoryResource): Promise<MemoryResource> {
  const context = { ...contextOf(settingsOf(server, url)), ...(tenants === undefined ? {} : { tenants }) };
  const previous = before === undefined ? undefined : new Map([['app', before]]);
  const [captured] = (await captureAll(connector, context, previous)).values();
  if (!captured) throw new Error('nothing captured');
  expect(captured.failures).toEqual([]);
  return captured;
}

/** The tenant's rows, and how many pages were read for them. */
async function rowsOf({ captured }: MemoryResource, by: TenantShare, tenant: string) {
  let pages = 0;
  const counting: CapturedResource = {
    ...captured,
    // Pages are told apart from those of other tests by their content, and found rows are kept by it: another id reads anew.
    async *entries(collection, range) {
      for await (const entry of captured.entries(collection, range))
        yield { ...entry, contentId: `${entry.contentId} ${(anew += 1)}` };
    },
    read(entry) {
      pages++;
      return captured.read(entry);
    },
  };
  const rows: string[] = [];
  for await (const { collection, row } of itemsOf(counting, by, tenant))
    rows.push(`${collection} ${JSON.stringify(row)}`);
  return { rows: rows.sort(), pages };
}
let anew = 0;

test('a tenant is found in few pages, whole, as without summaries', async () => {
  const [plain, noted] = [await captureWith(undefined), await captureWith(share)];
  for (const tenant of ['1', '78', '200']) {
    const [all, few] = [await rowsOf(plain, share, tenant), await rowsOf(noted, share, tenant)];
    expect(few.rows).toEqual(all.rows);
    expect(few.rows.length).toBeGreaterThan(500);
    expect(few.pages).toBeLessThan(all.pages / 3);
  }
  expect(noted.dump()).toEqual((await captureWith(share, noted)).dump());
}, 60_000);

test('summaries of another mapping are left out of account, and stay with pages that did not change', async () => {
  const noted = await captureWith(share);
  const slug = 'org\t7';
  const plain = await rowsOf(await captureWith(undefined), otherwise, slug);
  expect(plain.rows.length).toBeGreaterThan(5);
  expect((await rowsOf(noted, otherwise, slug)).rows).toEqual(plain.rows);
  const later = await captureWith(otherwise, noted);
  expect(later.loadedAgain).toBe(0);
  expect((await rowsOf(later, otherwise, slug)).rows).toEqual(plain.rows);
  expect(await rowsOf(later, share, '7')).toEqual(await rowsOf(noted, share, '7'));
}, 60_000);

test('a row that moves to another tenant is found with that one', async () => {
  const noted = await captureWith(share);
  await sql(url, 'update orders set org_id = 150 where id = 4200');
  const later = await captureWith(share, noted);
  expect(later.loadedAgain).toBe(1);
  const moved = (await rowsOf(later, share, '150')).rows.filter((row) => row.includes('4200"'));
  expect(moved.map((row) => row.split(' ')[0])).toEqual(['public.items', 'public.items', 'public.orders']);
  expect((await rowsOf(later, share, '43')).rows).not.toContain(moved[2]);
}, 60_000);

test('a mapping that does not fit costs the summaries, and not the capture', async () => {
  const strange = { mapping: mapping.parse({ tables: { nothing: 'id' } }) };
  expect((await captureWith(strange)).dump()).toEqual((await captureWith(undefined)).dump());
}, 60_000);
