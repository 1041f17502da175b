import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What one command cost. */
export interface Measurement {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMiB: number;
}

// wait4 is the only exact source of a child's peak memory and CPU; Node does not offer it, Python does.
const wrapper = `
import os, sys, json, time
log = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
start = time.monotonic()
pid = os.fork()
if pid == 0:
    os.dup2(log, 1); os.dup2(log, 2)
    os.execvp(sys.argv[2], sys.argv[2:])
_, status, usage = os.wait4(pid, 0)
print(json.dumps({"seconds": time.monotonic() - start, "cpuSeconds": usage.ru_utime + usage.ru_stime,
  "peakMiB": usage.ru_maxrss / 1024, "status": os.waitstatus_to_exitcode(status)}))
`;

/** The last lines of a log, which may be gone before anybody can look. */
function endOf(log: string): string {
  return readFileSync(log, 'utf8').slice(-2000);
}

/** Thrown where a person broke off what was running: a comparison does not go on with the next one then. */
export const interrupted = new Error('interrupted');

/** Runs a command to its end; throws with the log's end when it fails. */
export function measure(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  log: string,
  accepted: readonly number[] = [0],
): Measurement {
  const run = spawnSync('python3', ['-c', wrapper, log, ...command], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 24,
  });
  if (run.signal === 'SIGINT') throw interrupted;
  if (run.status !== 0) throw new Error(`measuring ${command[0]} failed: ${run.stderr}`);
  const result = JSON.parse(run.stdout) as Measurement & { status: number };
  if (!accepted.includes(result.status))
    throw new Error(`${command.join(' ')} ended with ${result.status}: ${endOf(log)}`);
  return result;
}

/** The same without blocking this process, which may serve what the command talks to. */
export async function measureBeside(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  log: string,
  accepted: readonly number[] = [0],
): Promise<Measurement> {
  const child = spawn('python3', ['-c', wrapper, log, ...command], { env: { ...process.env, ...env } });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  await new Promise((done) => child.once('close', done));
  const result = JSON.parse(said) as Measurement & { status: number };
  if (!accepted.includes(result.status)) {
    throw new Error(`${command.join(' ')} ended with ${result.status}: ${endOf(log)}`);
  }
  return result;
}

/** Least wall time of several runs, with the CPU and memory of that run. */
export function best<Run extends Measurement>(runs: readonly Run[]): Run {
  return runs.reduce((a, b) => (b.seconds < a.seconds ? b : a));
}
