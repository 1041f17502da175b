import { describe, expect, it } from 'vitest';
import { keysOf } from '../../../test/repository/copy-store.ts';
import { openSmall, snapshotOf } from '../../../test/repository/small-repository.ts';
import { withFaults } from '../../storage/decorators/faults.ts';
import { isCrash, withRecording, type CrashPoint, type RecordedCall } from '../../storage/decorators/recording.ts';
import { dayMs } from './contract.ts';
import { contents, kept, lockOf, stage } from './lock-for-test.ts';

describe('extending', () => {
  it('keeps its records few, also where nothing can be deleted', async () => {
    for (const deletes of [true, false]) {
      const { store, small, runtime } = await stage();
      const kept = withFaults(store, { runtime });
      if (!deletes) kept.addFault({ method: 'delete', error: 'storage.denied', times: Infinity });
      for (let day = 0; day < 40; day++) {
        await runtime.clock.sleep(5 * dayMs);
        await snapshotOf(await openSmall({ ...small, store: kept }), { tools: { x: `${day}` } });
      }
      const records = await keysOf(store, 'locks/');
      expect(records.length).toBeLessThan(deletes ? 16 : 50);
      let bytes = 0;
      for (const key of records) bytes += (await store.stat(key))?.size ?? 0;
      expect(bytes).toBeLessThan(deletes ? 30_000 : 100_000);
    }
  });
});

describe('a process that dies while extending', () => {
  it('at any call loses no lock, and the next run completes it without doing it again', async () => {
    const writes: readonly string[] = ['put', 'delete', 'extendLock'];
    const methods = ['get', 'put', 'list', 'stat', 'delete', 'extendLock', 'readLock'] as const;
    async function run(crash?: CrashPoint): Promise<{ calls: readonly RecordedCall[]; extended: number }> {
      const { store, small, runtime } = await stage();
      await snapshotOf(await openSmall(small), contents(1));
      await runtime.clock.sleep(6 * dayMs);
      const recorded = withRecording(store, { methods, ...(crash ? { crash } : {}) });
      try {
        await (await openSmall({ ...small, store: recorded })).lock.extend({});
      } catch (error) {
        if (!isCrash(error)) throw error;
      }
      const second = await (await openSmall(small)).lock.extend({});
      const status = await (await openSmall(small)).lock.status(1);
      expect(status).toMatchObject({ weaker: [], problems: [], suspicions: [] });
      expect(second.failed).toBe(0);
      for (const prefix of kept)
        for (const key of await keysOf(store, prefix))
          expect(await lockOf(store, key)).toBeGreaterThan(runtime.clock.now() + 10 * dayMs);
      return { calls: recorded.calls, extended: second.extended };
    }
    const whole = await run();
    expect(whole.extended).toBe(0);
    for (const [call, { method }] of whole.calls.entries()) {
      await run({ call, when: 'before' });
      // Of a read nothing stays.
      if (writes.includes(method)) await run({ call, when: 'after' });
    }
  });
});
