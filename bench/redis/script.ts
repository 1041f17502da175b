import { createWriteStream } from 'node:fs';
import { Redis } from 'ioredis';

/** What people write themselves: SCAN, and DUMP and PTTL in pipelines of a thousand, to a file. `script.js URL FILE` */
const [url = '', file = ''] = process.argv.slice(2);
const redis = new Redis(url);
const out = createWriteStream(file);
let cursor = '0';
do {
  const [next, keys] = await redis.scanBuffer(cursor, 'COUNT', 1000);
  cursor = next.toString();
  const pipeline = redis.pipeline();
  for (const key of keys) pipeline.dumpBuffer(key).pttl(key);
  const replies = (await pipeline.exec()) ?? [];
  for (const [i, key] of keys.entries()) {
    const [payload, ttl] = [replies[2 * i]?.[1] as Buffer, replies[2 * i + 1]?.[1] as number];
    out.write(`${key.toString('base64')} ${ttl} ${payload.toString('base64')}\n`);
  }
} while (cursor !== '0');
await new Promise<void>((resolve) => void out.end(resolve));
redis.disconnect();
