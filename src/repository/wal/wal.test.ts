import { beforeAll, describe, expect, it } from 'vitest';
import { keysOf } from '../../../test/repository/copy-store.ts';
import { createSmall, openSmall } from '../../../test/repository/small-repository.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';
import type { ClusterWal, WalRun } from './contract.ts';

const runtime = simulatedRuntime(3);
const systemId = '7710763647171895596';
const segmentSize = 16 * 1024 * 1024;
let store: ObjectStore;
let wal: ClusterWal;

function content(text: string) {
  return { bytes: Buffer.from(text), segmentSize, sentAt: 1_700_000_000_000 };
}

async function listed(of: ClusterWal, timeline: number): Promise<WalRun[]> {
  const runs: WalRun[] = [];
  for await (const run of of.runs(timeline)) runs.push(run);
  return runs;
}

beforeAll(async () => {
  store = createMemoryStore({ runtime });
  wal = (await createSmall({ store, runtime })).wal(systemId);
});

describe('WAL beside the snapshots', () => {
  it('comes back in order, and says how far it goes by its names', async () => {
    await wal.put(1, 0x1000005n, content('world'));
    await wal.put(1, 0x1000000n, content('hello'));
    await wal.putHistory(2, '1\t0/1000008\n');
    const runs = await listed(wal, 1);
    expect(runs.map(({ start, end }) => [start, end])).toEqual([
      [0x1000000n, 0x1000005n],
      [0x1000005n, 0x100000an],
    ]);
    expect(await wal.read(runs[0] as WalRun)).toEqual({ ...content('hello') });
    expect(await wal.timelines()).toEqual([1, 2]);
    expect(await wal.history(2)).toBe('1\t0/1000008\n');
    expect(await wal.history(3)).toBeUndefined();
  });

  it('is never overwritten: the same again is no error, other bytes are', async () => {
    await wal.put(1, 0x1000000n, content('hello'));
    await expect(wal.put(1, 0x1000000n, content('HELLO'))).rejects.toMatchObject({ code: 'wal.diverged' });
    expect(Buffer.from((await wal.read((await listed(wal, 1))[0] as WalRun)).bytes).toString()).toBe('hello');
  });

  it('crosses no block', async () => {
    await expect(wal.put(1, 0x1fffffen, content('hello'))).rejects.toMatchObject({ code: 'internal.bug' });
    await expect(wal.put(1, 0x1fffffbn, content('hello'))).resolves.toMatchObject({ end: 0x2000000n });
  });

  it('tells nothing by its names, is sealed, and an object in the place of another is damage', async () => {
    const keys = await keysOf(store, 'wal/');
    expect(keys.join()).not.toContain(BigInt(systemId).toString(16));
    const [first = '', second = ''] = keys;
    expect(Buffer.from(await store.get(first)).includes('hello')).toBe(false);
    const moved = await store.get(second);
    await store.delete(first);
    await store.put(first, [moved]);
    await expect(wal.read((await listed(wal, 1))[0] as WalRun)).rejects.toMatchObject({ code: 'repository.corrupt' });
    await expect((await openSmall({ store, runtime })).wal('1').timelines()).resolves.toEqual([]);
  });

  it('is let alone by prune, and check names what is damaged and what is missing between', async () => {
    const repository = await openSmall({ store, runtime });
    const before = await keysOf(store, 'wal/');
    await repository.prune({ dryRun: false });
    expect(await keysOf(store, 'wal/')).toEqual(before);
    const { damage } = await repository.verify({ readData: 1 });
    const cluster = before[0]?.slice(0, -33);
    expect(damage.map(({ object }) => object)).toEqual([before[0], `${cluster}000000000100000a-0000000001fffffb`]);
  });
});
