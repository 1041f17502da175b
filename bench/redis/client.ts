import { Redis } from 'ioredis';

/**
 * A client that asks for one key after another, in a process of its own: what others feel of a capture. Answers each message
 * with the latencies (milliseconds) since the one before. `client.js URL KEYS`
 */
const [url = '', keys = '1'] = process.argv.slice(2);
const redis = new Redis(url);
let latencies: number[] = [];

process.on('message', () => {
  process.send?.(latencies);
  latencies = [];
});
process.on('disconnect', () => process.exit());
let at = 0;
for (;;) {
  const started = performance.now();
  at = (at + 7919) % Number(keys);
  await redis.get(`string:${at}`);
  latencies.push(performance.now() - started);
  await new Promise((resolve) => setTimeout(resolve, 1));
}
