import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import type { RedisServer } from '../../../test/servers/index.ts';

/** What `redis-cli --pipe` says to a file of commands. Throws when it says that it failed. */
export async function pipe({ binFolder, port }: RedisServer, commands: Uint8Array, password?: string): Promise<string> {
  const credentials = password === undefined ? [] : ['-a', password, '--no-auth-warning'];
  const child = spawn(join(binFolder, 'redis-cli'), ['-p', String(port), ...credentials, '--pipe']);
  let said = '';
  child.stdout.on('data', (text: Buffer) => (said += text.toString('utf8')));
  child.stderr.on('data', (text: Buffer) => (said += text.toString('utf8')));
  child.stdin.end(commands);
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0) throw new Error(`redis-cli ended with status ${status}: ${said}`);
  return said;
}

/** Every key of databases 0 and 2: its value as the server digests it, and the second in which it ends. */
export async function stateOf(client: Redis): Promise<ReadonlyMap<string, string>> {
  const state = new Map<string, string>();
  for (const database of [0, 2]) {
    await client.select(database);
    const keys = (await client.keysBuffer('*')).sort((a, b) => Buffer.compare(a, b));
    for (const key of keys) {
      const [digest] = (await client.call('DEBUG', 'DIGEST-VALUE', key)) as string[];
      const [[, time], [, left]] = (await client.multi().time().pttl(key).exec()) as [
        [null, [string, string]],
        [null, number],
      ];
      const now = Number(time[0]) * 1000 + Number(time[1]) / 1000;
      const ends = left < 0 ? 'never' : String(Math.round((now + left) / 1000));
      state.set(`${database} ${key.toString('latin1')}`, `${digest} ${ends}`);
    }
  }
  await client.select(2);
  return state;
}
