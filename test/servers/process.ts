import { spawn, type ChildProcess } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { serverUser } from './programs.ts';

/** A server's process, which ends with the process that started it, however that ends. */
export interface ServerProcess {
  readonly pid: number;
  /** The last of what it said. */
  log(): string;
  /** Ends it in order (SIGINT, then SIGKILL after ten seconds) and waits for that; safe to call twice. */
  stop(): Promise<void>;
  /** SIGKILL to it and all its children at once: a power failure of the process. */
  kill(): Promise<void>;
}

/**
 * The shell in between waits for the end of its standard input, which also comes when the one who started it is
 * killed: a server that were started directly would live on.
 */
const supervisor =
  '"$0" "$@" </dev/null & server=$!; echo "server $server"; read -r _; kill -INT $server; wait $server';

export async function startServer(program: string, args: readonly string[]): Promise<ServerProcess> {
  const child = spawn('/bin/sh', ['-c', supervisor, program, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    cwd: '/',
    env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', TZ: 'UTC' },
    ...serverUser,
  });
  let log = '';
  const add = (text: string): void => void (log = (log + text).slice(-64 * 1024));
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', add);
  child.stdin.on('error', (error) => add(`${error.message}\n`));
  const gone = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', (error) => {
      add(`${error.message}\n`);
      resolve();
    });
  });
  child.unref();
  for (const stream of child.stdio) (stream as { unref?(): void } | null)?.unref?.();
  const pid = await serverPid(child, () => log);
  return {
    pid,
    log: () => log,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.ref();
      child.stdin.end();
      const timer = setTimeout(() => void killWithChildren(pid).catch((error: unknown) => add(String(error))), 10_000);
      await gone;
      clearTimeout(timer);
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.ref();
      await killWithChildren(pid);
      // The shell is left alive until now to take note of its end: a process nobody waits for still looks alive.
      child.stdin.end();
      await gone;
    },
  };
}

async function serverPid(child: ChildProcess, log: () => string): Promise<number> {
  const giveUpAt = Date.now() + 10_000;
  for (;;) {
    const pid = /^server (\d+)$/m.exec(log())?.[1];
    if (pid !== undefined) return Number(pid);
    if (child.exitCode !== null || Date.now() > giveUpAt) throw new Error(`it did not start: ${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** PostgreSQL's children are in sessions of their own: a signal to the group would miss them. */
async function killWithChildren(pid: number): Promise<void> {
  const children: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // `pid (name) state parent …`
      const parent = Number((await readFile(`/proc/${name}/stat`, 'utf8')).replace(/^.*\) \S /s, '').split(' ')[0]);
      if (parent === pid) children.push(Number(name));
    } catch (error) {
      // It ended in the meantime.
      if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  for (const each of [pid, ...children]) {
    try {
      process.kill(each, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', resolve);
  });
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
