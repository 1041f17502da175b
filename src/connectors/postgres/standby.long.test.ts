import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startPostgres } from '../../../test/servers/index.ts';
import { giveToServer } from '../../../test/servers/postgres.ts';
import { serverUser } from '../../../test/servers/programs.ts';
import { captureOnce, newDatabase, settingsOf, sql } from './database-for-test.ts';
import { findTable } from './rows.ts';

test('a standby is captured but for the rows of unlogged tables, which only its primary has', async () => {
  const primary = await startPostgres({ settings: { wal_level: 'replica' } });
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-standby-'));
  try {
    const url = await newDatabase(primary, 'app');
    await sql(
      url,
      `create table kept (id int primary key); insert into kept values (1); create sequence counter;
       create unlogged table cache (id int primary key); insert into cache values (1)`,
    );
    await giveToServer(folder);
    const data = join(folder, 'data');
    const args = ['-D', data, '-d', primary.url(), '-R', '-X', 'stream', '--checkpoint=fast', '--no-sync'];
    await promisify(execFile)(join(primary.binFolder, 'pg_basebackup'), args, { cwd: '/', ...serverUser });
    const standby = await startPostgres({ dataFolder: data });
    try {
      const { failures, captured } = await captureOnce(settingsOf(standby, standby.url('app')));
      expect(failures).toEqual([]);
      expect((await findTable(captured, 'public', 'kept'))?.pages).toBeDefined();
      expect((await findTable(captured, 'public', 'cache'))?.pages).toBeUndefined();
      expect(captured.ledger.map(({ what, why }) => `${what}: ${why}`)).toEqual([
        'rows of unlogged tables: a standby does not have them: public.cache',
      ]);
    } finally {
      await standby.stop();
    }
  } finally {
    await primary.remove();
    await rm(folder, { recursive: true, force: true });
  }
});
