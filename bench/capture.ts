import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { endpointVariables, startFaultProxy, startMinistack, startMoto } from '../test/emulators/index.ts';
import { seedEstate } from '../test/estate/index.ts';
import type { EstateSize } from '../test/estate/index.ts';
import { holdfastIn, machineLine, row } from './command.ts';

/**
 * Capture side by side against one call at a time, with 50 ms of latency on every call: the bar is 8 times faster.
 * `npm run bench:capture [-- small|full]`. Against emulators, so the seconds say nothing about AWS; the ratio does.
 */
const size = (process.argv[2] ?? 'small') as EstateSize;
const latencyMs = 50;
const bar = 8;
const root = resolve(import.meta.dirname, '../../..');
const work = mkdtempSync(join(tmpdir(), 'holdfast-capture-'));
const running: { stop(): Promise<void> }[] = [];

try {
  const [moto, ministack] = await Promise.all([startMoto(), startMinistack()]);
  running.push(moto, ministack);
  await seedEstate({ all: moto.endpoint, services: { lambda: ministack.endpoint } }, size);
  const [main, lambda] = await Promise.all([startFaultProxy(moto.endpoint), startFaultProxy(ministack.endpoint)]);
  running.unshift(main, lambda);
  for (const proxy of [main, lambda]) proxy.setLatency(latencyMs);
  const env = endpointVariables({ all: main.endpoint, services: { lambda: lambda.endpoint } });
  const configuration =
    'version: 1\nestate: bench\nrepository: ./vault\naws: { accounts: [{ name: main, regions: [us-east-1] }] }\n' +
    'sources: [s3-buckets, lambda-functions, cloudfront, route53, dynamodb, iam]\n';
  console.log(`${machineLine()}; estate ${size}, ${latencyMs} ms per call\n`);
  console.log('| concurrency | wall s | CPU s | peak MiB | calls |\n|---|---|---|---|---|');
  const seconds: number[] = [];
  for (const concurrency of [32, 1]) {
    const holdfast = holdfastIn(join(work, String(concurrency)), root, configuration, env);
    await holdfast.runBeside(['init', '--yes']);
    const before = main.requests + lambda.requests;
    const measured = await holdfast.runBeside(['snapshot', '--quiet', '--concurrency', String(concurrency)], [0, 4]);
    seconds.push(measured.seconds);
    console.log(
      row([
        String(concurrency),
        measured.seconds,
        measured.cpuSeconds,
        measured.peakMiB,
        String(main.requests + lambda.requests - before),
      ]),
    );
  }
  const ratio = (seconds[1] as number) / (seconds[0] as number);
  console.log(`\n${ratio.toFixed(1)} times faster side by side (the bar is ${bar}).`);
  if (ratio < bar) process.exitCode = 1;
} finally {
  for (const emulator of running) await emulator.stop();
  rmSync(work, { recursive: true, force: true });
}
