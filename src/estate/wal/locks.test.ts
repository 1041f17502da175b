import { describe, expect, it } from 'vitest';
import { keysOf } from '../../../test/repository/copy-store.ts';
import { openSmall } from '../../../test/repository/small-repository.ts';
import { putWal, segmentSize, snapshotBase, systemId } from '../../../test/pitr/made-base.ts';
import { keptWalOf, walOf } from './needed.ts';
import { pruneWal } from './prune.ts';
import { walBlock } from '../../repository/wal/contract.ts';
import { dayMs } from '../../repository/lock/contract.ts';
import { destroyAll, lockOf, stage, type Stage } from '../../repository/lock/lock-for-test.ts';

const size = BigInt(segmentSize);
const signal = new AbortController().signal;

/** Two segments before the first base backup, two between it and the second, one after; and the history of a timeline. */
async function withWal({ small, runtime }: Stage) {
  const repository = await openSmall(small);
  const wal = repository.wal(systemId);
  for (let at = 0n; at < 5n; at++) await putWal(wal, 1, walBlock + at * size, walBlock + (at + 1n) * size);
  await wal.putHistory(2, '1\t0/1000000\n');
  await putWal((await openSmall(small)).wal('42'), 1, 0n, 500n);
  const first = await snapshotBase(repository, walBlock + 2n * size + 40n);
  await runtime.clock.sleep(1000);
  const second = await snapshotBase(repository, walBlock + 4n * size + 40n);
  return { repository, first, second };
}

/** Keys of WAL that stay locked for more than the days of the settings, without the folder of the cluster. */
async function locked({ store, runtime }: Stage): Promise<string[]> {
  const keys: string[] = [];
  for (const key of await keysOf(store, 'wal/'))
    if ((await lockOf(store, key)) >= runtime.clock.now() + 10 * dayMs) keys.push(key);
  return keys.map((key) => key.slice('wal/'.length + 33)).sort();
}

const name = (at: bigint): string => {
  const position = (lsn: bigint): string => lsn.toString(16).padStart(16, '0');
  return `00000001/${position(walBlock + at * size)}-${position(walBlock + (at + 1n) * size)}`;
};
const elsewhere = '00000001/0000000000000000-00000000000001f4';

describe('the locks of WAL', () => {
  it('are extended from the oldest base backup on that is kept; what nobody needs runs out, and can be pruned then', async () => {
    const place = await stage();
    const { repository, first } = await withWal(place);
    await place.runtime.clock.sleep(6 * dayMs);
    expect(await locked(place)).toEqual([]);
    const wal = await keptWalOf(repository, () => true);
    const report = await repository.lock.extend({ wal });
    expect(report).toMatchObject({ failed: 0, suspicions: [] });
    expect(await locked(place)).toEqual([elsewhere, name(2n), name(3n), name(4n), '00000002/history'].sort());
    expect((await repository.lock.status(1, wal)).weaker).toEqual([]);
    // Locked still, by what they were written with.
    expect(await pruneWal(repository, systemId, { dryRun: false, signal })).toMatchObject({ outdated: 0, left: 2 });
    await place.runtime.clock.sleep(9 * dayMs);
    expect(await pruneWal(repository, systemId, { dryRun: false, signal })).toMatchObject({ outdated: 2, left: 0 });
    expect((await repository.lock.extend({ wal })).deleted).toMatchObject({ wal: 2 });
    expect(await locked(place)).toEqual([elsewhere, name(2n), name(3n), name(4n), '00000002/history'].sort());
    // A plan that keeps the first no longer.
    await place.runtime.clock.sleep(12 * dayMs);
    await repository.lock.extend({ wal: await keptWalOf(repository, (id) => id !== first.id) });
    expect(await locked(place)).toEqual([elsewhere, name(4n), '00000002/history'].sort());
  });

  it('outlive an adversary with every right but time, as long as the base backup does', async () => {
    const place = await stage();
    const { repository, second } = await withWal(place);
    await place.runtime.clock.sleep(12 * dayMs);
    await repository.lock.extend({ wal: await keptWalOf(repository, () => true) });
    await place.runtime.clock.sleep(9 * dayMs);
    await destroyAll(place.store);
    const again = await openSmall(place.small);
    expect((await again.snapshots()).list.map(({ id }) => id)).toContain(second.id);
    const { bytes } = await again
      .wal(systemId)
      .read({ timeline: 1, start: walBlock + 4n * size, end: walBlock + 5n * size });
    expect(bytes.length).toBe(segmentSize);
  });

  it('of named snapshots are those of the WAL that makes them consistent', async () => {
    const place = await stage();
    const { repository, first } = await withWal(place);
    await place.runtime.clock.sleep(6 * dayMs);
    await repository.lock.extend({ snapshots: [first.id], wal: await walOf(repository, [first]) });
    expect(await locked(place)).toEqual([name(2n), '00000002/history']);
  });

  it('of parts run out once the block is stored whole, and the parts go', async () => {
    const place = await stage();
    const repository = await openSmall(place.small);
    const wal = repository.wal(systemId);
    await putWal(wal, 1, walBlock, walBlock + 500n);
    await putWal(wal, 1, walBlock + 500n, 2n * walBlock);
    await putWal(wal, 1, walBlock, 2n * walBlock);
    await place.runtime.clock.sleep(6 * dayMs);
    await repository.lock.extend({});
    expect(await locked(place)).toHaveLength(1);
    expect(await pruneWal(repository, systemId, { dryRun: false, signal })).toMatchObject({ superseded: 0, left: 2 });
    await place.runtime.clock.sleep(9 * dayMs);
    expect(await pruneWal(repository, systemId, { dryRun: false, signal })).toMatchObject({ superseded: 2, left: 0 });
  });

  it('are all extended where a snapshot cannot be read: what it needs is unknown', async () => {
    const place = await stage();
    const { repository, first } = await withWal(place);
    await place.store.put(`snapshots/${first.id}`, [Buffer.alloc(200)]);
    expect(await keptWalOf(repository, () => true)).toEqual([]);
    await place.runtime.clock.sleep(6 * dayMs);
    await repository.lock.extend({ wal: [] });
    expect(await locked(place)).toHaveLength(7);
  });
});
