import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';

const perPipeline = 1000;
/** Clock ticks a second, as /proc counts them on every Linux. */
const ticks = 100;

/** Keys as caches and sessions have them: seven in ten strings of 100 to 300 bytes, two hashes, one sorted set. */
export async function fill(url: string, keys: number): Promise<void> {
  const redis = new Redis(url);
  for (let from = 0; from < keys; from += perPipeline) {
    const pipeline = redis.pipeline();
    for (let i = from; i < Math.min(from + perPipeline, keys); i++) {
      if (i % 10 < 7) pipeline.set(`string:${i}`, text(i, 100 + (i % 200)), 'EX', 100_000 + i);
      else if (i % 10 < 9) pipeline.hset(`hash:${i}`, { name: text(i, 20), mail: text(i + 1, 30), seen: i });
      else pipeline.zadd(`zset:${i}`, ...Array.from({ length: 16 }, (_, n) => [n * i, `member ${n} ${i}`]).flat());
    }
    await pipeline.exec();
  }
  redis.disconnect();
}

/** Text that compresses as text does, another for each number. */
function text(seed: number, length: number): string {
  let out = '';
  for (let value = seed + 1; out.length < length; value = (value * 48_271) % 2_147_483_647)
    out += `${value.toString(36)} `;
  return out.slice(0, length);
}

/** Seconds of CPU that a process has taken. */
export function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}
