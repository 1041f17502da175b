import { randomBytes } from 'node:crypto';
import { systemRuntime as runtime } from '../../src/kernel/runtime.ts';
import { openStore } from '../../src/storage/open.ts';

/**
 * One client process: `client.js ADDRESS put|get|large SECONDS`. Uses the store as the product opens it, retries included.
 * Prints what it did as JSON, once the first second has warmed it up.
 */
export interface ClientResult {
  readonly requests: number;
  readonly seconds: number;
  readonly cpuMicros: number;
  readonly bytes: number;
  /** Milliseconds: half, 99 and 99.9 of 100 requests were faster. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

const [address = '', mode = 'put', seconds = '5'] = process.argv.slice(2);
const lanes = mode === 'large' ? 2 : 64;
const body = randomBytes(mode === 'large' ? 16 * 1024 * 1024 : 4096);
// As a pack is stored: in the groups it consists of.
const parts = Array.from({ length: Math.ceil(body.length / 262_144) }, (_, i) =>
  body.subarray(i * 262_144, (i + 1) * 262_144),
);

const store = await openStore(address, { runtime });
let number = 0;

async function once(): Promise<void> {
  const key = `data/${String(number++).padStart(10, '0')}`;
  if (mode === 'get') await store.get(key);
  else await store.put(key, parts);
}

async function run(ms: number): Promise<ClientResult> {
  const latencies: number[] = [];
  const before = process.cpuUsage();
  const startedAt = performance.now();
  async function lane(): Promise<void> {
    for (;;) {
      const began = performance.now();
      if (began - startedAt > ms) return;
      await once();
      latencies.push(performance.now() - began);
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane));
  const { user, system } = process.cpuUsage(before);
  const elapsed = (performance.now() - startedAt) / 1000;
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? 0;
  return {
    requests: latencies.length,
    seconds: elapsed,
    cpuMicros: user + system,
    bytes: latencies.length * body.length,
    p50: at(0.5),
    p99: at(0.99),
    p999: at(0.999),
  };
}

await run(1000);
process.stdout.write(`${JSON.stringify(await run(Number(seconds) * 1000))}\n`);
await store.close();
