import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { emulatorEnvironment, projectRoot } from './install.ts';

export interface Emulator {
  /** `http://127.0.0.1:<port>`, without a path. */
  readonly endpoint: string;
  readonly pid: number;
  /** Ends the process and all it started; safe to call twice. */
  stop(): Promise<void>;
}

export interface EmulatorProcess extends Emulator {
  /** Lets it live on after this process ends, until it gets a SIGTERM. */
  keep(): void;
}

const startLimitMs = 60_000;
const logLimit = 64 * 1024;
const launcher = path.join(projectRoot, 'test', 'emulators', 'launch.py');

/** moto: every service we use but Lambda code. Empty state, a free port on 127.0.0.1, in about two seconds. */
export async function startMoto(): Promise<EmulatorProcess> {
  return await start('moto', '/moto-api/data.json');
}

/** MiniStack: Lambda with real code download. Empty state, a free port on 127.0.0.1. */
export async function startMinistack(): Promise<EmulatorProcess> {
  return await start('ministack', '/_ministack/health');
}

async function start(name: string, healthPath: string): Promise<EmulatorProcess> {
  const environment = await emulatorEnvironment();
  const child = spawn(path.join(environment, 'bin', 'python'), [launcher, name], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const log = tailOf(child);
  const gone = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  try {
    const endpoint = `http://127.0.0.1:${await portOf(child)}`;
    await answers(child, `${endpoint}${healthPath}`);
    letParentExit(child);
    return {
      endpoint,
      pid: child.pid ?? 0,
      stop: () => stop(child, gone),
      keep: () => void child.stdin?.write('keep\n'),
    };
  } catch (error) {
    await stop(child, gone);
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${name} did not start: ${reason}. It said:\n${log()}`, { cause: error });
  }
}

/** The child's last output, for the message when it does not start. */
function tailOf(child: ChildProcess): () => string {
  let tail = '';
  const add = (text: string): void => void (tail = (tail + text).slice(-logLimit));
  child.stdout?.setEncoding('utf8').on('data', add);
  child.stderr?.setEncoding('utf8').on('data', add);
  // It may be gone while it is told to go.
  child.stdin?.on('error', (error) => add(`${error.message}\n`));
  child.once('error', (error) => add(`${error.message}\n`));
  return () => tail;
}

async function portOf(child: ChildProcess): Promise<number> {
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no port within ${startLimitMs / 1000} s`)), startLimitMs);
    let printed = '';
    child.stdout?.on('data', (text: string) => {
      printed += text;
      const port = /^port (\d+)\n/m.exec(printed)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(Number(port));
    });
    child.once('close', (status, signal) => {
      clearTimeout(timer);
      reject(new Error(`it ended with ${status ?? signal}`));
    });
    child.once('error', reject);
  });
}

async function answers(child: ChildProcess, url: string): Promise<void> {
  const giveUpAt = Date.now() + startLimitMs;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('it ended while starting');
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
      await answer.arrayBuffer();
      if (answer.ok) return;
    } catch (error) {
      if (Date.now() > giveUpAt) throw new Error(`no answer within ${startLimitMs / 1000} s`, { cause: error });
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A forgotten emulator must not keep its parent from exiting: it ends when the pipe to it closes. */
function letParentExit(child: ChildProcess): void {
  child.unref();
  for (const stream of child.stdio) (stream as { unref?(): void } | null)?.unref?.();
}

async function stop(child: ChildProcess, gone: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  child.ref();
  child.stdin?.end();
  const timer = setTimeout(() => killGroup(child.pid), 3_000);
  await gone;
  clearTimeout(timer);
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // It ended in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
