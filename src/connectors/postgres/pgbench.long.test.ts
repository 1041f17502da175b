import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startPostgres } from '../../../test/servers/index.ts';
import { restoreAll } from '../conformance.ts';
import { captureOnce, contextOf, newDatabase, settingsOf, sql } from './database-for-test.ts';
import { connector } from './index.ts';

/** pgbench moves money: in every consistent state the four sums are equal. */
const sums = `select (select sum(abalance) from pgbench_accounts)::text as accounts, (select sum(tbalance) from pgbench_tellers)::text as tellers,
  (select sum(bbalance) from pgbench_branches)::text as branches, (select coalesce(sum(delta), 0) from pgbench_history)::text as history`;

test('accounts agree in a copy that was captured while pgbench wrote, also where pages were taken over', async () => {
  const server = await startPostgres();
  try {
    const url = await newDatabase(server, 'bank');
    const pgbench = join(server.binFolder, 'pgbench');
    await promisify(execFile)(pgbench, ['-i', '-q', '-s', '1', url]);
    const bank = spawn(pgbench, ['-n', '-c', '2', '-T', '300', url], { stdio: 'ignore' });
    const ended = new Promise((resolve) => bank.once('close', resolve));
    const settings = settingsOf(server, url);
    try {
      const first = await captureOnce(settings);
      const second = await captureOnce(settings, first);
      for (const [name, captured] of Object.entries({ first, second })) {
        expect(captured.failures).toEqual([]);
        const context = { ...contextOf(settings), rename: (from: string): string => (from === 'app' ? name : from) };
        await restoreAll(connector, context, new Map([['app', captured]]));
        const [found] = await sql<Record<string, string>>(server.url(name), sums);
        expect(new Set(Object.values(found ?? {})).size).toBe(1);
      }
    } finally {
      bank.kill();
      await ended;
    }
    const [one] = await sql<{ n: number }>(server.url('first'), 'select count(*)::int as n from pgbench_history');
    const [two] = await sql<{ n: number }>(server.url('second'), 'select count(*)::int as n from pgbench_history');
    expect(two?.n).toBeGreaterThan(one?.n ?? 0);
  } finally {
    await server.remove();
  }
}, 120_000);
