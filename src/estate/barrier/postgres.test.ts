import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres, type PostgresServer } from '../../../test/servers/index.ts';
import { barriersOf } from '../../config/barriers.ts';
import { barriersGrammar } from '../../config/barriers-grammar.ts';
import { newDatabase, sql } from '../../connectors/postgres/database-for-test.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { systemRuntime } from '../../kernel/runtime.ts';
import type { Holder } from './contract.ts';
import { openHolder } from './holder.ts';

let server: PostgresServer;
let left = '';
let right = '';
const locks = { 'lock-tables': ['public.t'], statements: ["update public.flags set v = 'held'"], 'advisory-lock': 7 };

beforeAll(async () => {
  server = await startPostgres({ version: 18 });
  left = await newDatabase(server, 'left');
  right = await newDatabase(server, 'right');
  for (const url of [left, right])
    await sql(
      url,
      "create table t (id int primary key); create table flags (v text); insert into flags values ('free')",
    );
}, 60_000);
afterAll(async () => await server.remove());

async function holderOf(postgres: unknown, more: object = {}): Promise<Holder> {
  const written = barriersGrammar.parse({ one: { sources: ['a'], postgres, ...more } });
  const { one } = barriersOf(written, {}, ['hunter2']);
  if (!one) throw new Error('no barrier');
  return await openHolder(one, { runtime: systemRuntime, folder: '/' });
}

/** Whether a writer of the table gets through at once. */
async function canWrite(url: string): Promise<boolean> {
  return await sql(url, "set lock_timeout = '200ms'; begin; insert into t values (2); rollback").then(
    () => true,
    () => false,
  );
}

async function transactions(): Promise<number> {
  const open = await sql(server.url(), "select 1 from pg_stat_activity where state like 'idle in transaction%'");
  return open.length;
}

const free = (): AbortSignal => new AbortController().signal;

describe('transactions that take locks', () => {
  it('keep writers out of each database until they are rolled back, and leave nothing behind', async () => {
    const holder = await holderOf([left, right].map((url) => ({ url, ...locks })));
    expect(await holder.check(free())).toContain('nothing was locked');
    expect(await canWrite(left)).toBe(true);
    const held = await holder.hold(free());
    expect([await canWrite(left), await canWrite(right)]).toEqual([false, false]);
    // What is captured meanwhile can be read.
    expect(await sql(left, 'select * from t')).toEqual([]);
    expect(await sql(left, 'select pg_try_advisory_lock_shared(7) as got')).toEqual([{ got: false }]);
    await held.release();
    expect([await canWrite(left), await canWrite(right)]).toEqual([true, true]);
    expect(await sql(left, 'select v from flags')).toEqual([{ v: 'free' }]);
    expect(await transactions()).toBe(0);
  });

  it('let go of all where one cannot be had: in time, denied, not there', async () => {
    const writer = new Client({ connectionString: right });
    await writer.connect();
    await writer.query('begin; insert into t values (1)');
    const both = [left, right].map((url) => ({ url, 'lock-tables': ['public.t'] }));
    const late = await holderOf(both, { timeout: '300ms' });
    await expect(late.hold(free())).rejects.toMatchObject({
      code: 'barrier.failed',
      message: expect.stringMatching(/\/right: canceling statement due to (lock|statement) timeout$/) as string,
    });
    expect(await canWrite(left)).toBe(true);
    // An abort while it waits for the lock: the server is told, and nobody queues behind it.
    const abort = new AbortController();
    const waiting = (await holderOf(both)).hold(abort.signal);
    await expect
      .poll(async () => await sql(server.url(), "select 1 from pg_locks where mode = 'ShareLock' and not granted"))
      .toHaveLength(1);
    abort.abort(new HoldfastError('run.interrupted', 'stop'));
    await expect(waiting).rejects.toMatchObject({ code: 'run.interrupted' });
    await expect.poll(async () => await canWrite(right)).toBe(true);
    await writer.end();
    await sql(left, 'drop role if exists reader; create role reader login; grant usage on schema public to reader');
    const denied = await holderOf({ url: left.replace('postgres@', 'reader@'), 'lock-tables': ['public.t'] });
    await expect(denied.check(free())).rejects.toThrow('the role may not lock public.t');
    await expect(denied.hold(free())).rejects.toThrow('permission denied');
    const missing = await holderOf({ url: left, 'lock-tables': ['public.nowhere'] });
    await expect(missing.check(free())).rejects.toThrow('there is no table public.nowhere');
    const down = await holderOf({ url: 'postgres://u:hunter2@127.0.0.1:9/app', statements: ['select 1'] });
    for (const ask of [down.check, down.hold]) {
      const problem = await ask(free()).catch((error: unknown) => error as HoldfastError);
      expect(problem).toMatchObject({ code: 'barrier.failed' });
      expect((problem as HoldfastError).message).not.toContain('hunter2');
    }
    expect(await transactions()).toBe(0);
  });

  it('that the server ends are lost, told at once and when they are to be released', async () => {
    const holder = await holderOf({ url: left, ...locks });
    const held = await holder.hold(free());
    await sql(
      server.url(),
      "select pg_terminate_backend(pid) from pg_stat_activity where state like 'idle in transaction%'",
    );
    expect(await held.lost).toMatchObject({ code: 'barrier.lost' });
    await expect(held.release()).rejects.toMatchObject({ code: 'barrier.lost' });
  });
});
