import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { endpointVariables } from '../test/emulators/endpoints.ts';
import { machineLine, row } from './command.ts';
import { measureBeside } from './measure.ts';
import type { ClientResult } from './s3/client.ts';

/**
 * Small objects over S3, 4 KiB each on 64 connections, against a server of ours that accepts everything; beside the AWS SDK
 * and, where it is on the PATH, rclone. `npm run bench:s3 [-- seconds]`. Requests per second depend on what else runs on
 * the machine; CPU per object hardly does.
 */
const seconds = Number(process.argv[2] ?? 5);
const goal = { requestsPerSecond: 25_000, timesLessCpu: 8 };
const rcloneObjects = 10_000;
const work = mkdtempSync(join(tmpdir(), 'holdfast-s3-'));

interface Server {
  readonly endpoint: string;
  readonly child: ChildProcess;
}

async function startServer(...args: string[]): Promise<Server> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 's3/server.js'), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [port] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  return { endpoint: `http://127.0.0.1:${port.trim()}`, child };
}

/** What a client process of ours prints. */
async function client(script: string, args: readonly string[], endpoint: string): Promise<ClientResult> {
  const env = { ...process.env, ...endpointVariables({ all: endpoint }) };
  const child = spawn(process.execPath, [join(import.meta.dirname, 's3', script), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  await once(child, 'close');
  if (said === '') throw new Error(`${script} ${args.join(' ')} printed nothing`);
  return JSON.parse(said) as ClientResult;
}

function perObject(result: Pick<ClientResult, 'cpuMicros' | 'requests'>): number {
  return result.cpuMicros / result.requests;
}

/** rclone copies a folder of small files; what starting it costs is measured with an empty one and taken off. */
async function rclone(endpoint: string): Promise<{ readonly perSecond: number; readonly cpuMicros: number }> {
  const folders = [join(work, 'many'), join(work, 'none')] as const;
  for (const folder of folders) mkdirSync(folder);
  for (let i = 0; i < rcloneObjects; i++) writeFileSync(join(folders[0], `f${i}`), Buffer.alloc(4096, i));
  const env = {
    // Settings of the machine that rclone would take up.
    AWS_CA_BUNDLE: '',
    NO_PROXY: '127.0.0.1',
    RCLONE_CONFIG: '/dev/null',
    RCLONE_CONFIG_X_TYPE: 's3',
    RCLONE_CONFIG_X_PROVIDER: 'Other',
    RCLONE_CONFIG_X_ACCESS_KEY_ID: 'test',
    RCLONE_CONFIG_X_SECRET_ACCESS_KEY: 'test',
    RCLONE_CONFIG_X_ENDPOINT: endpoint,
    RCLONE_CONFIG_X_FORCE_PATH_STYLE: 'true',
    RCLONE_CONFIG_X_NO_HEAD: 'true',
    RCLONE_CONFIG_X_NO_CHECK_BUCKET: 'true',
  };
  const copy = (folder: string) =>
    measureBeside(
      // The bare sockets of the server forget contents, so their ETags cannot be compared.
      [
        'rclone',
        'copy',
        folder,
        'x:bench',
        '--transfers',
        '64',
        '--checkers',
        '64',
        '--ignore-checksum',
        '--retries',
        '1',
      ],
      env,
      join(work, 'log'),
    );
  const [many, none] = [await copy(folders[0]), await copy(folders[1])];
  return {
    perSecond: rcloneObjects / (many.seconds - none.seconds),
    cpuMicros: ((many.cpuSeconds - none.cpuSeconds) * 1e6) / rcloneObjects,
  };
}

const server = await startServer();
const slow = await startServer('200');
const checked = await startServer('0', 'md5');
try {
  const store = `s3+${server.endpoint}/bench/vault`;
  console.log(`${machineLine()}; ${availableParallelism()} cores, shared with the server; 4 KiB, 64 connections\n`);
  console.log('| client | requests/s | CPU µs per object |\n|---|---|---|');
  const put = await client('client.js', [store, 'put', String(seconds)], server.endpoint);
  console.log(row(['holdfast put', put.requests / put.seconds, perObject(put)]));
  const get = await client('client.js', [store, 'get', String(seconds)], server.endpoint);
  console.log(row(['holdfast get', get.requests / get.seconds, perObject(get)]));
  const sdk = await client('sdk-client.js', [server.endpoint, String(Math.min(seconds, 3))], server.endpoint);
  console.log(row(['AWS SDK put', sdk.requests / sdk.seconds, perObject(sdk)]));
  if (spawnSync('rclone', ['version']).status === 0) {
    const other = await rclone(checked.endpoint);
    console.log(row(['rclone put', other.perSecond, other.cpuMicros]));
    const times = other.cpuMicros / perObject(put);
    console.log(`\n${times.toFixed(1)} times less CPU per object than rclone (the goal is ${goal.timesLessCpu}).`);
  } else console.log('\nrclone is not on the PATH.');
  console.log(
    `${Math.round(put.requests / put.seconds)} requests/s (the goal is ${goal.requestsPerSecond} on two quiet cores).`,
  );
  const large = await client('client.js', [store, 'large', String(seconds)], server.endpoint);
  console.log(`16 MiB puts, signed with SHA-256: ${Math.round(large.bytes / large.seconds / 1e6)} MB/s.`);
  const late = await client('client.js', [`s3+${slow.endpoint}/bench/vault`, 'get', String(seconds)], slow.endpoint);
  console.log(
    `Reads of which one in 200 waits for a second: median ${late.p50.toFixed(1)} ms, 99 %: ${late.p99.toFixed(0)} ms, 99.9 %: ${late.p999.toFixed(0)} ms.`,
  );
} finally {
  for (const { child } of [server, slow, checked]) child.stdin?.end();
  rmSync(work, { recursive: true, force: true });
}
