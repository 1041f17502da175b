import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { startRedis } from '../test/servers/index.ts';
import { holdfastIn, machineLine, row } from './command.ts';
import { measureBeside, type Measurement } from './measure.ts';
import { circumstances, keepOn } from './redis/processors.ts';
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
await fill(server.url, keys);
const client = fork(join(import.meta.dirname, 'redis/client.js'), [server.url, String(keys)]);

async function latencies(): Promise<number[]> {
  client.send('since');
  return await new Promise((done) => client.once('message', (message) => done(message as number[])));
}

const configuration =
  'version: 1\nestate: bench\nrepository: ./vault\nsources: [{ type: redis, name: cache, url: "${REDIS_URL}" }]\n';
let p99Before = Number.NaN;
const folder = join(work, 'estate');
const log = join(work, 'log');

/** Measures a command, and what the client feels meanwhile. Returns the client's 99th percentile. */
async function beside(name: string, run: () => Promise<Measurement>): Promise<number> {
  const cpu = cpuOf(server.pid);
  await latencies();
  const measured = await run();
  return show(name, measured, cpuOf(server.pid) - cpu, await latencies());
}

try {
  await holdfastIn(folder, root, configuration, { REDIS_URL: server.url }).runBeside(['init', '--yes']);
  console.log(`${machineLine()}; ${keys} keys\n`);
  console.log(
    '| | wall s | CPU s | µs of CPU a key | peak MiB | CPU of the server s | p50 ms | p99 ms | p99, times before |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|');
  const ratios: number[] = [];
  for (const { name, prefix, server: processors } of circumstances()) {
    keepOn(processors, [server.pid, client.pid ?? 0]);
    await wait(500);
    await latencies();
    await wait(5000);
    const before = show(`before${name}`, undefined, 0, await latencies());
    const ratio = async (what: string, run: () => Promise<Measurement>): Promise<number> =>
      await beside(`${what}${name}`, run).then((p99) => p99 / before);
    const holdfast = holdfastIn(folder, root, configuration, { REDIS_URL: server.url }, prefix);
    ratios.push(await ratio('holdfast snapshot', () => holdfast.runBeside(['snapshot', '--quiet'])));
    const rdb = [join(server.binFolder, 'redis-cli'), '-p', String(server.port), '--rdb', join(work, 'cli.rdb')];
    await ratio('`redis-cli --rdb`', () => measureBeside([...prefix, ...rdb], {}, log));
    const script = [process.execPath, join(import.meta.dirname, 'redis/script.js'), server.url, join(work, 'script')];
    await ratio('SCAN + DUMP script', () => measureBeside([...prefix, ...script], {}, log));
  }
  client.disconnect();
  const elsewhere = holdfastIn(folder, root, configuration, { REDIS_URL: empty.url });
  const restored = await elsewhere.runBeside(['restore', 'latest', '--to', 'live', '--yes', '--quiet']);
  show('holdfast restore, compared afterwards', restored, cpuOf(empty.pid), []);
  const there = new Redis(empty.url);
  if ((await there.dbsize()) !== keys) throw new Error('the restore is not whole');
  there.disconnect();
  const best = Math.min(...ratios);
  console.log(
    `\nA client's p99 was ${ratios.map((one) => one.toFixed(2)).join(', ')} times that before (the bar is ${bar}).`,
  );
  if (best > bar) process.exitCode = 1;
} finally {
  if (client.connected) client.disconnect();
  await Promise.all([server.stop(), empty.stop()]);
  rmSync(work, { recursive: true, force: true });
}

/** Prints a line; returns the 99th percentile. */
function show(name: string, measured: Measurement | undefined, serverCpu: number, times: number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  const p99 = at(0.99);
  const { seconds = 0, cpuSeconds = 0, peakMiB = 0 } = measured ?? {};
  if (measured === undefined) p99Before = p99;
  const cells = [seconds, cpuSeconds, (cpuSeconds / keys) * 1e6, peakMiB, serverCpu, at(0.5), p99, p99 / p99Before];
  console.log(row([name, ...cells.map((cell) => (cell === 0 || Number.isNaN(cell) ? '' : cell))]));
  return p99;
}
