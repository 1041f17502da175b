import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, startRedis, type RedisServer } from '../../../test/servers/index.ts';
import { captureAll, conformanceContext } from '../conformance.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import type { ActionOutcome } from '../contract.ts';
import { toRecord, type HoldfastError } from '../../kernel/errors.ts';
import { parseAddress } from './address.ts';
import { createConnection } from './connection.ts';
import { connector } from './index.ts';
import { options } from './options.ts';

const password = 'pl4nted-hunter2%';
let server: RedisServer;
let admin: Redis;

beforeAll(async () => {
  server = await startRedis({ requirepass: password, masterauth: password });
  admin = new Redis(server.url, { password });
  await admin.mset('app:1', 'one', 'app:2', 'two', 'secret:1', 'three');
});
afterAll(async () => {
  admin.disconnect();
  await server.stop();
});

function url(user = '', secret = password, port = server.port, scheme = 'redis'): string {
  return `${scheme}://${user}:${encodeURIComponent(secret)}@127.0.0.1:${port}`;
}

async function capture(address: string, more: Record<string, unknown> = {}): Promise<MemoryResource> {
  const { context } = conformanceContext(options.parse({ name: 'cache', url: address, ...more }), 'local', 'local');
  const captured = (await captureAll(connector, context)).get('cache');
  if (!captured) throw new Error('nothing was discovered');
  return captured;
}

async function refusal(work: Promise<unknown>): Promise<HoldfastError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown as HoldfastError,
  );
  if (error === undefined) throw new Error('it was not refused');
  const told = JSON.stringify([toRecord(error), String(error.cause), error.stack, error.requestId]);
  for (const secret of [password, encodeURIComponent(password), 'wr0ng']) expect(told).not.toContain(secret);
  return error;
}

/** Plans and applies one restore of what was captured, into the server of this address. */
async function restore(
  address: string,
  { captured }: MemoryResource,
  mode: 'create-missing' | 'revert-changed' | 'exact' = 'exact',
): Promise<ActionOutcome[]> {
  const { context } = conformanceContext(options.parse({ name: 'cache', url: address }), 'local', 'local');
  const outcomes: ActionOutcome[] = [];
  for (const action of (await connector.live?.plan({ ...context, mode }, captured)) ?? []) {
    const outcome = await connector.live?.apply({ ...context, mode }, action, captured);
    if (outcome) outcomes.push(outcome);
  }
  return outcomes;
}

describe('what is told when a server refuses', () => {
  it('a wrong password, none, and one where none is wanted', async () => {
    expect(await refusal(capture(url('', 'wr0ng')))).toMatchObject({ code: 'item.denied' });
    expect(await refusal(capture(`redis://127.0.0.1:${server.port}`))).toMatchObject({ code: 'item.denied' });
    const open = await startRedis();
    try {
      const error = await refusal(capture(url('', password, open.port)));
      expect(error).toMatchObject({ code: 'item.denied', message: expect.stringContaining('password') as string });
    } finally {
      await open.stop();
    }
  });

  it('a server that is not there', async () => {
    const free = await freePort();
    const away = await refusal(capture(url('', password, free)));
    expect(away).toMatchObject({
      code: 'item.unavailable',
      message: expect.stringContaining('ECONNREFUSED') as string,
    });
    expect(away.message).toContain(`redis://127.0.0.1:${free}`);
  });

  it('a user without DUMP costs the capture; keys it may not see cost themselves', async () => {
    await admin.call('ACL', 'SETUSER', 'nodump', 'on', `>${password}`, '~*', '+@all', '-dump');
    await admin.call('ACL', 'SETUSER', 'some', 'on', `>${password}`, '~app:*', '+@all');
    const error = await refusal(capture(url('nodump')));
    expect(error).toMatchObject({ code: 'item.denied', message: expect.stringContaining('dump') as string });
    const some = await capture(url('some'));
    expect(some.failures.map(({ code, message }) => [code, message.includes('secret:1')])).toEqual([
      ['item.denied', true],
    ]);
    expect(some.dump().filter((line) => line.startsWith('db0/app:'))).toHaveLength(2);
  });

  it('a user of the least permissions captures all keys, and says what it could not read', async () => {
    const commands = ['info', 'scan', 'dump', 'pttl', 'time', 'multi', 'exec', 'select', 'memory|usage'];
    await admin.call(
      'ACL',
      'SETUSER',
      'least',
      'on',
      `>${password}`,
      '~*',
      '-@all',
      ...commands.map((one) => `+${one}`),
    );
    const least = await capture(url('least'));
    expect(least.failures).toEqual([]);
    expect(least.dump().filter((line) => line.startsWith('db0/'))).toHaveLength(3);
    const notes = least.captured.ledger.map(({ what }) => what).filter((what) => what.includes('not captured'));
    expect(notes).toEqual([
      'the list of modules: not captured',
      'the configuration: not captured',
      'the users: not captured',
    ]);
    expect(
      await refusal(capture(url('least'), { mode: 'rdb' }).then((one) => Promise.reject(one.failures[0] as Error))),
    ).toMatchObject({
      code: 'item.denied',
      hint: expect.stringContaining('mode: keys') as string,
    });
  });

  it('no password is in what is captured, but for the users, which are secret', async () => {
    const captured = await capture(url());
    const config = JSON.stringify(await captured.captured.json('', 'config.json'));
    expect(config).toContain('maxmemory');
    expect(config).not.toContain(password);
    expect((await captured.captured.entry('', 'acl.json'))?.secret).toBe(true);
    expect(JSON.stringify([captured.captured.ref, captured.captured.ledger, captured.dump()])).not.toContain(password);
  });

  it('writes that are refused: a replica, no memory, no permission, a payload of a newer version', async () => {
    const captured = await capture(url());
    await admin.del('app:1');
    await admin.call('ACL', 'SETUSER', 'reader', 'on', `>${password}`, '~*', '+@all', '-restore');
    expect(await refusal(restore(url('reader'), captured))).toMatchObject({ code: 'item.denied' });
    await admin.call('ACL', 'SETUSER', 'blind', 'on', `>${password}`, '~*', '+@all', '-exists');
    expect(await refusal(restore(url('blind'), captured, 'create-missing'))).toMatchObject({
      code: 'item.denied',
      message: expect.stringContaining('cannot look for') as string,
    });
    await admin.config('SET', 'maxmemory', '1');
    expect(await refusal(restore(url(), captured))).toMatchObject({
      code: 'item.unavailable',
      message: expect.stringContaining('maxmemory') as string,
    });
    await admin.config('SET', 'maxmemory', '0');
    const replica = await startRedis({ masterauth: password });
    const client = new Redis(replica.url);
    await client.replicaof('127.0.0.1', server.port);
    client.disconnect();
    try {
      expect(await refusal(restore(replica.url, captured))).toMatchObject({
        code: 'item.denied',
        hint: 'Restore into its primary.',
      });
    } finally {
      await replica.stop();
    }
    const [outcome] = await restore(url(), newer(captured));
    const failure = outcome?.failures?.[0];
    expect(failure).toMatchObject({ code: 'item.invalid', resource: 'redis/cache/db0/app:1' });
    expect(failure?.hint).toContain('newer');
    expect(await restore(url(), captured)).toMatchObject([{ result: 'done', items: 1 }]);
  });
});

it('a database that is not there, as often as it is asked for: nothing is read from another one instead', async () => {
  const { context } = conformanceContext(options.parse({ name: 'cache', url: url() }), 'local', 'local');
  const { runtime, signal } = context;
  const connection = createConnection({ address: parseAddress(url()), resource: 'redis/cache', runtime, signal });
  try {
    await connection.ask('count', 'DBSIZE');
    for (let i = 0; i < 2; i++) await expect(connection.select(99)).rejects.toThrow('select database 99');
  } finally {
    connection.close();
  }
});

/** The same capture, as if a server from the future had made it. */
function newer({ captured, ...rest }: MemoryResource): MemoryResource {
  const bytes = captured.bytes;
  const forged = async (entry: Parameters<typeof bytes>[0]): Promise<Uint8Array> => {
    const row = JSON.parse(Buffer.from(await bytes(entry)).toString('utf8')) as { dump: string };
    const dump = Buffer.from(row.dump, 'base64');
    dump.writeUInt16LE(60_000, dump.length - 10);
    return Buffer.from(JSON.stringify({ ...row, dump: dump.toString('base64') }));
  };
  return { ...rest, captured: { ...captured, bytes: forged } };
}
