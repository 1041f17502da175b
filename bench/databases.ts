import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { startPostgres } from '../test/servers/index.ts';
import { holdfastIn, machineLine, row } from './command.ts';
import { measureBeside, type Measurement } from './measure.ts';

/**
 * A running PostgreSQL database captured, captured again after a hundredth of its rows changed, and restored, beside pg_dump and
 * pg_restore: `npm run bench:databases [-- --size 2048]` (MiB of text). Bars: twice as fast as `pg_dump -Fc`, not slower than
 * `pg_dump -Fd -j2`, the second capture five times faster with less than 5 % new bytes, the restore not slower than `pg_restore -j2`.
 */
const asked = process.argv.indexOf('--size');
const size = asked === -1 ? 2048 : Number(process.argv[asked + 1]);
const rowBytes = 420;
const rows = Math.round((size * 1024 * 1024) / rowBytes);
const root = resolve(import.meta.dirname, '../../..');
const work = mkdtempSync(join(tmpdir(), 'holdfast-databases-'));
const server = await startPostgres({ settings: { max_wal_size: '4GB', checkpoint_timeout: '1h' } });
const { binFolder } = server;

try {
  await fill();
  const configuration =
    'version: 1\nestate: bench\nrepository: ./vault\nsources:\n' +
    `  - { type: postgres, name: app, url: "\${DATABASE_URL}", pg-dump: ${join(binFolder, 'pg_dump')} }\n`;
  const holdfast = holdfastIn(join(work, 'estate'), root, configuration, { DATABASE_URL: server.url('app') });
  const vault = join(work, 'estate', 'vault');
  await holdfast.runBeside(['init', '--yes']);
  console.log(`${machineLine()}; PostgreSQL 18, ${rows} rows, ${size} MiB of text\n`);
  console.log('| | wall s | CPU s | MiB stored |\n|---|---|---|---|');
  const snapshot = async (name: string): Promise<Measurement & { readonly stored: number }> => {
    const before = sizeOf(vault);
    const measured = await holdfast.runBeside(['snapshot', '--quiet']);
    return show(name, measured, sizeOf(vault) - before);
  };
  const first = await snapshot('holdfast snapshot');
  const custom = await dump('pg_dump -Fc', 'custom', ['-Fc']);
  const parallel = await dumpParallel();
  const unchanged = await snapshot('holdfast snapshot, nothing changed');
  await sql(`update accounts set filler = filler || '!' where id between ${rows >> 1} and ${(rows >> 1) + rows / 100}`);
  const together = await snapshot('holdfast snapshot, 1 % changed together');
  await sql("update accounts set filler = filler || '?' where id % 100 = 7");
  const spread = await snapshot('holdfast snapshot, 1 % changed all over');
  const renamed = ['restore', 'latest', '--to', 'live', '--rename', 'app=restored', '--yes', '--quiet'];
  const restored = show('holdfast restore', await holdfast.runBeside(renamed));
  await sql('create database beside', 'postgres');
  const pgRestore = [join(binFolder, 'pg_restore'), '-j2', '-d', server.url('beside'), join(work, 'directory')];
  const beside = show('pg_restore -j2', await measureBeside(pgRestore, {}, join(work, 'log')));
  const told = (what: string, ratio: number, isKept: boolean): void => {
    console.log(`${what}: ${ratio.toFixed(2)}${isKept ? '' : ' (the bar is missed)'}`);
    if (!isKept) process.exitCode = 1;
  };
  const bar = (what: string, ratio: number, least: number): void => told(what, ratio, ratio >= least);
  console.log('\nTimes faster:');
  bar('first than pg_dump -Fc, at least 2', custom.seconds / first.seconds, 2);
  bar('first than pg_dump -Fd -j2, at least 1', parallel.seconds / first.seconds, 1);
  bar('unchanged than first, at least 5', first.seconds / unchanged.seconds, 5);
  bar('changed together than first, at least 5', first.seconds / together.seconds, 5);
  bar('restore than pg_restore -j2, at least 1', beside.seconds / restored.seconds, 1);
  const share = (100 * together.stored) / first.stored;
  told('New bytes of 1 % changed together, % of the first, less than 5', share, share < 5);
  console.log(
    `1 % changed all over: ${(first.seconds / spread.seconds).toFixed(2)} times faster, ${((100 * spread.stored) / first.stored).toFixed(1)} % new bytes`,
  );
} finally {
  await server.remove();
  rmSync(work, { recursive: true, force: true });
}

async function sql(text: string, database = 'app'): Promise<void> {
  const client = new Client({ connectionString: server.url(database) });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

/** Like pgbench's accounts, with text that compresses about as text of people does, and a table of references to it. */
async function fill(): Promise<void> {
  await sql('create database app', 'postgres');
  await sql('create table accounts (id bigint, branch int, balance int, filler text)');
  await sql(
    `insert into accounts select i, i % 1000, ((i::bigint * 7919) % 100000)::int,
     md5(i::text) || repeat('account ' || i || ' of a person ', 8) || md5((i * 3)::text) || md5((i * 5)::text)
     from generate_series(1, ${Math.round(rows * 0.9)}) i`,
  );
  await sql('alter table accounts add primary key (id); create index on accounts (branch)');
  await sql('create table history (id uuid primary key, account bigint, delta int, filler text)');
  await sql(
    `insert into history select md5(i::text)::uuid, i, i % 100, repeat(md5(i::text) || ' ', 8) from generate_series(1, ${Math.round(rows * 0.1)}) i`,
  );
  await sql('vacuum analyze');
}

async function dump(name: string, file: string, args: readonly string[]): Promise<Measurement> {
  const target = join(work, file);
  const command = [join(binFolder, 'pg_dump'), ...args, '-f', target, `--dbname=${server.url('app')}`];
  return show(name, await measureBeside(command, {}, join(work, 'log')), sizeOf(target));
}

/** With zstd where pg_dump was built with it. */
async function dumpParallel(): Promise<Measurement> {
  try {
    return await dump('pg_dump -Fd -j2 --compress=zstd', 'directory', ['-Fd', '-j2', '--compress=zstd']);
  } catch (error) {
    if (!String(error).includes('zstd')) throw error;
    console.log('(this pg_dump was built without zstd)');
    rmSync(join(work, 'directory'), { recursive: true, force: true });
    return await dump('pg_dump -Fd -j2 (gzip)', 'directory', ['-Fd', '-j2']);
  }
}

function show(name: string, measured: Measurement, bytes?: number): Measurement & { readonly stored: number } {
  const stored = bytes === undefined ? '' : bytes / 1024 / 1024;
  console.log(row([name, measured.seconds, measured.cpuSeconds, stored]));
  return { ...measured, stored: bytes ?? 0 };
}

function sizeOf(path: string): number {
  const found = statSync(path);
  if (!found.isDirectory()) return found.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
