import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ObjectStore } from '../../src/storage/contract.ts';
import { withRetry } from '../../src/storage/decorators/retry.ts';
import { openS3Store } from '../../src/storage/s3/index.ts';
import {
  contentsOf,
  createSmall,
  noise,
  openSmall,
  snapshotOf,
  type Contents,
} from '../repository/small-repository.ts';
import { startBucketStage, type BucketStage } from './bucket-stage.ts';
import { quickRuntime } from './quick-runtime.ts';
import type { NetworkFault, TcpProxy } from './tcp-proxy.ts';

let stage: BucketStage;
let proxy: TcpProxy;

beforeAll(async () => {
  stage = await startBucketStage();
  ({ proxy } = stage);
});
afterAll(() => stage.stop());

const first: Contents = { tools: { a: noise(3000, 'a'), b: 'b' }, logs: { c: noise(400_000, 'c') } };
const second: Contents = {
  ...first,
  tools: { ...first['tools'], d: noise(300_000, 'd') },
  more: { e: noise(2000, 'e') },
};
const slowDown = '<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>';

/** One of each for a request and its answer, over and over. */
const faults: readonly NetworkFault[] = [
  { kind: 'cut-request', at: 0.1 },
  { kind: 'cut-answer', at: 0 },
  { kind: 'cut-request', at: 0.9 },
  { kind: 'answer', status: 503, headers: ['retry-after: 1'], body: slowDown },
  { kind: 'cut-answer', at: 0.5 },
  { kind: 'answer', status: 500, headers: [], body: '' },
  { kind: 'cut-answer', at: 0.9 },
];

async function storeAt(prefix: string, endpoint: string): Promise<ObjectStore> {
  const runtime = quickRuntime();
  const store = await openS3Store({ bucket: 'vault', prefix, endpoint, runtime, idleMs: 2000 });
  return withRetry(store, { runtime, attempts: 8 });
}

it('a repository is made, filled, and read over a network that spoils a third of all requests', async () => {
  const runtime = quickRuntime();
  const through = await storeAt('sick', proxy.endpoint);
  let turn = 0;
  proxy.pick(() => (++turn % 3 === 0 ? faults[(turn / 3) % faults.length] : undefined));
  try {
    const repository = await createSmall({ store: through, runtime });
    await snapshotOf(repository, first);
    await snapshotOf(repository, second);
    const again = await openSmall({ store: through, runtime });
    const { list } = await again.snapshots();
    expect(list).toHaveLength(2);
    for (const [i, info] of list.entries()) expect(await contentsOf(again, info)).toEqual([first, second][i]);
    expect((await again.verify({ readData: 1 })).damage).toEqual([]);
  } finally {
    proxy.clear();
  }
  expect(turn).toBeGreaterThan(60);
  const direct = await storeAt('sick', stage.endpoint);
  const repository = await openSmall({ store: direct, runtime });
  expect((await repository.verify({ readData: 1 })).damage).toEqual([]);
  expect((await repository.snapshots()).list).toHaveLength(2);
  await Promise.all([through.close(), direct.close()]);
});

it('a store that goes away in the middle costs the snapshot, and nothing that was there; then it is completed', async () => {
  const runtime = quickRuntime();
  const through = await storeAt('gone', proxy.endpoint);
  await snapshotOf(await createSmall({ store: through, runtime }), first);
  for (const request of [/^PUT .*\/data\//, /^PUT .*\/index\//, /^PUT .*\/snapshots\//]) {
    proxy.arm({ fault: { kind: 'cut-request', at: 0.5 }, request });
    await expect(snapshotOf(await openSmall({ store: through, runtime }), second)).rejects.toMatchObject({
      code: 'storage.unavailable',
    });
    proxy.clear();
    const again = await openSmall({ store: through, runtime });
    const { list } = await again.snapshots();
    expect(list).toHaveLength(1);
    expect(await contentsOf(again, await again.find('latest'))).toEqual(first);
    expect((await again.verify({ readData: 1 })).damage).toEqual([]);
  }
  const again = await openSmall({ store: through, runtime });
  const info = await snapshotOf(again, second);
  expect(await contentsOf(again, info)).toEqual(second);
  await through.close();
});
