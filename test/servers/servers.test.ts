import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { describe, expect, test } from 'vitest';
import { startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';
import path from 'node:path';

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe('the servers tests run against', () => {
  test.each([16, 18] as const)('PostgreSQL %i answers, survives kill -9, and has its own programs', async (version) => {
    const server = await startPostgres({ version, durable: true });
    try {
      await query(server.url(), 'create table kept (id int primary key)');
      await query(server.url(), 'insert into kept select generate_series(1, 1000)');
      await server.kill();
      await expect(query(server.url(), 'select 1')).rejects.toThrow(/ECONNREFUSED|terminated/);
      await server.start();
      expect(await query(server.url(), 'select count(*)::int as rows from kept')).toEqual([{ rows: 1000 }]);
      const { stdout } = await promisify(execFile)(path.join(server.binFolder, 'pg_dump'), ['--version']);
      expect(stdout).toContain(` ${version}.`);
    } finally {
      await server.remove();
    }
  });

  test('Redis answers and keeps nothing', async () => {
    const server = await startRedis();
    const client = new Redis(server.url);
    try {
      expect(await client.set('a', '1')).toBe('OK');
      expect(await client.dbsize()).toBe(1);
    } finally {
      client.disconnect();
      await server.stop();
    }
  });
});
