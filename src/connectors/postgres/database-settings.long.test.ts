import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPostgres, type PostgresServer } from '../../../test/servers/index.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import { restoreAll } from '../conformance.ts';
import type { RestoreMode } from '../contract.ts';
import { captureOnce, contextOf, dump, newDatabase, settingsOf, sql } from './database-for-test.ts';
import { connector } from './index.ts';

let server: PostgresServer;
beforeAll(async () => void (server = await startPostgres()), 60_000);
afterAll(async () => await server.remove());

/** What pg_dump says of the database itself. */
async function settings(name: string): Promise<string[]> {
  const text = await dump(server, server.url(name), '--create', '--schema-only');
  return text
    .split('\n')
    .filter((line) => /^(ALTER|GRANT|REVOKE|COMMENT|CREATE) .*\bDATABASE\b/.test(line))
    .map((line) => line.replaceAll(/\bDATABASE (app|beside|""?)\w*/g, 'DATABASE x'))
    .sort();
}

async function restore(captured: MemoryResource, url: string, mode: RestoreMode, to = 'beside'): Promise<number> {
  const rename = (name: string): string => (name === 'app' ? to : name);
  return await restoreAll(
    connector,
    { ...contextOf(settingsOf(server, url)), mode, rename },
    new Map([['app', captured]]),
  );
}

test('owner, comment, limit, permissions and settings of a database return with it, and no value of a setting is told', async () => {
  const url = await newDatabase(server, 'app');
  await sql(
    url,
    `create role keeper; create role worker; alter database app owner to keeper; comment on database app is 'it''s "ours"';
     alter database app connection limit 17; revoke connect on database app from public; grant connect on database app to worker;
     grant create on database app to worker with grant option; alter database app set search_path = 'a b', "$user", public;
     alter database app set statement_timeout = '90s'; alter database app set app.secret = 'hunter2, "quoted"';
     alter role worker in database app set work_mem = '8MB'; alter database app set default_transaction_read_only = on`,
  );
  const captured = await captureOnce(settingsOf(server, url));
  expect(captured.failures).toEqual([]);
  expect((await captured.captured.entry('', 'database-settings.json'))?.secret).toBe(true);
  const before = await settings('app');
  expect(before.length).toBeGreaterThan(8);

  const context = { ...contextOf(settingsOf(server, url)), rename: () => 'beside' };
  const planned = await connector.live?.plan(context, captured.captured);
  expect(planned?.map(({ operation }) => operation)).toEqual(['create-database', 'set-database', 'refresh-views']);
  expect(JSON.stringify(planned)).not.toContain('hunter2');
  await restore(captured, url, 'create-missing');
  expect(await settings('beside')).toEqual(before);
  expect(await restore(captured, url, 'exact')).toBe(0);

  await sql(
    server.url(),
    `alter database beside set statement_timeout = '1h'; alter database beside reset app.secret; alter database beside set jit = off;
     grant connect on database beside to public; alter database beside owner to postgres`,
  );
  await restore(captured, url, 'create-missing');
  expect((await settings('beside')).filter((line) => line.includes('hunter2'))).toHaveLength(1);
  expect((await settings('beside')).join()).toContain("'1h'");
  await restore(captured, url, 'exact');
  expect(await settings('beside')).toEqual(before);
});
