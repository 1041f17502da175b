import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/kernel/errors.ts';
import type { ObjectStore } from '../../src/storage/contract.ts';
import { decorate } from '../../src/storage/decorators/forward.ts';
import { createVersionedMemoryStore } from '../../src/storage/memory/versioned.ts';
import {
  begin,
  capture,
  contentsOf,
  createSmall,
  noise,
  openSmall,
  snapshotOf,
  type Contents,
} from '../repository/small-repository.ts';
import { simulatedRuntime } from '../simulated-time.ts';

/** What `holdfast lock policy writer` leaves: no deletion, no put that could replace an object, no lock made shorter. */
function appendOnly(store: ObjectStore): { readonly store: ObjectStore; readonly refused: string[] } {
  const refused: string[] = [];
  const around = async <T>(call: Parameters<Parameters<typeof decorate>[1]>[0], work: () => Promise<T>): Promise<T> => {
    const overwrites = call.method === 'put' && call.options?.ifAbsent !== true;
    if (!overwrites && call.method !== 'delete') return await work();
    refused.push(`${call.method} ${call.key}`);
    throw new HoldfastError('storage.denied', `${call.method} of ${call.key} denied`, { resource: call.key });
  };
  return { refused, store: decorate(store, around, (prefix) => store.list(prefix)) };
}

const first: Contents = { tools: { a: noise(9000, 'a'), b: 'b' }, logs: { x: noise(400, 'x') } };
const second: Contents = { ...first, logs: { x: noise(500, 'y') } };

describe('credentials that may only add', () => {
  it('make repositories, snapshots, resume interrupted ones, restore; only tidying is refused', async () => {
    const runtime = simulatedRuntime(1);
    const lock = { mode: 'compliance', days: 10 } as const;
    const { store, refused } = appendOnly(createVersionedMemoryStore({ runtime }));
    const events: unknown[] = [];
    const small = { store, runtime, lock, events: (event: { type: string }) => events.push(event.type) };
    const info = await snapshotOf(await createSmall(small), first);
    for (let i = 0; i < 12; i++) {
      await runtime.clock.sleep(1000);
      await snapshotOf(await openSmall(small), first);
    }
    await runtime.clock.sleep(1000);

    const interrupted = await begin(await openSmall(small));
    await capture(interrupted, 'tools', second['tools'] ?? {});
    await interrupted.suspend();
    await runtime.clock.sleep(60_000);
    const resumed = await openSmall(small);
    const session = await begin(resumed, true);
    expect([...session.finished.keys()]).toEqual(['local/tools']);
    await capture(session, 'logs', second['logs'] ?? {});
    const newest = await session.commit([]);

    const reader = await openSmall(small);
    expect(await contentsOf(reader, info)).toEqual(first);
    expect(await contentsOf(reader, newest)).toEqual(second);
    expect((await reader.verify({ readData: 1 })).damage).toEqual([]);
    await reader.lock.extend({});
    await reader.audit.record('copy', {});
    expect(refused.filter((call) => !/^delete (sessions|leases)\//.test(call))).toEqual([]);
    // Each tidying gives up at its first refusal, instead of asking once more for all that was ever left.
    expect(refused.length).toBeLessThan(14 * 4);
    expect(events).not.toContain('notice');
  });
});
