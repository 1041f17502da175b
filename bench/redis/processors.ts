import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Who may run where while something is measured. */
export interface Circumstance {
  readonly name: string;
  /** What the measured command is started by. */
  readonly prefix: readonly string[];
  /** Processors of the server and its client, as taskset lists them. */
  readonly server: string;
}

/**
 * On a machine as small as those that measure, a command that computes keeps the server and its client waiting for a processor: that is
 * no work of the server's. So the same is measured three times: as it comes, with the command behind all others (nice), and with
 * processors of its own, as on another machine.
 */
export function circumstances(): Circumstance[] {
  const last = availableParallelism() - 1;
  const all = `0-${last}`;
  const shared = [
    { name: '', prefix: [], server: all },
    { name: ', nice 10', prefix: ['nice', '-n', '10'], server: all },
  ];
  if (last === 0 || spawnSync('taskset', ['-V']).status !== 0) return shared;
  const half = Math.ceil((last + 1) / 2);
  const own = ['taskset', '-c', `${half}-${last}`];
  return [...shared, { name: ', on processors of its own', prefix: own, server: `0-${half - 1}` }];
}

/** Lets all threads of these processes run on these processors only. */
export function keepOn(processors: string, pids: readonly number[]): void {
  for (const pid of pids) spawnSync('taskset', ['-acp', processors, String(pid)]);
}
