import { chmod, cp, lchown, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSmall } from '../../../test/repository/small-repository.ts';
import { sql } from '../../../test/pitr/cluster-estate.ts';
import { until } from '../../../test/pitr/receiver.ts';
import { startPostgres, type PostgresServer } from '../../../test/servers/index.ts';
import type { HoldfastEvent } from '../../kernel/events.ts';
import { systemRuntime as runtime } from '../../kernel/runtime.ts';
import type { Repository } from '../../repository/contract.ts';
import { withFaults, type FaultyStore } from '../../storage/decorators/faults.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';
import { spansOf, type Span } from '../../repository/wal/spans.ts';
import { receiveWal } from './receive.ts';

let server: PostgresServer;
let store: FaultyStore;
let repository: Repository;
let systemId: string;
let notices: string[];

beforeEach(async () => {
  server = await startPostgres({
    version: 18,
    durable: true,
    settings: { wal_level: 'replica', max_wal_senders: '10', max_replication_slots: '10' },
  });
  store = withFaults(createMemoryStore({ runtime }), { runtime });
  repository = await createSmall({ store, runtime });
  systemId = String(
    (await sql(server.url(), 'SELECT system_identifier FROM pg_control_system()'))[0]?.['system_identifier'],
  );
  notices = [];
  await sql(server.url(), 'CREATE TABLE t (id int)');
});
afterEach(async () => {
  await repository.close();
  await server.remove();
});

interface Running {
  readonly ended: Promise<unknown>;
  stop(): Promise<unknown>;
}

function receiving(url = server.url(), more: { maxRetained?: number; newSlot?: boolean; slot?: string } = {}): Running {
  const controller = new AbortController();
  const source = { name: 'app', url, slot: more.slot ?? 'holdfast', checkpoint: 'fast' as const };
  const request = { source, flushMs: 100, maxRetained: more.maxRetained, newSlot: more.newSlot === true };
  const events = (event: HoldfastEvent): void => void (event.type === 'notice' && notices.push(event.message));
  const ended = receiveWal({ repository, request, runtime, events, signal: controller.signal }).catch(
    (error: unknown) => error,
  );
  return {
    ended,
    async stop() {
      controller.abort();
      return await ended;
    },
  };
}

async function spans(timeline: number): Promise<Span[]> {
  return await spansOf(repository.wal(systemId).runs(timeline));
}

/** Waits until everything the server has written by now is stored, without a gap. */
async function stored(of = server, timeline = 1): Promise<void> {
  const [row] = await sql(of.url(), "SELECT (pg_current_wal_flush_lsn() - '0/0')::text AS lsn");
  const wanted = BigInt(String(row?.['lsn']));
  await until(
    async () => (await spans(timeline)).some(({ end }) => end >= wanted),
    () => `${wanted} is not stored; ${notices.join('; ')}`,
  );
  expect(await spans(timeline)).toHaveLength(1);
}

async function heard(words: string): Promise<void> {
  await until(
    () => notices.some((notice) => notice.includes(words)),
    () => `nobody said: ${words}; but ${notices.join('; ')}`,
  );
}

/** Position up to which the server was told that it may forget. */
async function confirmed(): Promise<bigint> {
  const [row] = await sql(server.url(), "SELECT (restart_lsn - '0/0')::text AS lsn FROM pg_replication_slots");
  return BigInt(String(row?.['lsn']));
}

describe('the store', () => {
  test.each(['storage.throttled', 'machine.disk-full'] as const)(
    'that fails with %s for a while costs time and no WAL, and the server is told nothing meanwhile',
    async (error) => {
      const receiver = receiving();
      await stored();
      store.addFault({ method: 'put', error, times: 3 });
      await sql(server.url(), 'INSERT INTO t SELECT generate_series(1, 1000)');
      await heard('trying again');
      // What was stored before may be confirmed only now; nothing beyond it.
      const told = await confirmed();
      const ends = (await spans(1)).map(({ end }) => end);
      expect(ends.some((end) => end >= told)).toBe(true);
      await stored();
      expect(await receiver.stop()).toBeUndefined();
    },
  );

  test('whose answer got lost is asked again, and the same bytes are no conflict', async () => {
    const receiver = receiving();
    await stored();
    store.addFault({ method: 'put', error: 'storage.unavailable', when: 'after' });
    await sql(server.url(), 'INSERT INTO t VALUES (1)');
    await heard('trying again');
    await stored();
    expect(await receiver.stop()).toBeUndefined();
  });

  test('that is slower than the server holds it back, and all arrives', async () => {
    const receiver = receiving();
    await stored();
    store.addFault({ method: 'put', sleepMs: 300, times: 20 });
    await sql(server.url(), 'INSERT INTO t SELECT generate_series(1, 600000)');
    await stored();
    expect(await receiver.stop()).toBeUndefined();
  });
});

describe('the server', () => {
  test('that ends and comes back is received from again, also when the store does not answer just then', async () => {
    const receiver = receiving();
    await stored();
    await server.kill();
    await heard('trying again');
    store.addFault({ method: 'list', error: 'storage.unavailable', match: ({ key }) => key.startsWith('wal/') });
    await server.start();
    await heard('scripted fault before list');
    await sql(server.url(), 'INSERT INTO t VALUES (1)');
    await stored();
    expect(await receiver.stop()).toBeUndefined();
  });

  test('that keeps more than allowed loses the slot, and says what to do; a new slot shows the gap', async () => {
    const receiver = receiving(server.url(), { maxRetained: 4 * 1024 * 1024 });
    await stored();
    store.addFault({ method: 'put', error: 'storage.unavailable', times: 1_000_000 });
    await sql(server.url(), 'INSERT INTO t SELECT generate_series(1, 200000)');
    expect(await receiver.ended).toMatchObject({
      code: 'wal.slot-lost',
      message: expect.stringContaining('the slot was dropped'),
    });
    expect(await sql(server.url(), 'SELECT * FROM pg_replication_slots')).toEqual([]);
    store.clearFaults();
    // Nobody keeps it any more: the server removes it.
    for (let i = 0; i < 3; i++)
      await sql(server.url(), 'SELECT pg_switch_wal()').then(() => sql(server.url(), 'CHECKPOINT'));
    const again = receiving();
    await heard('there is a gap');
    await until(
      async () => (await spans(1)).length === 2,
      () => 'no WAL after the gap',
    );
    expect(await again.stop()).toBeUndefined();
  });

  test('that has lost WAL of the slot is recognised', async () => {
    const receiver = receiving();
    await stored();
    await receiver.stop();
    await sql(server.url(), "ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'");
    await sql(server.url(), 'SELECT pg_reload_conf()');
    for (let i = 0; i < 4; i++) {
      await sql(server.url(), 'INSERT INTO t VALUES (1)');
      await sql(server.url(), 'SELECT pg_switch_wal()');
    }
    await sql(server.url(), 'CHECKPOINT');
    expect(await receiving().ended).toMatchObject({
      code: 'wal.slot-lost',
      hint: expect.stringContaining('--new-slot'),
    });
    const again = receiving(server.url(), { newSlot: true });
    await heard('there is a gap');
    expect(await again.stop()).toBeUndefined();
  });
});

describe('another server of the same cluster', () => {
  let folder: string;
  let copy: PostgresServer | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-copy-'));
  });
  afterEach(async () => {
    await copy?.remove();
    copy = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  /** As `cp -a` of a stopped server's disk. */
  async function copied(): Promise<string> {
    const data = join(folder, 'data');
    await chmod(folder, 0o755);
    await mkdir(data);
    await server.stop();
    await cp(server.dataFolder, data, { recursive: true, verbatimSymlinks: true });
    const { uid, gid } = await stat(server.dataFolder);
    for (const name of ['', ...(await readdir(data, { recursive: true }))]) await lchown(join(data, name), uid, gid);
    await chmod(data, 0o700);
    await rm(join(data, 'postmaster.pid'), { force: true });
    await server.start();
    return data;
  }

  test('that was promoted is followed: the rest of the old timeline, the history, the new timeline', async () => {
    const receiver = receiving();
    await stored();
    expect(await receiver.stop()).toBeUndefined();
    await sql(server.url(), 'INSERT INTO t VALUES (1)');
    const data = await copied();
    await server.stop();
    await writeFile(join(data, 'standby.signal'), '');
    copy = await startPostgres({ version: 18, dataFolder: data });
    await sql(copy.url(), 'SELECT pg_promote()');
    await sql(copy.url(), 'INSERT INTO t VALUES (2)');
    const next = receiving(copy.url());
    await stored(copy, 2);
    expect(await next.stop()).toBeUndefined();
    const wal = repository.wal(systemId);
    const text = (await wal.history(2)) ?? '';
    const [, high = '', low = ''] = /^1\t([0-9A-F]+)\/([0-9A-F]+)/.exec(text) ?? [];
    const switchAt = (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
    const [old] = await spans(1);
    const [now] = await spans(2);
    expect(old?.end).toBe(switchAt);
    expect(now?.start).toBe(switchAt - (switchAt % (16n * 1024n * 1024n)));
  });

  test('that writes other WAL on the same timeline is refused', async () => {
    const receiver = receiving();
    await stored();
    expect(await receiver.stop()).toBeUndefined();
    const data = await copied();
    await sql(server.url(), 'INSERT INTO t SELECT generate_series(1, 100)');
    const more = receiving();
    await stored();
    expect(await more.stop()).toBeUndefined();
    copy = await startPostgres({ version: 18, dataFolder: data });
    await sql(copy.url(), 'INSERT INTO t SELECT generate_series(5000, 9000)');
    expect(await receiving(copy.url()).ended).toMatchObject({ code: 'wal.diverged' });
  });
});
