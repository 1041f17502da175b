import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort, startServer } from './process.ts';
import { redisPrograms, serverUser } from './programs.ts';

export interface RedisServer {
  readonly port: number;
  /** `redis://127.0.0.1:<port>` */
  readonly url: string;
  /** Where `redis-cli` lies. */
  readonly binFolder: string;
  readonly pid: number;
  log(): string;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

const startLimitMs = 20_000;

/** A real, empty Redis 6.2 on a free port of 127.0.0.1; `settings` as of redis.conf: `{ 'cluster-enabled': 'yes' }`. */
export async function startRedis(settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
  const binFolder = await redisPrograms();
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-redis-'));
  await chmod(folder, 0o700);
  if (serverUser !== undefined) await chown(folder, serverUser.uid, serverUser.gid);
  const port = settings['cluster-enabled'] === 'yes' ? await portWithBus() : await freePort();
  const lines = { bind: '127.0.0.1', port: String(port), dir: folder, save: '', appendonly: 'no', ...settings };
  const args = Object.entries(lines).flatMap(([name, value]) => [`--${name}`, value]);
  const running = await startServer(path.join(binFolder, 'redis-server'), args);
  const tidy = async (): Promise<void> => await rm(folder, { recursive: true, force: true });
  try {
    await untilItAnswers(port, running.log);
  } catch (error) {
    await running.kill();
    await tidy();
    throw error;
  }
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    binFolder,
    pid: running.pid,
    log: running.log,
    async stop() {
      await running.stop();
      await tidy();
    },
    kill: running.kill,
  };
}

/** Nodes of a cluster talk on a second port, 10,000 above the first. */
async function portWithBus(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port + 10_000 < 65_536) return port;
  }
}

async function untilItAnswers(port: number, log: () => string): Promise<void> {
  const giveUpAt = Date.now() + startLimitMs;
  while (!(await answers(port))) {
    if (Date.now() > giveUpAt) throw new Error(`Redis did not start: ${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Any answer will do: one with a password set refuses the question, which is an answer too. */
async function answers(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(1_000, () => end(false));
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', () => end(true));
    socket.once('error', () => end(false));
  });
}
