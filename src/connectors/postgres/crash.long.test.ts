import { describe, expect, test } from 'vitest';
import { startPostgres } from '../../../test/servers/index.ts';
import { capture } from './capture.ts';
import { captureOnce, contextOf, newDatabase, settingsOf, sql } from './database-for-test.ts';
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
