import { afterAll } from 'vitest';
import { startPostgres } from '../../../test/servers/index.ts';
import { describeConnector } from '../conformance.ts';
import { dump, lines, newDatabase, settingsOf, sql } from './database-for-test.ts';
import { everything, roles } from './everything-for-test.ts';
import { connector } from './index.ts';
import type { PostgresOptions } from './options.ts';

describeConnector<PostgresOptions>('postgres', async () => {
  const own = await startPostgres();
  afterAll(async () => await own.remove());
  const url = await newDatabase(own, 'app');
  return {
    connector,
    options: settingsOf(own, url),
    region: 'local',
    leastResources: 1,
    servedBy: 'PostgreSQL 18',
    seed: async () => {
      await sql(url, roles);
      await sql(url, everything);
      await sql(url, 'refresh materialized view app.top; refresh materialized view app.a_topmost');
    },
    readBack: async () => lines(await dump(own, url)),
    damage: async () => {
      await sql(
        url,
        `set session_replication_role = replica; delete from app.tokens where note like '1%'; alter table app.orders disable row level security;
        update app.customers set email = null where id < 20; insert into app.words values ('new', 1);
        drop table app.lines; drop view app.totals cascade; drop function app.touch() cascade; truncate app.log; select lo_unlink(70002)`,
      );
    },
  };
});
