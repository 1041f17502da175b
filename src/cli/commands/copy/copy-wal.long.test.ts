import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clusterEstate, sql, type ClusterEstate } from '../../../../test/pitr/cluster-estate.ts';
import { caughtUp, startReceiver, type Receiver } from '../../../../test/pitr/receiver.ts';
import { startPostgres } from '../../../../test/servers/index.ts';

let estate: ClusterEstate;
let receiver: Receiver;

beforeAll(async () => {
  estate = await clusterEstate(18, { max_slot_wal_keep_size: '1GB' });
  await estate.sql('CREATE TABLE t (id int)');
  receiver = await startReceiver(estate, '--flush', '50ms');
  expect((await estate.run(['snapshot'])).status).toBe(0);
});
afterAll(async () => {
  await receiver.stop();
  await estate.remove();
});

const own = { HOLDFAST_PASSPHRASE: 'another one' };

interface Wal {
  readonly objects: number;
  readonly failures: readonly unknown[];
}

async function copy(...args: readonly string[]): Promise<readonly Wal[]> {
  const env = { ...estate.env, HOLDFAST_TO_PASSPHRASE: own.HOLDFAST_PASSPHRASE };
  const copied = await estate.run(['copy', '--to', './foreign', '--json', ...args], { env });
  expect([copied.status, copied.stderr]).toEqual([0, '']);
  return (JSON.parse(copied.stdout) as { wal: readonly Wal[] }).wal;
}

async function insert(id: number): Promise<void> {
  await estate.sql(`INSERT INTO t VALUES (${id})`);
  await caughtUp(estate);
}

test('a repository with keys of its own restores to a time from copied base backup and WAL, without the first one', async () => {
  expect(
    (await estate.run(['init', '--yes', '--repository', './foreign'], { env: { ...estate.env, ...own } })).status,
  ).toBe(0);
  expect(await copy('--no-wal')).toEqual([]);
  await insert(1);
  expect((await copy())[0]?.objects).toBeGreaterThan(0);
  await insert(2);
  const [row] = await estate.sql('SELECT now() AS time');
  const time = row?.['time'] as Date;
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await insert(3);
  await estate.sql('SELECT pg_switch_wal()');
  await insert(4);
  expect((await copy('--dry-run'))[0]?.objects).toBeGreaterThan(0);
  expect(await copy()).toMatchObject([{ failures: [] }]);
  expect(
    (await estate.run(['check', '--read-data', '--repository', './foreign'], { env: { ...estate.env, ...own } }))
      .status,
  ).toBe(0);
  await rm(join(estate.folder, 'vault'), { recursive: true });
  const { folder, args } = estate.restoreTo('out');
  const wanted = ['--repository', './foreign', '--target-time', new Date(time.getTime() + 500).toISOString()];
  const restored = await estate.run(['wal', 'restore', 'latest:postgres-cluster/app', ...wanted, ...args], {
    env: { ...estate.env, ...own },
  });
  expect([restored.status, restored.stderr]).toEqual([0, '']);
  const server = await startPostgres({ version: 18, dataFolder: folder });
  try {
    expect(await sql(server.url(), 'SELECT id FROM t ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
  } finally {
    await server.remove();
  }
}, 120_000);
