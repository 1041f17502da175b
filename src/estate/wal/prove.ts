import { appendFile, chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Clock } from '../../kernel/runtime.ts';
import { checkRelations, requireAmcheck } from './amcheck.ts';
import { execute, exists, runProgram, type ClusterPrograms } from './programs.ts';

export interface ProofRequest extends ClusterPrograms {
  /** Who asks pg_amcheck; it is left out without. */
  readonly user?: string;
  /** Whether the target is a time: then it may lie after the last transaction there is. */
  readonly isTime: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface ClusterProof {
  /** Which programs were there and found nothing wrong. */
  readonly checked: readonly string[];
  /** Milliseconds from the start of the server until it took over. */
  readonly recoveryMs: number;
}

const pauseMs = 100;
const startLimitMs = 10_000;
const tooEarly = 'recovery ended before configured recovery target was reached';

/**
 * Checks the files against the server's manifest, starts a server on the folder, reachable through a socket of its own only, waits until
 * recovery is over, checks tables and indexes, and stops it. Throws verify.damage with what the server said, machine.missing-tool,
 * usage.invalid for a user who may not check.
 */
export async function proveCluster(request: ProofRequest): Promise<ClusterProof> {
  const { dataFolder, owner, clock, user } = request;
  const checked: string[] = [];
  if (user !== undefined) await requireAmcheck(request);
  if (await exists(join(request.programs, 'pg_verifybackup'))) {
    await runProgram(request, 'pg_verifybackup', ['--no-parse-wal', dataFolder]);
    checked.push('pg_verifybackup');
  }
  const folder = await mkdtemp(join(tmpdir(), 'hf-'));
  try {
    if (owner) await chown(folder, owner.uid, owner.gid);
    const begun = clock.now();
    try {
      await start(request, folder);
    } catch (error) {
      // Nothing was committed after the time asked for: all there is, is how it was then.
      if (!request.isTime || !(await logOf(folder)).includes(tooEarly)) throw error;
      await appendFile(join(dataFolder, 'postgresql.auto.conf'), "recovery_target_time = ''\n");
      await start(request, folder);
    }
    const recoveryMs = clock.now() - begun;
    try {
      if (user !== undefined) {
        await checkRelations(request, { host: folder, port, user });
        checked.push('pg_amcheck');
      }
    } finally {
      await runProgram(request, 'pg_ctl', ['-D', dataFolder, '-m', 'fast', '-w', 'stop']);
    }
    return { checked, recoveryMs };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

// Of the socket's name alone: nothing listens on the network.
const port = '5432';

async function start(request: ProofRequest, folder: string): Promise<void> {
  const { dataFolder, clock, signal } = request;
  const settings = `-c listen_addresses= -c port=${port} -c unix_socket_directories=${folder} -c logging_collector=off`;
  const log = join(folder, 'log');
  try {
    await runProgram(request, 'pg_ctl', ['-D', dataFolder, '-l', log, '-o', settings, '-W', 'start']);
    const begun = clock.now();
    for (let seen = false; ;) {
      signal.throwIfAborted();
      const running = await isRunning(request);
      // It takes a moment until it says that it runs.
      if (!running && (seen || clock.now() - begun > startLimitMs)) throw new Error('the server ended');
      seen ||= running;
      // The signal file goes first; until then the state is the one that the backup brought.
      if (running && !(await exists(join(dataFolder, 'recovery.signal')))) {
        const { stdout } = await runProgram(request, 'pg_controldata', ['-D', dataFolder]);
        if (/cluster state: +in production/.test(stdout)) return;
      }
      await clock.sleep(pauseMs, signal);
    }
  } catch (error) {
    if (await isRunning(request))
      await runProgram(request, 'pg_ctl', ['-D', dataFolder, '-m', 'immediate', '-w', 'stop']);
    if (error instanceof HoldfastError) throw error;
    signal.throwIfAborted();
    const said = (await logOf(folder)).split('\n').filter((line) => /FATAL|PANIC|ERROR|invalid value/.test(line));
    const why = said.slice(-3).join('; ') || String(error);
    throw new HoldfastError('verify.damage', `the restored server did not recover: ${why}`, {
      resource: dataFolder,
      cause: error,
    });
  }
}

async function isRunning(request: ProofRequest): Promise<boolean> {
  try {
    await execute(request, 'pg_ctl', ['-D', request.dataFolder, 'status']);
    return true;
  } catch {
    // Status 3: no server. Anything else shows when it is asked for something.
    return false;
  }
}

async function logOf(folder: string): Promise<string> {
  try {
    return await readFile(join(folder, 'log'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
