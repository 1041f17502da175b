import { expect, test } from 'vitest';
import { clusterEstate, sql, type ClusterEstate } from '../../../../test/pitr/cluster-estate.ts';
import { caughtUp, startReceiver } from '../../../../test/pitr/receiver.ts';
import { startPostgres } from '../../../../test/servers/index.ts';

async function restoredRows(estate: ClusterEstate, name: string, target: readonly string[]): Promise<number> {
  const { folder, args } = estate.restoreTo(name);
  const restored = await estate.run(['wal', 'restore', 'latest:postgres-cluster/app', ...args, ...target]);
  expect(restored.stderr).toBe('');
  const copy = await startPostgres({ version: 16, dataFolder: folder });
  try {
    return Number((await sql(copy.url(), 'SELECT count(*) AS rows FROM t'))[0]?.['rows']);
  } finally {
    await copy.remove();
  }
}

/** A time by the server's clock with nothing committed close to it. */
async function momentOf(estate: ClusterEstate): Promise<string> {
  await estate.sql('SELECT pg_sleep(0.1)');
  const [row] = await estate.sql(
    `SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS now`,
  );
  await estate.sql('SELECT pg_sleep(0.1)');
  return String(row?.['now']);
}

test('WAL is stored as it comes, goes on after kill -9 without a gap, and leads to any point', async () => {
  const estate = await clusterEstate(16);
  const { server } = estate;
  try {
    await estate.sql('CREATE TABLE t (id int PRIMARY KEY)');
    expect((await estate.run(['snapshot'])).status).toBe(0);
    const first = await startReceiver(estate, '--flush', '200ms');
    expect(first.said()).toContain('max_slot_wal_keep_size is -1');
    const second = await estate.run(['wal', 'receive', 'app']);
    expect([second.status, second.stderr]).toEqual([4, expect.stringContaining('error[item.conflict]')]);
    await estate.sql('INSERT INTO t SELECT generate_series(1, 1000)');
    const [point] = await estate.sql("SELECT pg_create_restore_point('thousand')::text AS lsn");
    const early = await momentOf(estate);
    await estate.sql('INSERT INTO t SELECT generate_series(1001, 250000)');
    await first.kill();
    await estate.sql('INSERT INTO t SELECT generate_series(250001, 251000)');
    const next = await startReceiver(estate, '--flush', '200ms');
    const late = await momentOf(estate);
    // WAL, but no transaction, comes after that moment.
    await estate.sql('CHECKPOINT');
    await caughtUp(estate);
    expect(await next.stop()).toBe(0);
    await server.kill();
    expect(await restoredRows(estate, 'early', ['--target-time', early])).toBe(1000);
    expect(await restoredRows(estate, 'late', ['--target-time', late])).toBe(251000);
    expect(await restoredRows(estate, 'name', ['--target-name', 'thousand'])).toBe(1000);
    expect(await restoredRows(estate, 'lsn', ['--target-lsn', String(point?.['lsn'])])).toBe(1000);
  } finally {
    await estate.remove();
  }
}, 240_000);
