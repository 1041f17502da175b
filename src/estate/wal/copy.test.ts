import { beforeEach, describe, expect, it } from 'vitest';
import { keysOf } from '../../../test/repository/copy-store.ts';
import { createSmall, openSmall, snapshotOf } from '../../../test/repository/small-repository.ts';
import { putWal, segmentSize, snapshotBase, systemId, walBytes } from '../../../test/pitr/made-base.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import type { Repository } from '../../repository/contract.ts';
import type { WalRun } from '../../repository/wal/contract.ts';
import { spansOf } from '../../repository/wal/spans.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import { withRecording } from '../../storage/decorators/recording.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';
import { copyWal, type CopiedWal } from './copy.ts';

const block = 16n * 1024n * 1024n;
const signal = new AbortController().signal;
let runtime: ReturnType<typeof simulatedRuntime>;
let stores: { source: ObjectStore; target: ObjectStore };
let source: Repository;
let target: Repository;

beforeEach(async () => {
  runtime = simulatedRuntime(7);
  stores = { source: createMemoryStore({ runtime }), target: createMemoryStore({ runtime }) };
  source = await createSmall({ store: stores.source, runtime });
  target = await createSmall({ store: stores.target, runtime });
});

async function copy(to = target, dryRun = false): Promise<readonly CopiedWal[]> {
  return await copyWal(source, to, { snapshots: (await source.snapshots()).list, dryRun, signal });
}

async function runs(repository: Repository, timeline: number): Promise<WalRun[]> {
  const found: WalRun[] = [];
  for await (const run of repository.wal(systemId).runs(timeline)) found.push(run);
  return found;
}

/** That what the target holds is what the server wrote. */
async function expectBytes(timeline: number): Promise<void> {
  for (const run of await runs(target, timeline)) {
    const { bytes } = await target.wal(systemId).read(run);
    expect(Buffer.from(bytes).equals(walBytes(timeline, run.start, bytes.length))).toBe(true);
  }
}

describe('WAL that is copied', () => {
  it('is all from the oldest base backup on, on every timeline, under names and keys of the target', async () => {
    const wal = source.wal(systemId);
    for (let at = 0n; at < 6n; at++)
      await putWal(wal, 1, block + at * BigInt(segmentSize), block + (at + 1n) * BigInt(segmentSize));
    await wal.putHistory(2, '1\t0/1500000\n');
    await putWal(wal, 2, block + 5n * BigInt(segmentSize), block + 6n * BigInt(segmentSize));
    await snapshotBase(source, block + 2n * BigInt(segmentSize) + 40n);
    const plan = await copy(target, true);
    expect(await keysOf(stores.target, 'wal/')).toEqual([]);
    const copied = await copy();
    expect(copied).toEqual(plan);
    expect(copied).toMatchObject([{ systemId, from: block + 2n * BigInt(segmentSize), objects: 6, failures: [] }]);
    const first = block + 2n * BigInt(segmentSize);
    expect(await spansOf(await runs(target, 1))).toEqual([{ start: first, end: block + 6n * BigInt(segmentSize) }]);
    expect(await target.wal(systemId).history(2)).toBe('1\t0/1500000\n');
    await expectBytes(1);
    await expectBytes(2);
    const names = new Set(await keysOf(stores.source, 'wal/'));
    expect((await keysOf(stores.target, 'wal/')).some((key) => names.has(key))).toBe(false);
    const { records } = await source.audit.verify();
    expect(records.map(({ action, phase }) => `${action} ${phase}`)).toEqual(['copy intent', 'copy outcome']);
  });

  it('is only what is missing: nothing is read or written again, and the whole of a block comes in one piece', async () => {
    const wal = source.wal(systemId);
    await snapshotBase(source, block);
    await putWal(wal, 1, block, block + 500n);
    await putWal(wal, 1, block + 500n, block + 900n);
    expect(await copy()).toMatchObject([{ objects: 2 }]);
    const counted = withRecording(stores.target);
    const again = await openSmall({ store: counted, runtime });
    expect(await copy(again)).toMatchObject([{ objects: 0, bytes: 0, failures: [] }]);
    expect(counted.calls).toEqual([]);
    // The whole block stands beside its parts; one that is gone from the listing meanwhile is made up for.
    await putWal(wal, 1, block, 2n * block);
    expect(await copy()).toMatchObject([{ objects: 1, failures: [] }]);
    await expectBytes(1);
  });

  it('leaves out clusters without a base backup, and goes on where the target alone holds an older one', async () => {
    await putWal(source.wal('42'), 1, block, block + 500n);
    await putWal(source.wal(systemId), 1, block, block + 500n);
    expect(await copy()).toEqual([]);
    await snapshotBase(target, block);
    await snapshotBase(source, 4n * block);
    expect(await copy()).toMatchObject([{ systemId, from: block, objects: 1 }]);
  });

  it('that is damaged here is told and costs itself alone; parts make up for a damaged whole', async () => {
    const wal = source.wal(systemId);
    await snapshotBase(source, block);
    await putWal(wal, 1, block, block + block / 2n);
    await putWal(wal, 1, block + block / 2n, 2n * block);
    await putWal(wal, 1, block, 2n * block);
    await putWal(wal, 1, 2n * block, 2n * block + 500n);
    await putWal(wal, 1, 2n * block + 500n, 2n * block + 900n);
    const keys = await keysOf(stores.source, 'wal/');
    for (const key of [keys[1] ?? '', keys[3] ?? '']) {
      const bytes = Buffer.from(await stores.source.get(key));
      bytes[120] = 1 ^ (bytes[120] ?? 0);
      await stores.source.put(key, [bytes]);
    }
    expect(keys[1]).toMatch(/1000000-0000000002000000$/);
    const [copied] = await copy();
    expect(copied?.objects).toBe(3);
    expect(copied?.failures.map(({ code }) => code)).toEqual(['repository.corrupt']);
    expect(copied?.failures[0]?.message).toContain('WAL of timeline 1 from 0/2000000 to 0/20001F4 cannot be copied');
    expect(await spansOf(await runs(target, 1))).toEqual([
      { start: block, end: 2n * block },
      { start: 2n * block + 500n, end: 2n * block + 900n },
    ]);
  });

  it('never lies over other bytes: another server with the same number is told from this one', async () => {
    await snapshotBase(source, block);
    await putWal(source.wal(systemId), 1, block, block + 900n);
    await source.wal(systemId).putHistory(2, '1\t0/1500000\n');
    await putWal(source.wal(systemId), 2, block, block + 100n);
    await target.wal(systemId).put(1, block, { bytes: Buffer.alloc(500), segmentSize, sentAt: 0 });
    await target.wal(systemId).putHistory(2, '1\t0/1400000\n');
    const [copied] = await copy();
    expect(copied?.failures.map(({ code }) => code)).toEqual(['wal.diverged', 'wal.diverged']);
    expect(await runs(target, 1)).toHaveLength(1);
    expect(await runs(target, 2)).toEqual([]);
  });

  it('costs one listing where there is none', async () => {
    await snapshotOf(source, { tools: { a: 'one' } });
    const counted = withRecording(stores.source, { methods: ['get', 'list', 'stat', 'put'] });
    const opened = await openSmall({ store: counted, runtime });
    const snapshots = (await opened.snapshots()).list;
    const before = counted.calls.length;
    expect(await copyWal(opened, target, { snapshots, dryRun: false, signal })).toEqual([]);
    expect(counted.calls.slice(before)).toEqual([{ method: 'list', key: 'wal/' }]);
  });
});
