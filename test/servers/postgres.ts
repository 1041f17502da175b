import { execFile } from 'node:child_process';
import { appendFile, chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort, startServer, type ServerProcess } from './process.ts';
import { postgresPrograms, serverUser, type PostgresVersion } from './programs.ts';

export interface PostgresSettings {
  readonly version?: PostgresVersion;
  /** Lines of postgresql.conf, besides what makes tests fast: `{ wal_level: 'logical' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Keeps what makes a crash survivable (fsync): for tests that kill the machine, not only the process. */
  readonly durable?: boolean;
  /** Starts this data folder instead of a new one: a restored copy. It is not removed by `remove`. */
  readonly dataFolder?: string;
}

export interface PostgresServer {
  readonly host: string;
  readonly port: number;
  /** Superuser `postgres`, trusted without a password. */
  url(database?: string): string;
  readonly dataFolder: string;
  /** Where its programs lie, and those that work with it: `pg_dump`. */
  readonly binFolder: string;
  readonly pid: number;
  log(): string;
  stop(): Promise<void>;
  /** Ends all its processes at once, as `kill -9` does. */
  kill(): Promise<void>;
  /** Starts it again on the same port and folder, after `stop` or `kill`. */
  start(): Promise<void>;
  /** Stops it and removes its data. */
  remove(): Promise<void>;
}

const startLimitMs = 30_000;

/** A real PostgreSQL on a free port of 127.0.0.1 with an empty cluster (UTF-8, locale C), in about two seconds. */
export async function startPostgres(settings: PostgresSettings = {}): Promise<PostgresServer> {
  const binFolder = path.join(await postgresPrograms(settings.version ?? 18), 'bin');
  const dataFolder = settings.dataFolder ?? (await newCluster(binFolder, settings));
  const port = await freePort();
  let running: ServerProcess | undefined;
  const start = async (): Promise<void> => {
    running = await startServer(path.join(binFolder, 'postgres'), [
      '-D',
      dataFolder,
      '-p',
      String(port),
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'unix_socket_directories=',
    ]);
    await untilReady(path.join(binFolder, 'pg_isready'), port, running);
  };
  try {
    await start();
  } catch (error) {
    await running?.kill();
    throw error;
  }
  return {
    host: '127.0.0.1',
    port,
    url: (database = 'postgres') => `postgres://postgres@127.0.0.1:${port}/${encodeURIComponent(database)}`,
    dataFolder,
    binFolder,
    get pid() {
      return running?.pid ?? 0;
    },
    log: () => running?.log() ?? '',
    stop: async () => await running?.stop(),
    kill: async () => await running?.kill(),
    start,
    async remove() {
      await running?.stop();
      if (settings.dataFolder === undefined) await rm(path.dirname(dataFolder), { recursive: true, force: true });
    },
  };
}

async function newCluster(binFolder: string, { settings = {}, durable = false }: PostgresSettings): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-postgres-'));
  await giveToServer(folder);
  const dataFolder = path.join(folder, 'data');
  await promisify(execFile)(
    path.join(binFolder, 'initdb'),
    ['-D', dataFolder, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'],
    { cwd: '/', ...serverUser },
  );
  const lines = {
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }),
    shared_buffers: '64MB',
    // Idle workers of autovacuum would change statistics in the middle of a test; a test that wants it sets it.
    autovacuum: 'off',
    ...settings,
  };
  const text = Object.entries(lines).map(([name, value]) => `${name} = '${value}'\n`);
  await appendFile(path.join(dataFolder, 'postgresql.conf'), text.join(''));
  return dataFolder;
}

/** Lets the user that the server runs as own a folder. */
export async function giveToServer(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  if (serverUser !== undefined) await chown(folder, serverUser.uid, serverUser.gid);
}

async function untilReady(probe: string, port: number, server: ServerProcess): Promise<void> {
  const giveUpAt = Date.now() + startLimitMs;
  for (;;) {
    try {
      await promisify(execFile)(probe, ['-h', '127.0.0.1', '-p', String(port), '-q']);
      return;
    } catch (error) {
      if (Date.now() > giveUpAt) throw new Error(`PostgreSQL did not start: ${server.log()}`, { cause: error });
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
