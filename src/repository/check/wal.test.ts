import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { putWal, segmentSize, systemId } from '../../../test/pitr/made-base.ts';
import { keysOf } from '../../../test/repository/copy-store.ts';
import { createSmall, openSmall } from '../../../test/repository/small-repository.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import { withFaults } from '../../storage/decorators/faults.ts';
import { withRecording } from '../../storage/decorators/recording.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';
import type { Repository } from '../contract.ts';
import { walBlock } from '../wal/contract.ts';
import { openCheckJournal } from './journal.ts';

const size = BigInt(segmentSize);
const runtime = simulatedRuntime(4);
let store: ObjectStore;
let repository: Repository;
let keys: string[];

/** Six segments of one timeline, the fourth in two parts as well, and the history of another timeline. */
beforeEach(async () => {
  store = createMemoryStore({ runtime });
  repository = await createSmall({ store, runtime });
  const wal = repository.wal(systemId);
  for (let at = 0n; at < 6n; at++) await putWal(wal, 1, walBlock + at * size, walBlock + (at + 1n) * size);
  await putWal(wal, 1, walBlock + 3n * size, walBlock + 3n * size + 400n);
  await putWal(wal, 1, walBlock + 3n * size + 400n, walBlock + 4n * size);
  await wal.putHistory(2, '1\t0/1500000\n');
  keys = await keysOf(store, 'wal/');
});

async function flip(key = ''): Promise<void> {
  const bytes = Buffer.from(await store.get(key));
  bytes[bytes.length - 5] = 1 ^ (bytes[bytes.length - 5] ?? 0);
  await store.put(key, [bytes]);
}

const keyOf = (start: bigint, end: bigint): string =>
  keys.find((key) =>
    key.endsWith(`${(walBlock + start).toString(16)}-${(walBlock + end).toString(16).padStart(16, '0')}`),
  ) ?? '';

describe('a check of WAL', () => {
  it('reads the first bytes of each object, or all of it, and says so', async () => {
    const counted = withRecording(store, { methods: ['get'] });
    const opened = await openSmall({ store: counted, runtime });
    const { wal, damage, notes } = await opened.check({ readData: 0 });
    expect({ damage, notes }).toEqual({ damage: [], notes: [] });
    expect(wal).toMatchObject({ objects: 9, read: 0, bytesRead: 0, left: 0, lost: [] });
    const whole = await opened.check({ readData: 1 });
    expect(whole.wal).toMatchObject({ objects: 9, read: 9, bytesRead: whole.wal?.bytes, lost: [] });
    expect(whole.wal?.bytes).toBe((await repository.stats({})).wal.bytes);
    expect((await repository.stats({})).wal.count).toBe(9);
  });

  it('names missing and damaged segments, and what a repair cannot bring back with the moments it costs', async () => {
    await store.delete(keyOf(size, 2n * size));
    await flip(keyOf(2n * size, 3n * size));
    const { damage, wal } = await repository.check({ readData: 1 });
    const lost = [{ timeline: 1, from: '000000010000000000000011', to: '000000010000000000000012' }];
    expect(damage.map(({ object, problem }) => [object, problem])).toEqual([
      [keyOf(2n * size, 3n * size), expect.any(String)],
      [
        keyOf(size, 2n * size),
        'WAL is missing between what is stored, in 000000010000000000000011 to 000000010000000000000011',
      ],
    ]);
    expect(wal?.lost).toEqual(lost);
    const before = await keysOf(store, '');
    const settings = { readData: 1, dryRun: false, removeDamaged: false };
    const report = await repository.repair(settings);
    const sent = (end: bigint): number => 1_700_000_000_000 + Number(walBlock + end);
    expect(report.wal).toEqual([{ ...lost[0], after: sent(size), before: sent(3n * size + 400n) }]);
    expect(await keysOf(store, '')).toEqual(before);
    // Once it is gone the same WAL can come from elsewhere.
    expect((await repository.repair({ ...settings, removeDamaged: true })).removed).toEqual([
      keyOf(2n * size, 3n * size),
    ]);
    await putWal(repository.wal(systemId), 1, walBlock + size, walBlock + 3n * size);
    expect((await repository.check({ readData: 1 })).damage).toEqual([]);
  });

  it('loses nothing where other objects hold the same', async () => {
    await flip(keyOf(3n * size, 3n * size + 400n));
    const { damage, wal } = await repository.check({ readData: 1 });
    expect(damage.map(({ object }) => object)).toEqual([keyOf(3n * size, 3n * size + 400n)]);
    expect(wal?.lost).toEqual([]);
    expect((await repository.repair({ readData: 1, dryRun: true, removeDamaged: true })).wal).toEqual([]);
  });

  it('finds damage in the history of a timeline, and objects under names that are none', async () => {
    const [history = ''] = keys.filter((key) => key.endsWith('history'));
    await flip(history);
    await store.put(`${history}.old`, [Buffer.from('x')]);
    const { damage, notes } = await repository.check({ readData: 1 });
    expect(damage.map(({ object }) => object)).toEqual([history]);
    expect(notes).toMatchObject([{ kind: 'foreign-object', object: `${history}.old` }]);
  });

  it('is no damage that a read fails once, or that a prune takes parts away meanwhile', async () => {
    const key = keyOf(3n * size, 4n * size);
    const good = await store.get(key);
    let reads = 0;
    const flaky: ObjectStore = {
      ...store,
      get: async (name, range) =>
        name === key && reads++ === 0 ? new Uint8Array(good.length) : await store.get(name, range),
    };
    const once = await (await openSmall({ store: flaky, runtime })).check({ readData: 1 });
    expect(once.damage).toEqual([]);
    expect(once.notes).toMatchObject([{ kind: 'flaky-read', object: key }]);
    const gone = withFaults(store, { runtime });
    gone.addFault({
      method: 'get',
      error: 'storage.not-found',
      match: (call) => call.key === keyOf(0n, size),
      times: 2,
    });
    expect((await (await openSmall({ store: gone, runtime })).check({ readData: 1 })).damage).toEqual([]);
  });

  it('goes on where it ran out of time', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-journal-'));
    try {
      const path = join(folder, 'journal');
      const slow: ObjectStore = {
        ...store,
        async get(key, range) {
          if (key.startsWith('wal/')) await runtime.clock.sleep(400);
          return await store.get(key, range);
        },
      };
      const opened = await openSmall({ store: slow, runtime });
      let read = 0;
      for (let run = 0; run < 20; run++) {
        const journal = await openCheckJournal(path, opened.id, run > 0);
        const { wal } = await opened.check({ readData: 1, timeLimit: 1000, journal });
        await journal.close();
        read += wal?.read ?? 0;
        if (wal?.left === 0) break;
        expect(wal?.left).toBe(9 - read);
      }
      expect(read).toBe(9);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
