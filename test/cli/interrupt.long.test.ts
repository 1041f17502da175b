import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { awsEstate, type AwsEstate } from './aws-estate.ts';

let estate: AwsEstate;
const keys = Array.from({ length: 12 }, (_, i) => `dir/object-${i}`);
const buckets = Array.from({ length: 8 }, (_, i) => `bucket-${i}`);

beforeAll(async () => {
  estate = await awsEstate(Object.fromEntries(buckets.map((bucket) => [bucket, keys])));
});
afterAll(async () => {
  await estate.stop();
});

/** Sends the signals once the first bucket is done. */
function afterFirstBucket(...signals: NodeJS.Signals[]): (child: ChildProcess) => void {
  return (child) => {
    let sent = false;
    child.stdout?.on('data', (text: string) => {
      if (sent || !text.includes('"resource.finished"')) return;
      sent = true;
      for (const [i, signal] of signals.entries()) setTimeout(() => child.kill(signal), i * 200);
    });
  };
}

test('Ctrl-C suspends: exit 130, the way to go on, and --resume does not read again what was stored', async () => {
  estate.proxy.setLatency(60);
  const slowly = ['snapshot', '--json-lines', '--concurrency', '2'];
  const stopped = await estate.run(slowly, {}, { during: afterFirstBucket('SIGINT') });
  expect(stopped.stderr).toContain('Stopping; what is done is kept.');
  expect(stopped.stderr).toContain('error[run.interrupted]');
  expect(stopped.stderr).toMatch(/^hint: .*--resume/m);
  expect(stopped.status).toBe(130);
  expect(JSON.parse((await estate.run(['snapshots', '--json'])).stdout)).toMatchObject({ snapshots: [] });

  estate.proxy.setLatency(0);
  const before = estate.proxy.requests;
  const resumed = await estate.run(['snapshot', '--resume', '--json']);
  expect(resumed).toMatchObject({ status: 0 });
  expect(JSON.parse(resumed.stdout)).toMatchObject({ outcome: 'complete', totals: { resources: buckets.length } });
  const afterResume = estate.proxy.requests;
  expect(await estate.run(['verify', '--read-data'])).toMatchObject({ status: 0 });

  const fresh = ['--repository', './fresh', '--quiet'];
  expect(await estate.run(['init', '--yes', ...fresh])).toMatchObject({ status: 0 });
  const beforeFull = estate.proxy.requests;
  expect(await estate.run(['snapshot', ...fresh])).toMatchObject({ status: 0 });
  expect(afterResume - before).toBeLessThan(estate.proxy.requests - beforeFull - keys.length);
}, 90_000);

test('a second signal leaves at once', async () => {
  estate.proxy.setLatency(20_000);
  const started = Date.now();
  const stopped = await estate.run(
    ['snapshot'],
    {},
    {
      during: (child) => {
        setTimeout(() => child.kill('SIGTERM'), 4000);
        setTimeout(() => child.kill('SIGTERM'), 4500);
      },
    },
  );
  estate.proxy.setLatency(0);
  expect(stopped.status).toBe(130);
  expect(Date.now() - started).toBeLessThan(12_000);
  expect(await estate.run(['verify'])).toMatchObject({ status: 0 });
}, 60_000);
