import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestEstate, source } from '../../../test/estate/memory-estate.ts';
import { startPostgres, startRedis, type PostgresServer, type RedisServer } from '../../../test/servers/index.ts';
import { barriersOf } from '../../config/barriers.ts';
import { barriersGrammar } from '../../config/barriers-grammar.ts';
import { connector as postgres } from '../../connectors/postgres/index.ts';
import { newDatabase, sql } from '../../connectors/postgres/database-for-test.ts';
import { findTable, readRows } from '../../connectors/postgres/rows.ts';
import { connector as redis } from '../../connectors/redis/index.ts';
import type { SnapshotReader } from '../../repository/contract.ts';
import { takeSnapshot } from '../snapshot.ts';

let database: PostgresServer;
let cache: RedisServer;
let url = '';

beforeAll(async () => {
  [database, cache] = await Promise.all([
    startPostgres({ version: 18 }),
    startRedis({ 'repl-diskless-sync-delay': '0' }),
  ]);
  url = await newDatabase(database, 'app');
  await sql(url, "create table steps (id int primary key, v text); insert into steps values (1, 'step-000000-')");
}, 60_000);
afterAll(async () => await Promise.all([database.remove(), cache.stop()]));

/** An application that writes each step into the cache and into the database, under a lock of its own. */
function startSteps(): { stop(): Promise<number> } {
  let isOver = false;
  const working = (async () => {
    const client = new Client({ connectionString: url });
    const keys = new Redis(cache.url);
    await client.connect();
    let step = 0;
    while (!isOver) {
      const value = `step-${String(++step).padStart(6, '0')}-`;
      await client.query('select pg_advisory_lock_shared(4711)');
      await keys.set('step', value);
      await client.query(`update steps set v = '${value}'`);
      await client.query('select pg_advisory_unlock_shared(4711)');
    }
    await client.end();
    keys.disconnect();
    return step;
  })();
  return {
    async stop() {
      isOver = true;
      return await working;
    },
  };
}

async function stepsIn(reader: SnapshotReader): Promise<(string | undefined)[]> {
  const [app, store] = await Promise.all([reader.resource('postgres/app'), reader.resource('redis/cache')]);
  const table = app && (await findTable(app, 'public', 'steps'));
  const file = await store?.entry('', 'dump.rdb');
  if (!app || !table || !store || !file) throw new Error('something was not captured');
  let inDatabase: string | undefined;
  for await (const { line } of readRows(app, table)) inDatabase = line.toString('utf8').split('\t')[1];
  const inCache = /step-\d{6}-/.exec(Buffer.from(await store.bytes(file)).toString('latin1'))?.[0];
  return [inDatabase, inCache];
}

it('a database and the RDB file of a cache show the same step within a barrier', async () => {
  const written = { both: { sources: ['app', 'cache'], postgres: { url, 'advisory-lock': 4711 } } };
  const made = await createTestEstate([postgres, redis], {
    sources: [
      source('postgres', {
        name: 'app',
        options: { name: 'app', url, connections: 1, 'pg-dump': join(database.binFolder, 'pg_dump') },
      }),
      source('redis', { name: 'cache', options: { name: 'cache', url: cache.url, mode: 'rdb' } }),
    ],
    barriers: barriersOf(barriersGrammar.parse(written), {}, []),
  });
  const settings = { selection: { selectors: [] }, tags: {}, resume: false, barrier: 'both' };
  const steps = startSteps();
  try {
    for (let round = 0; round < 3; round++) {
      const { info, manifest } = await takeSnapshot(made.again(), made.repository, settings, made.lookup);
      expect(info.outcome).toBe('complete');
      expect(manifest.moments.map(({ resource, kind, barrier }) => [resource, kind, barrier?.state])).toEqual([
        ['postgres/app', 'instant', 'whole'],
        ['redis/cache', 'instant', 'whole'],
      ]);
      const [inDatabase, inCache] = await stepsIn(await made.repository.open(info));
      expect(inDatabase).toMatch(/^step-\d{6}-$/);
      expect(inCache).toBe(inDatabase);
    }
  } finally {
    expect(await steps.stop()).toBeGreaterThan(10);
  }
}, 60_000);
