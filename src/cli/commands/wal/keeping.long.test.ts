import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectError } from '../../../../test/cli/local-estate.ts';
import { builtCli } from '../../../../test/cli/run-cli.ts';
import { clusterEstate, sql, type ClusterEstate } from '../../../../test/pitr/cluster-estate.ts';
import { caughtUp, startReceiver, type Receiver } from '../../../../test/pitr/receiver.ts';
import { startPostgres } from '../../../../test/servers/index.ts';

const version = 18;
let estate: ClusterEstate;
let receiver: Receiver;

beforeAll(async () => {
  estate = await clusterEstate(version, { max_slot_wal_keep_size: '1GB' });
  await estate.sql('CREATE TABLE t (id int)');
  expect((await estate.run(['snapshot'])).status).toBe(0);
  receiver = await startReceiver(estate, '--flush', '50ms');
  await fillSegments();
});
afterAll(async () => {
  await receiver.stop();
  await estate.remove();
});

/** Two segments, stored in parts first. */
async function fillSegments(): Promise<void> {
  for (let segment = 0; segment < 2; segment++) {
    for (let row = 0; row < 5; row++) {
      await estate.sql(`INSERT INTO t VALUES (${row})`);
      await caughtUp(estate);
    }
    await estate.sql('SELECT pg_switch_wal()');
  }
  await estate.sql('INSERT INTO t VALUES (99)');
  await caughtUp(estate);
}

interface StatusDocument {
  readonly problems: readonly string[];
  readonly lag: { readonly bytes?: number; readonly ms?: number };
}

async function status(...args: readonly string[]): Promise<StatusDocument & { readonly exit: number | null }> {
  const { status: exit, stdout } = await estate.run(['wal', 'status', 'app', '--json', ...args]);
  return { ...(JSON.parse(stdout) as StatusDocument), exit };
}

async function restores(name: string): Promise<void> {
  const restored = await estate.run(['wal', 'restore', 'latest:postgres-cluster/app', '--to', name]);
  expect([restored.status, restored.stderr]).toEqual([0, '']);
  await rm(join(estate.folder, name), { recursive: true });
}

test('status says how far it is stored; nothing waits', async () => {
  expect(await status('--max-lag', '30s')).toMatchObject({
    exit: 0,
    slot: { name: 'holdfast', active: true, walStatus: 'reserved' },
    lag: { bytes: 0, ms: 0 },
    gaps: [],
    bases: 1,
    problems: [],
  });
  const { stdout } = await estate.run(['wal', 'status', 'app']);
  expect(stdout).toContain('Slot holdfast: in use, reserved');
});

test('prune removes parts of whole blocks, then what the oldest base backup does not need, and nothing else', async () => {
  const dry = await estate.run(['wal', 'prune', 'app', '--dry-run', '--json']);
  const plan = JSON.parse(dry.stdout) as { superseded: number; outdated: number };
  expect(plan.superseded).toBeGreaterThanOrEqual(10);
  expectError(await estate.run(['wal', 'prune', 'app']), 'usage.needs-confirmation', 2);
  const first = await estate.run(['wal', 'prune', 'app', '--yes', '--json']);
  expect(JSON.parse(first.stdout)).toMatchObject({ ...plan, dryRun: false, left: 0 });
  expect(JSON.parse((await estate.run(['wal', 'prune', 'app', '--yes', '--json'])).stdout)).toMatchObject({
    superseded: 0,
  });
  await restores('parts-gone');
  expect((await estate.run(['snapshot'])).status).toBe(0);
  expect(JSON.parse((await estate.run(['wal', 'prune', 'app', '--yes', '--json'])).stdout)).toMatchObject({
    outdated: 0,
  });
  expect((await estate.run(['forget', 'latest~1', '--yes'])).status).toBe(0);
  const later = JSON.parse((await estate.run(['wal', 'prune', 'app', '--yes', '--json'])).stdout) as typeof plan;
  expect(later.outdated).toBeGreaterThanOrEqual(2);
  await restores('old-gone');
  expect(await status()).toMatchObject({ gaps: [], bases: 1, problems: [] });
}, 120_000);

test('push is told the same twice, and never overwrites; fetch brings back what was pushed', async () => {
  const { dataFolder } = estate.server;
  await fillSegments();
  const config = ['--config', join(estate.folder, 'holdfast.yaml')];
  const inFolder = { cwd: dataFolder };
  const [row] = await estate.sql('SELECT pg_walfile_name(pg_switch_wal()) AS name');
  const name = String(row?.['name']);
  const path = join('pg_wal', name);
  for (const _ of [1, 2]) {
    const pushed = await estate.run([...config, 'wal', 'push', path], inFolder);
    expect([pushed.status, pushed.stderr]).toEqual([0, '']);
  }
  const other = join(estate.folder, 'other');
  await mkdir(join(other, 'pg_wal'), { recursive: true });
  await mkdir(join(other, 'global'));
  await copyFile(join(dataFolder, 'global', 'pg_control'), join(other, 'global', 'pg_control'));
  const bytes = await readFile(join(dataFolder, path));
  bytes[100_000] = (bytes[100_000] as number) ^ 1;
  await writeFile(join(other, path), bytes);
  expectError(await estate.run([...config, 'wal', 'push', path], { cwd: other }), 'wal.diverged', 1);
  expect((await estate.run([...config, 'wal', 'fetch', name, 'pg_wal/RECOVERYXLOG'], { cwd: other })).status).toBe(0);
  const fetched = await readFile(join(other, 'pg_wal', 'RECOVERYXLOG'));
  expect(fetched.equals(await readFile(join(dataFolder, path)))).toBe(true);
  expect((await readdir(join(other, 'pg_wal'))).sort()).toEqual([name, 'RECOVERYXLOG']);
  const missing = await estate.run([...config, 'wal', 'fetch', '0000000100000FFF00000001', 'pg_wal/X'], { cwd: other });
  expect(missing.status).toBe(1);
  const wrong = { cwd: other, env: { ...estate.env, HOLDFAST_PASSPHRASE: 'wrong' } };
  expect((await estate.run([...config, 'wal', 'fetch', name, 'pg_wal/X'], wrong)).status).toBe(130);
});

test('a restored server fetches WAL by itself', async () => {
  await estate.sql('INSERT INTO t SELECT generate_series(1000, 1999)');
  await caughtUp(estate);
  // What it stored later the server's user could not read.
  await receiver.stop();
  const fetch = `HOLDFAST_PASSPHRASE='${estate.env['HOLDFAST_PASSPHRASE']}' HOME=/ '${process.execPath}' '${await builtCli()}' --quiet --repository '${estate.folder}/vault' wal fetch %f %p`;
  await promisify(execFile)('chmod', ['-R', 'a+rX', join(estate.folder, 'vault')]);
  const { folder, args } = estate.restoreTo('fetching');
  const restored = await estate.run([
    'wal',
    'restore',
    'latest:postgres-cluster/app',
    ...args,
    '--restore-command',
    fetch,
  ]);
  expect([restored.status, restored.stderr]).toEqual([0, '']);
  expect(restored.stdout).toContain('and 0 B of WAL');
  const copy = await startPostgres({ version, dataFolder: folder });
  try {
    expect(await sql(copy.url(), 'SELECT count(*)::int AS rows FROM t WHERE id >= 1000')).toEqual([{ rows: 1000 }]);
  } finally {
    await copy.remove();
  }
});

test('without a receiver, and without the server, the objective is missed and said so', async () => {
  await estate.sql('INSERT INTO t VALUES (100)');
  const behind = await status('--max-lag', '1s');
  expect(behind.exit).toBe(5);
  expect(behind.lag.bytes).toBeGreaterThan(0);
  expect(behind.problems.join()).toContain('nobody receives from the slot holdfast');
  await estate.server.kill();
  const gone = await status('--max-lag', '1s');
  expect(gone).toMatchObject({ exit: 5, bases: 1 });
  expect(gone.problems.join()).toContain('ECONNREFUSED');
});
