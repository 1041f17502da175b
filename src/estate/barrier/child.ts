import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Environment } from '../../config/references.ts';
import type { Clock } from '../../kernel/runtime.ts';

/** A program with a session of its own: what a terminal sends to this process (Ctrl-C) does not reach it. */
export interface Child {
  /** The next line of its output; undefined once it has ended. */
  line(): Promise<string | undefined>;
  /** Resolves with its status (null: ended by a signal) once it has ended, with an Error where it could not be started. */
  readonly ended: Promise<number | null | Error>;
  /** The end of what it said on stderr, in one line. */
  said(): string;
  /** Closes its standard input, which the end of this process does as well. */
  closeInput(): void;
  kill(signal: NodeJS.Signals): void;
}

const mostSaid = 2000;
const mostLines = 10_000;
/** What it started may keep its output open after its end: so long that is waited for, ms. */
const lastWordsMs = 200;

export interface ChildSettings {
  readonly clock: Clock;
  readonly env: Environment;
  readonly folder: string;
}

export function startChild([program = '', ...args]: readonly string[], { env, folder, clock }: ChildSettings): Child {
  const child: ChildProcessByStdio<Writable, Readable, Readable> = spawn(program, args, {
    cwd: folder,
    env: { ...env },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const waiting: ((line: string | undefined) => void)[] = [];
  const lines: string[] = [];
  let isOver = false;
  let isSilent = false;
  let said = '';
  child.stdin.on('error', () => undefined);
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-mostSaid)));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const next = waiting.shift();
    if (next) next(line);
    else if (lines.length < mostLines) lines.push(line);
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const ended = new Promise<number | null | Error>((resolve) => {
    child.once('error', (error) => resolve(error));
    child.once('exit', (status) => resolve(status));
  }).then(async (status) => {
    isOver = true;
    await Promise.race([closed, clock.sleep(lastWordsMs, undefined, { background: true })]);
    isSilent = true;
    for (const next of waiting.splice(0)) next(undefined);
    return status;
  });
  return {
    ended,
    async line() {
      const line = lines.shift();
      if (line !== undefined || isSilent) return line;
      return await new Promise((resolve) => waiting.push(resolve));
    },
    said: () =>
      said
        .trim()
        .replaceAll(/\s*\n\s*/g, '; ')
        .slice(-300),
    closeInput: () => void child.stdin.end(),
    kill(signal) {
      if (isOver || child.pid === undefined) return;
      try {
        // Of its session: what it started ends too.
        process.kill(-child.pid, signal);
      } catch {
        // It has ended meanwhile.
      }
    },
  };
}
