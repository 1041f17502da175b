import { expect, test } from 'vitest';
import { clusterEstate } from '../pitr/cluster-estate.ts';
import { caughtUp, startReceiver } from '../pitr/receiver.ts';
import { startPostgres } from '../servers/index.ts';
import { backupVersions } from './versions.ts';

/** Those that have the extension amcheck, and a pg_amcheck. */
const withAmcheck = [14, 15, 17];

test.each(backupVersions)(
  'PostgreSQL %i: base backup, WAL through a slot, and recovery to a time before the mistake',
  async (version) => {
    const estate = await clusterEstate(version);
    try {
      await estate.sql(`create table rows (id int primary key, v text)`);
      await estate.sql(`insert into rows select i, 'v' || i from generate_series(1, 5000) i`);
      const receiver = await startReceiver(estate, '--flush', '100ms');
      const taken = await estate.run(['snapshot']);
      expect(taken.stderr + taken.stdout).toContain('complete');
      await estate.sql(`insert into rows select i, 'later' from generate_series(5001, 6000) i`);
      await caughtUp(estate);
      const [moment] = await estate.sql("select clock_timestamp() + interval '1 ms' as at, pg_sleep(0.1)");
      await estate.sql('delete from rows');
      await caughtUp(estate);
      expect((await estate.run(['wal', 'status', 'app', '--json'])).stdout).toContain('"gaps": []');
      expect(await receiver.stop()).toBe(0);
      const time = new Date(moment?.['at'] as Date).toISOString();
      const { folder, args } = estate.restoreTo('back');
      const user = withAmcheck.includes(version) ? ['--prove-user', 'postgres'] : [];
      const target = ['latest:postgres-cluster/app', '--target-time', time];
      const restored = await estate.run(['wal', 'restore', ...target, ...args, ...user]);
      expect(restored.stderr).toBe('');
      const programs = [...(version < 17 ? ['pg_verifybackup'] : []), ...(user.length > 0 ? ['pg_amcheck'] : [])];
      expect(restored.stdout).toContain(`checked with ${programs.join(' and ') || 'nothing else'};`);
      const copy = await startPostgres({ version, dataFolder: folder });
      try {
        const counts = 'select count(*)::int as rows, max(id) as last from rows';
        expect(await estate.sql(counts, copy)).toEqual([{ rows: 6000, last: 6000 }]);
      } finally {
        await copy.remove();
      }
    } finally {
      await estate.remove();
    }
  },
  180_000,
);
