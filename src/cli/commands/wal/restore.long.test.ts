import { lstat, mkdir, readdir, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectError } from '../../../../test/cli/local-estate.ts';
import { clusterEstate } from '../../../../test/pitr/cluster-estate.ts';
import { giveToServer, startPostgres } from '../../../../test/servers/index.ts';

test.each([13, 16, 18] as const)(
  'PostgreSQL %i: a base backup comes back, tablespaces and empty folders too, and starts',
  async (version) => {
    const estate = await clusterEstate(version);
    try {
      const space = join(estate.folder, 'space');
      await mkdir(space);
      await giveToServer(space);
      await estate.sql(`CREATE TABLESPACE far LOCATION '${space}'`);
      await estate.sql('CREATE TABLE near AS SELECT generate_series(1, 20000) AS id');
      await estate.sql('CREATE TABLE away TABLESPACE far AS SELECT generate_series(1, 500) AS id');
      const taken = await estate.run(['snapshot']);
      expect(taken.stderr + taken.stdout).toContain('complete');
      expect(taken.status).toBe(0);
      const { folder, args } = estate.restoreTo('back');
      const restored = await estate.run(['wal', 'restore', 'latest:postgres-cluster/app', ...args]);
      expect(restored.stderr).toBe('');
      expect(restored.stdout).toContain(version < 17 ? 'checked with pg_verifybackup;' : 'stopped again.');
      expect((await stat(folder)).mode & 0o777).toBe(0o700);
      expect((await stat(join(folder, 'PG_VERSION'))).mode & 0o777).toBe(0o600);
      expect((await lstat(join(folder, 'pg_notify'))).isDirectory()).toBe(true);
      const [oid = ''] = await readdir(join(folder, 'pg_tblspc'));
      expect(await readlink(join(folder, 'pg_tblspc', oid))).toBe(join(estate.folder, 'back', 'tablespaces', oid));
      const copy = await startPostgres({ version, dataFolder: folder });
      try {
        const counts = 'SELECT (SELECT count(*)::int FROM near) AS near, (SELECT count(*)::int FROM away) AS away';
        expect(await estate.sql(counts, copy)).toEqual([{ near: 20000, away: 500 }]);
      } finally {
        await copy.remove();
      }
      expectError(
        await estate.run(['wal', 'restore', 'latest:postgres-cluster/app', ...args]),
        'restore.target-not-empty',
        2,
      );
    } finally {
      await estate.remove();
    }
  },
  120_000,
);
