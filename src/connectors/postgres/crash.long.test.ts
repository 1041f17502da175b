import { describe, expect, test } from 'vitest';
import { startPostgres } from '../../../test/servers/index.ts';
import { capture } from './capture.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import { restoreAll } from '../conformance.ts';
import { captureOnce, contextOf, dump, lines, newDatabase, settingsOf, sql } from './database-for-test.ts';
import { everything, roles } from './everything-for-test.ts';
import { connector } from './index.ts';
import { findTable, readRows } from './rows.ts';

describe('a capture', () => {
  test('ends with an item error when the server dies under it, and the next one is whole', async () => {
    const own = await startPostgres({ durable: true });
    try {
      const url = await newDatabase(own, 'dies');
      await sql(
        url,
        `create table t (id int primary key, v text); insert into t select i, repeat('x', 500) from generate_series(1, 20000) i`,
      );
      const settings = settingsOf(own, url);
      const failures: string[] = [];
      const loads: Promise<unknown>[] = [];
      let killed = false;
      const collection = {
        async add(entry: { load?: () => Promise<{ content?: unknown }> }) {
          const { load } = entry;
          if (!load) return;
          if (!killed) await own.kill();
          killed = true;
          const loaded = await load();
          loads.push(
            (async () => {
              for await (const _ of loaded.content as AsyncIterable<Uint8Array>);
            })().catch((error: { code: string }) => failures.push(error.code)),
          );
        },
        idle: async () => void (await Promise.all(loads)),
      };
      const root = { add: async () => undefined, idle: async () => undefined };
      const resource = { ref: { type: 'postgres', name: 'app', id: 'x', region: 'local', account: 'local' }, tags: {} };
      await capture(contextOf(settings), resource, {
        root,
        collection: () => collection,
        fail: (error) => failures.push(error.code),
        note: () => undefined,
      });
      expect(failures.length).toBeGreaterThan(0);
      for (const code of failures) expect(['item.unavailable', 'item.unreadable']).toContain(code);
      await own.start();
      const next = await captureOnce(settings);
      expect(next.failures).toEqual([]);
      const table = await findTable(next.captured, 'public', 't');
      let rows = 0;
      if (table) for await (const _ of readRows(next.captured, table)) rows++;
      expect(rows).toBe(20_000);
    } finally {
      await own.remove();
    }
  }, 60_000);
});

describe('a restore', () => {
  const seed = `create table t (id int primary key, v text); insert into t select i, repeat('x', 500) from generate_series(1, 20000) i;
    create table w (word text primary key, n serial); insert into w (word) select md5(i::text) from generate_series(1, 9000) i;
    create index on t (v); create table child (id int primary key, t int references t); insert into child select i, i from generate_series(1, 500) i;
    create materialized view sums as select count(*) from t; select lo_from_bytea(4711, 'abc')`;
  const rename = (name: string): string => (name === 'app' ? 'restored' : name);

  /** The resource, with something that happens at the n-th time a content is read. */
  function interrupted(captured: CapturedResource, at: number, event: () => Promise<void>): CapturedResource {
    let reads = 0;
    return {
      ...captured,
      async *read(entry) {
        if (++reads === at) await event();
        yield* captured.read(entry);
      },
      async bytes(entry) {
        if (++reads === at) await event();
        return await captured.bytes(entry);
      },
    };
  }

  test.each([
    ['the server is killed', 9],
    ['the server is killed', 30],
    ['Holdfast is interrupted', 2],
  ])(
    'comes to its end when %s at page %i',
    async (what, at) => {
      const own = await startPostgres({ durable: true });
      try {
        const url = await newDatabase(own, 'origin');
        await sql(url, seed);
        const settings = settingsOf(own, url);
        const captured = await captureOnce(settings);
        const before = lines(await dump(own, url));
        const ending = new AbortController();
        let killed: Promise<void> | undefined;
        const broken = interrupted(captured.captured, at, async () => {
          if (what === 'the server is killed') await (killed = own.kill());
          else ending.abort(new HoldfastError('run.interrupted', 'interrupted'));
        });
        const context = { ...contextOf(settings), rename, signal: ending.signal };
        await expect(
          restoreAll(connector, context, new Map([['app', { ...captured, captured: broken }]])),
        ).rejects.toThrow(HoldfastError);
        // The restore ends as soon as a connection does, which may be before all of the server's processes have.
        await killed;
        if (what === 'the server is killed') await own.start();
        const again = { ...contextOf(settings), rename };
        expect(await restoreAll(connector, again, new Map([['app', captured]]))).toBeGreaterThan(0);
        expect(lines(await dump(own, own.url('restored')))).toEqual(before);
        // A crash makes sequences skip values: of the server it is, not of the restore.
        const rows = (text: string): string[] => lines(text).filter((line) => !line.includes('setval'));
        expect(rows(await dump(own, url))).toEqual(rows(before.join('\n')));
        expect(await restoreAll(connector, again, new Map([['app', captured]]))).toBe(0);
      } finally {
        await own.remove();
      }
    },
    120_000,
  );

  test('of PostgreSQL 16 into PostgreSQL 18, and nothing differs afterwards', async () => {
    const [old, now] = [await startPostgres({ version: 16 }), await startPostgres({ version: 18 })];
    try {
      for (const server of [old, now]) await sql(server.url(), roles);
      const url = await newDatabase(old, 'app');
      await sql(url, everything);
      const captured = await captureOnce(settingsOf(old, url));
      const there = settingsOf(now, now.url('app'));
      expect(await restoreAll(connector, contextOf(there), new Map([['app', captured]]))).toBeGreaterThan(0);
      const rows = (text: string): string[] => lines(text).filter((line) => line.includes('\t'));
      expect(rows(await dump(now, now.url('app')))).toEqual(rows(await dump(old, url)));
      expect(await restoreAll(connector, contextOf(there), new Map([['app', captured]]))).toBe(0);
    } finally {
      await Promise.all([old.remove(), now.remove()]);
    }
  }, 120_000);
});
