import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { endpointVariables } from '../test/emulators/endpoints.ts';
import { holdfastIn, machineLine, row } from './command.ts';
import type { Traffic } from './dynamodb/client.ts';
import { connect } from './dynamodb/connect.ts';
import { tableKeys } from './dynamodb/items.ts';
import { startLocal } from './dynamodb/local.ts';
import { measureBeside, type Measurement } from './measure.ts';
import { cpuOf } from './redis/server.ts';

/**
 * A table captured and restored, beside what the service gives and takes at most: requests that are signed, sent and drained,
 * with as many segments. `npm run bench:dynamodb [-- --items 1000000 --local 50000 --segments 4]`: so many items at a server of
 * ours (dynamodb/server.ts), which is fast enough to show what Holdfast costs, and so many in DynamoDB Local, AWS's own emulator,
 * where Java and Maven are there (0: without).
 */
const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '1000000' },
    local: { type: 'string', default: '50000' },
    segments: { type: 'string', default: '4' },
  },
});
const root = resolve(import.meta.dirname, '../../..');
const work = mkdtempSync(join(tmpdir(), 'holdfast-dynamodb-'));

interface Service {
  readonly name: string;
  readonly origin: string;
  readonly pid: number;
  readonly items: number;
  /** Of all other services. */
  readonly others: string;
}

async function ours(items: number): Promise<Service & { stop(): void }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'dynamodb/server.js'), String(items)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [port] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  const origin = `http://127.0.0.1:${port.trim()}`;
  const stop = (): void => void child.stdin.end();
  return { name: 'ours', origin, pid: child.pid ?? 0, items, others: origin, stop };
}

/** Prints one line: what `run` cost, for so many items of so many bytes on the wire. */
async function line(service: Service, what: string, run: () => Promise<Measurement & Traffic>): Promise<Traffic> {
  const before = cpuOf(service.pid);
  const { seconds, cpuSeconds, peakMiB, items, bytes } = await run();
  const serverMicros = ((cpuOf(service.pid) - before) / items) * 1e6;
  const micros = (cpuSeconds / items) * 1e6;
  console.log(
    row([what, seconds, String(Math.round(items / seconds)), bytes / seconds / 1e6, micros, serverMicros, peakMiB]),
  );
  return { items, bytes };
}

async function bare(service: Service, what: 'scan' | 'write', table: string): Promise<Measurement & Traffic> {
  const log = join(work, 'log');
  const args = [service.origin, what, table, values.segments, String(service.items)];
  const command = [process.execPath, join(import.meta.dirname, 'dynamodb/client.js'), ...args];
  const measured = await measureBeside(command, {}, log);
  const traffic = JSON.parse(readFileSync(log, 'utf8')) as Traffic;
  if (traffic.items !== service.items) throw new Error(`${what} of ${traffic.items} instead of ${service.items} items`);
  return { ...measured, ...traffic };
}

/** DynamoDB Local has no tags, backups or policies: a snapshot there is partial. */
const settled = [0, 4];
const table = JSON.stringify({
  TableName: 'orders',
  BillingMode: 'PAY_PER_REQUEST',
  ...tableKeys,
});

async function measureService(service: Service): Promise<void> {
  const endpoints = { all: service.others, services: { dynamodb: service.origin } };
  const { call, close } = connect(service.origin, 1);
  const holdfast = holdfastIn(
    join(work, service.name),
    root,
    'version: 1\nestate: bench\nrepository: ./vault\naws: { accounts: [{ name: main, regions: [us-east-1] }] }\nsources:\n' +
      `  - { type: dynamodb, include: [orders], segments: ${values.segments}, kinesis: false, contributorInsights: false }\n`,
    endpointVariables(endpoints),
  );
  await holdfast.runBeside(['init', '--yes']);
  console.log(`\n${service.name}, ${service.items} items, ${values.segments} segments\n`);
  console.log('| what | wall s | items/s | MB/s | CPU µs an item | CPU µs an item, service | peak MiB |');
  console.log('|---|---|---|---|---|---|---|');
  await call('CreateTable', table);
  const wrote = await line(service, 'bare BatchWriteItem', () => bare(service, 'write', 'orders'));
  const read = await line(service, 'bare Scan', () => bare(service, 'scan', 'orders'));
  const snapshot = async (): Promise<Measurement & Traffic> => ({
    ...(await holdfast.runBeside(['snapshot', '--quiet'], settled)),
    ...read,
  });
  await line(service, 'holdfast, first snapshot', snapshot);
  await line(service, 'holdfast, unchanged', snapshot);
  await call('DeleteTable', '{"TableName":"orders"}');
  const restore = ['restore', 'latest', '--to', 'live', '--yes', '--quiet'];
  await line(service, 'holdfast restore, compared', async () => ({
    ...(await holdfast.runBeside(restore, settled)),
    ...wrote,
  }));
  const back = await bare(service, 'scan', 'orders');
  if (back.bytes !== read.bytes) console.log(`\n${back.bytes} bytes came back of ${read.bytes}`);
  await close();
}

const server = await ours(Number(values.items));
const local = values.local === '0' ? undefined : await startLocal();
try {
  console.log(machineLine());
  await measureService(server);
  if (local === undefined) console.log('\nDynamoDB Local was not asked for, or there is no Java or no Maven.');
  else
    await measureService({
      name: 'DynamoDB Local',
      origin: local.origin,
      pid: local.child.pid ?? 0,
      items: Number(values.local),
      others: server.origin,
    });
} finally {
  local?.child.kill();
  server.stop();
  rmSync(work, { recursive: true, force: true });
}
