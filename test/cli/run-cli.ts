import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { access, copyFile, mkdir, mkdtemp, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../emulators/index.ts';

export interface CliResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliSettings {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Called with the running process: to send signals, or to close a stream. */
  readonly during?: (child: ChildProcess) => void;
  /** stdout goes to this file instead: `/dev/full` is a full disk. */
  readonly stdoutFile?: string;
  /** No file may become larger than so many bytes: what a full disk says, without filling one. */
  readonly largestFile?: number;
}

/**
 * The command line as people get it: compiled, in a process of its own. Compiled once for one state of the sources; any
 * number of test processes may ask at the same time.
 */
export function builtCli(): Promise<string> {
  built ??= build();
  return built;
}

let built: Promise<string> | undefined;

async function build(): Promise<string> {
  const cache = join(projectRoot, 'node_modules', '.cache', 'holdfast');
  const folder = join(cache, `cli-${await stateOfSources()}`);
  const main = join(folder, 'dist', 'cli', 'main.js');
  if (await exists(main)) return main;
  await mkdir(cache, { recursive: true });
  const draft = join(cache, `draft-${randomBytes(6).toString('hex')}`);
  await compile(join(draft, 'dist'));
  await copyFile(join(projectRoot, 'package.json'), join(draft, 'package.json'));
  try {
    await rename(draft, folder);
  } catch (error) {
    // Another process was faster; its result is the same.
    await rm(draft, { recursive: true, force: true });
    if (!(await exists(main))) throw error;
  }
  await removeOld(cache);
  return main;
}

/** Builds of earlier states of the sources; another test process may still be using a recent one. */
async function removeOld(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    // Another process tidies up, or finishes its draft, at the same time.
    const found = await stat(join(cache, name)).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > 3_600_000) await rm(join(cache, name), { recursive: true, force: true });
  }
}

async function compile(outDir: string): Promise<void> {
  await promisify(execFile)(process.execPath, [join(projectRoot, 'scripts', 'bundle.mjs'), outDir]);
}

async function stateOfSources(): Promise<string> {
  const hash = createHash('sha256');
  const sources = await readdir(join(projectRoot, 'src'), { recursive: true });
  const names = sources.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts')).sort();
  for (const name of ['package-lock.json', 'scripts/bundle.mjs', ...names.map((name) => join('src', name))]) {
    const { size, mtimeMs } = await stat(join(projectRoot, name));
    hash.update(`${name} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

/** A folder for one test, with a home of its own in it. */
export async function workFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'holdfast-cli-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** An environment in which nothing of the machine shows: no credentials, no configuration, no colours. */
export function bareEnvironment(cwd: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: cwd,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: join(cwd, 'no-aws-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(cwd, 'no-aws-credentials'),
  };
}

/** Runs `holdfast` to its end; never throws for a status. */
export async function holdfast(args: readonly string[], settings: CliSettings): Promise<CliResult> {
  const main = await builtCli();
  const file = settings.stdoutFile === undefined ? undefined : await open(settings.stdoutFile, 'w');
  try {
    return await new Promise((done, fail) => {
      const [command, ...rest] = limited(settings.largestFile, [process.execPath, main, ...args]);
      const child = spawn(command, rest, {
        cwd: settings.cwd,
        env: { ...bareEnvironment(settings.cwd), ...settings.env },
        stdio: ['ignore', file?.fd ?? 'pipe', 'pipe'],
      });
      const parts = { stdout: '', stderr: '' };
      child.stdout?.setEncoding('utf8').on('data', (text: string) => (parts.stdout += text));
      child.stderr?.setEncoding('utf8').on('data', (text: string) => (parts.stderr += text));
      child.on('error', fail);
      child.on('close', (status) => done({ status, ...parts }));
      settings.during?.(child);
    });
  } finally {
    await file?.close();
  }
}

function limited(largestFile: number | undefined, command: readonly string[]): [string, ...string[]] {
  if (largestFile === undefined) return [command[0] ?? '', ...command.slice(1)];
  // In blocks of 512 bytes (POSIX, ulimit -f).
  return ['sh', '-c', `ulimit -f ${Math.floor(largestFile / 512)}; exec "$0" "$@"`, ...command];
}
