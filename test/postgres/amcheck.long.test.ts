import { mkdir, open, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkRelations, requireAmcheck } from '../../src/estate/wal/amcheck.ts';
import { proveCluster } from '../../src/estate/wal/prove.ts';
import { systemClock } from '../../src/kernel/runtime.ts';
import { sql } from '../pitr/cluster-estate.ts';
import { serverUser, startPostgres } from '../servers/index.ts';

/** Overwrites the key of the ninth entry of the first leaf of a B-tree with one that comes after all others. */
async function damageIndex(path: string): Promise<void> {
  const page = 8192;
  // Behind the entries is the special space; the entries of one integer have 16 bytes, of which the first 8 are the header.
  const entry = 2 * page - 16 - 9 * 16;
  const file = await open(path, 'r+');
  await file.write(Buffer.from([0xff, 0xff, 0xff, 0x7f]), 0, 4, entry + 8);
  await file.close();
}

test('a damaged index is found and named; all is well before, and users and programs that cannot check are told', async () => {
  const server = await startPostgres({ version: 15 });
  const programs = join(server.dataFolder, '..', 'programs');
  try {
    await sql(server.url(), 'create database shop');
    const shop = server.url('shop');
    await sql(shop, 'create table orders as select i as id, i % 7 as kind from generate_series(1, 5000) i');
    await sql(shop, 'alter table orders add primary key (id); create index by_kind on orders (kind)');
    const [found] = await sql(shop, "select pg_relation_filepath('orders_pkey') as key");
    // No manifest of a backup is here, so that pg_verifybackup would have nothing to compare with.
    await mkdir(programs);
    for (const name of ['postgres', 'pg_ctl', 'pg_controldata', 'pg_amcheck'])
      await symlink(join(server.binFolder, name), join(programs, name));
    const folders = { dataFolder: server.dataFolder, programs, ...(serverUser ? { owner: serverUser } : {}) };
    const running = { host: '127.0.0.1', port: String(server.port), user: 'postgres' };
    await checkRelations(folders, running);
    await expect(checkRelations(folders, { ...running, user: 'nobody_here' })).rejects.toMatchObject({
      code: 'usage.invalid',
      message: 'pg_amcheck: role "nobody_here" does not exist',
    });
    await server.stop();
    const request = {
      ...folders,
      user: 'postgres',
      isTime: false,
      clock: systemClock,
      signal: AbortSignal.timeout(60_000),
    };
    expect(await proveCluster(request)).toMatchObject({ checked: ['pg_amcheck'] });
    await damageIndex(join(server.dataFolder, String(found?.['key'])));
    await expect(proveCluster(request)).rejects.toMatchObject({
      code: 'verify.damage',
      message: expect.stringMatching(
        /^pg_amcheck found damage in btree index "shop\.public\.orders_pkey": .*invariant violated for index "orders_pkey"$/,
      ) as unknown,
    });
    await server.start();
    await sql(shop, 'reindex table orders');
    await checkRelations(folders, running);
  } finally {
    await server.remove();
  }
}, 120_000);

test('a server without the extension, and programs without pg_amcheck, are no damage', async () => {
  const server = await startPostgres({ version: 16 });
  try {
    const folders = { dataFolder: server.dataFolder, programs: server.binFolder };
    const running = { host: '127.0.0.1', port: String(server.port), user: 'postgres' };
    await requireAmcheck(folders);
    await expect(checkRelations(folders, running)).rejects.toMatchObject({
      code: 'machine.missing-tool',
      message: `the server of ${server.binFolder} lacks the extension amcheck, which pg_amcheck asks`,
    });
    await expect(requireAmcheck({ ...folders, programs: server.dataFolder })).rejects.toMatchObject({
      code: 'machine.missing-tool',
    });
  } finally {
    await server.remove();
  }
}, 60_000);
