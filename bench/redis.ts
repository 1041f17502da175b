import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Redis } from 'ioredis';
import { startRedis } from '../test/servers/index.ts';
import { holdfastIn, machineLine, row } from './command.ts';
import { measureBeside, type Measurement } from './measure.ts';
import { cpuOf, fill } from './redis/server.ts';

/**
 * A capture of a live Redis beside redis-cli --rdb and a SCAN+DUMP script, with what a client feels of each, and the restore
 * into an empty server: `npm run bench:redis [-- --keys 1000000]`. The bar is 1.5 times the client's latency before.
 */
const asked = process.argv.indexOf('--keys');
const keys = asked === -1 ? 1_000_000 : Number(process.argv[asked + 1]);
const bar = 1.5;
const root = resolve(import.meta.dirname, '../../..');
const work = mkdtempSync(join(tmpdir(), 'holdfast-redis-bench-'));
const [server, empty] = await Promise.all([startRedis(), startRedis()]);

try {
  await fill(server.url, keys);
  const worker = new Worker(new URL('redis/client.js', import.meta.url), { workerData: { url: server.url, keys } });
  const latencies = async (): Promise<number[]> => {
    worker.postMessage('since', []);
    return await new Promise((resolve) => worker.once('message', resolve));
  };
  const configuration =
    'version: 1\nestate: bench\nrepository: ./vault\nsources: [{ type: redis, name: cache, url: "${REDIS_URL}" }]\n';
  const holdfast = holdfastIn(join(work, 'estate'), root, configuration, { REDIS_URL: server.url });
  const elsewhere = holdfastIn(join(work, 'estate'), root, configuration, { REDIS_URL: empty.url });
  await holdfast.runBeside(['init', '--yes']);
  console.log(`${machineLine()}; ${keys} keys\n`);
  console.log('| | wall s | CPU s | CPU of the server s | p50 ms | p99 ms |\n|---|---|---|---|---|---|');
  await wait(500);
  await latencies();
  await wait(5000);
  const before = show('before', undefined, 0, await latencies());
  const beside = async (name: string, run: () => Promise<Measurement>): Promise<number> => {
    const cpu = cpuOf(server.pid);
    await latencies();
    const measured = await run();
    return show(name, measured, cpuOf(server.pid) - cpu, await latencies());
  };
  const during = await beside('holdfast snapshot', () => holdfast.runBeside(['snapshot', '--quiet']));
  await beside('holdfast snapshot, again', () => holdfast.runBeside(['snapshot', '--quiet']));
  const { binFolder, port } = server;
  const file = join(work, 'cli.rdb');
  const log = join(work, 'log');
  await beside('redis-cli --rdb', () =>
    measureBeside([join(binFolder, 'redis-cli'), '-p', String(port), '--rdb', file], {}, log),
  );
  const script = join(import.meta.dirname, 'redis/script.js');
  await beside('SCAN + DUMP script', () =>
    measureBeside([process.execPath, script, server.url, join(work, 'script')], {}, log),
  );
  const restored = await elsewhere.runBeside(['restore', 'latest', '--to', 'live', '--yes', '--quiet']);
  show('holdfast restore', restored, cpuOf(empty.pid), []);
  worker.postMessage('end', []);
  const there = new Redis(empty.url);
  if ((await there.dbsize()) !== keys) throw new Error('the restore is not whole');
  there.disconnect();
  console.log(`\nA client's p99 was ${(during / before).toFixed(2)} times that before (the bar is ${bar}).`);
  if (during / before > bar) process.exitCode = 1;
} finally {
  await Promise.all([server.stop(), empty.stop()]);
  rmSync(work, { recursive: true, force: true });
}

/** Prints a line; returns the 99th percentile. */
function show(name: string, measured: Measurement | undefined, serverCpu: number, latencies: number[]): number {
  const sorted = [...latencies].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  const cells = [measured?.seconds ?? 0, measured?.cpuSeconds ?? 0, serverCpu, at(0.5), at(0.99)];
  console.log(row([name, ...cells.map((cell) => (cell === 0 || Number.isNaN(cell) ? '' : cell))]));
  return at(0.99);
}
