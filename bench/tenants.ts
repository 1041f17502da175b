import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { startPostgres } from '../test/servers/index.ts';
import { holdfastIn, machineLine, row } from './command.ts';

/**
 * `npm run bench:tenants [-- --rows 20000000 --tenants 2000 --run 50]`: one tenant's rows out of shared tables, against the way
 * without Holdfast: pg_restore of the tables into a side database, and the tenant's rows copied from there. A quarter of the
 * rows are orders, the rest their lines, which have keys of their own. `--run`: so many orders of a tenant come one after another,
 * then another tenant's; with 1 every page holds rows of every tenant, and none can be left out.
 */
const rows = Number(option('rows', '20000000'));
const tenants = Number(option('tenants', '2000'));
const run = Number(option('run', '50'));
const linesPerOrder = 3;
const tenant = 7;
const orders = Math.floor(rows / (linesPerOrder + 1));
const root = resolve(import.meta.dirname, '../../..');
const work = mkdtempSync(join(tmpdir(), 'holdfast-tenants-'));
const server = await startPostgres({
  settings: { shared_buffers: '256MB', max_wal_size: '1GB', wal_level: 'minimal', max_wal_senders: '0' },
});

function option(name: string, otherwise: string): string {
  const at = process.argv.indexOf(`--${name}`);
  return process.argv[at === -1 ? process.argv.length : at + 1] ?? otherwise;
}

async function sql(database: string, text: string): Promise<string> {
  const client = new Client({ connectionString: server.url(database) });
  await client.connect();
  try {
    const results = [await client.query<{ value?: string }>(text)].flat();
    return results.at(-1)?.rows[0]?.value ?? '';
  } finally {
    await client.end();
  }
}

const seed = `
  create table orgs (id bigint primary key, name text);
  create table orders (id bigint, org_id bigint not null, at timestamptz, note text);
  create table order_lines (id bigint, order_id bigint not null, line int, what text, price numeric);
  insert into orgs select i, 'org ' || i from generate_series(1, ${tenants}) i;
  insert into orders select i, 1 + i / ${run} % ${tenants}, '2026-01-01'::timestamptz + i * interval '1 s', md5(i::text) from generate_series(1, ${orders}) i;
  insert into order_lines select i, 1 + (i - 1) / ${linesPerOrder}, i % ${linesPerOrder}, 'thing ' || md5(i::text), i * 1.5 from generate_series(1, ${orders * linesPerOrder}) i;
  alter table orders add primary key (id), add foreign key (org_id) references orgs on delete cascade;
  alter table order_lines add primary key (id), add foreign key (order_id) references orders on delete cascade;
  create index on orders (org_id); create index on order_lines (order_id); analyze;`;

const checksum = `select md5(string_agg(l::text, ',' order by l.id)) || count(*) as value
  from order_lines l join orders o on o.id = l.order_id where o.org_id = ${tenant}`;
/** A row as text in SQL is about as long as its line in a page. */
const textBytes = `select (select sum(length(o::text)) from orders o) + (select sum(length(l::text)) from order_lines l) as value`;
const gone = `delete from orgs where id = ${tenant}`;

function tool(name: string, args: readonly string[]): void {
  execFileSync(join(server.binFolder, name), args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function timed(what: () => Promise<void> | void): Promise<number> {
  const start = performance.now();
  await what();
  return (performance.now() - start) / 1000;
}

/** Restores both tables as a whole, then copies what is the tenant's. */
async function sideRestore(dump: string): Promise<void> {
  await sql('postgres', 'create database side');
  tool('pg_restore', ['--dbname', server.url('side'), '--jobs', '2', dump]);
  const queries = [
    ['orgs', `select * from orgs where id = ${tenant}`],
    ['orders', `select * from orders where org_id = ${tenant}`],
    ['order_lines', `select l.* from order_lines l join orders o on o.id = l.order_id where o.org_id = ${tenant}`],
  ] as const;
  for (const [table, query] of queries) {
    const file = join(work, table);
    tool('psql', [server.url('side'), '--command', `\\copy (${query}) to '${file}'`]);
    tool('psql', [server.url('live'), '--command', `\\copy ${table} from '${file}'`]);
  }
}

try {
  await sql('postgres', 'create database live');
  await sql('live', seed);
  const before = await sql('live', checksum);
  const megabytes = Number(await sql('live', textBytes)) / 1e6;
  const configuration =
    `version: 1\nestate: bench\nrepository: ./vault\nsources:\n` +
    `  - { type: postgres, name: app, url: "${server.url('live')}", pg-dump: ${join(server.binFolder, 'pg_dump')} }\n` +
    'tenants: { key: org_id, sources: { app: { tables: { orgs: id } } } }\n';
  const holdfast = holdfastIn(join(work, 'estate'), root, configuration);
  holdfast.run(['init', '--yes']);
  const captured = holdfast.run(['snapshot', '--quiet']);
  console.log(
    `${machineLine()}; PostgreSQL 18, ${rows.toLocaleString('en')} rows, ${tenants} tenants, ${run} orders in a run\n`,
  );
  console.log(`snapshot: ${captured.seconds.toFixed(1)} s\n\n| way | wall s | CPU s | peak MiB |\n|---|---|---|---|`);
  const shown = holdfast.run(['tenant', 'show', String(tenant)]);
  console.log(row(['holdfast tenant show', shown.seconds, shown.cpuSeconds, shown.peakMiB]));
  await sql('live', gone);
  const restored = holdfast.run(['tenant', 'restore', String(tenant), '--yes', '--quiet']);
  if ((await sql('live', checksum)) !== before) throw new Error('the tenant is not as it was');
  console.log(row(['holdfast tenant restore', restored.seconds, restored.cpuSeconds, restored.peakMiB]));
  const dump = join(work, 'dump');
  const dumped = await timed(() =>
    tool('pg_dump', ['--format=directory', '--jobs=2', `--file=${dump}`, server.url('live')]),
  );
  await sql('live', gone);
  const beside = await timed(() => sideRestore(dump));
  if ((await sql('live', checksum)) !== before) throw new Error('the side restore did not bring the tenant back');
  console.log(row(['pg_restore beside, then copy', beside, '', '']));
  console.log(
    `\n${megabytes.toFixed(0)} MB of rows: searched at ${(megabytes / shown.seconds).toFixed(0)} MB/s, start included.`,
  );
  console.log(
    `\n${(beside / restored.seconds).toFixed(1)} times as fast; the dump that pg_restore needs took ${dumped.toFixed(1)} s.`,
  );
} finally {
  await server.remove();
  rmSync(work, { recursive: true, force: true });
}
