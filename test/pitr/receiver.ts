import { spawn } from 'node:child_process';
import { bareEnvironment, builtCli } from '../cli/run-cli.ts';
import type { ClusterEstate } from './cluster-estate.ts';

/** `holdfast wal receive app`, running. */
export interface Receiver {
  said(): string;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
  /** SIGTERM; the exit status. */
  stop(): Promise<number | null>;
  readonly ended: Promise<number | null>;
}

export async function startReceiver(estate: ClusterEstate, ...args: readonly string[]): Promise<Receiver> {
  const main = await builtCli();
  const child = spawn(process.execPath, [main, 'wal', 'receive', 'app', ...args], {
    cwd: estate.folder,
    env: { ...bareEnvironment(estate.folder), ...estate.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const receiver: Receiver = {
    said: () => said,
    ended,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    async stop() {
      child.kill('SIGTERM');
      return await ended;
    },
  };
  await until(
    () => said.includes('receiving WAL') || child.exitCode !== null,
    () => said,
  );
  return receiver;
}

/** Waits until the server was told that all its WAL is safe, what it has not written itself yet too (synchronous_commit is off). */
export async function caughtUp(estate: ClusterEstate): Promise<void> {
  const [here] = await estate.sql('SELECT pg_current_wal_insert_lsn() AS lsn');
  const lsn = String(here?.['lsn']);
  await until(
    async () => {
      const [row] = await estate.sql(
        `SELECT count(*)::int AS rows FROM pg_stat_replication WHERE application_name = 'holdfast' AND flush_lsn >= '${lsn}'`,
      );
      return row?.['rows'] === 1;
    },
    () => `the receiver does not reach ${lsn}`,
  );
}

export async function until(condition: () => boolean | Promise<boolean>, why: () => string): Promise<void> {
  const giveUpAt = Date.now() + 45_000;
  while (!(await condition())) {
    if (Date.now() > giveUpAt) throw new Error(why());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
