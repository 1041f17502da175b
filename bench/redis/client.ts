import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { Redis } from 'ioredis';

/**
 * A client that asks for one key after another, in a thread of its own: what others feel of a capture. Answers each message
 * with the latencies (milliseconds) since the one before.
 */
const { url, keys } = workerData as { readonly url: string; readonly keys: number };
const port = parentPort as MessagePort;
const redis = new Redis(url);
let latencies: number[] = [];
let ended = false;

port.on('message', (message: string) => {
  if (message === 'end') {
    ended = true;
    redis.disconnect();
    port.close();
    return;
  }
  port.postMessage(latencies);
  latencies = [];
});
let at = 0;
while (!ended) {
  const started = performance.now();
  at = (at + 7919) % keys;
  try {
    await redis.get(`string:${at}`);
  } catch (error) {
    if (!ended) throw error;
  }
  latencies.push(performance.now() - started);
  await new Promise((resolve) => setTimeout(resolve, 1));
}
