import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../test/runs.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { isCode } from '../../kernel/errors.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import { withFaults } from '../../storage/decorators/faults.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';
import { acquireLease, keepLease, leasePrefix, type Lease } from './lease.ts';

const leaseMs = 20_000;

async function keysOf(store: { list(prefix: string): AsyncIterable<{ key: string }> }): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(leasePrefix)) keys.push(key);
  return keys;
}

async function passes(lease: Lease): Promise<boolean> {
  try {
    await lease.check();
    return true;
  } catch (error) {
    if (!isCode(error, 'repository.lease-lost')) throw error;
    return false;
  }
}

/** How one contender behaves once it holds the lease. */
interface Behaviour {
  readonly startMs: number;
  readonly workMs: number;
  readonly end: 'release' | 'die' | 'stall';
}

async function contend(runtime: Runtime, behaviours: readonly Behaviour[]): Promise<number[]> {
  const store = createMemoryStore({ runtime });
  const generations: number[] = [];
  let holder: { until: number } | undefined;
  await Promise.all(
    behaviours.map(async ({ startMs, workMs, end }) => {
      await runtime.clock.sleep(startMs);
      const lease = await acquireLease(store, runtime);
      const acquiredAt = runtime.clock.now();
      if (holder && acquiredAt < holder.until) throw new Error('two held the lease at the same time');
      const mine = { until: acquiredAt + leaseMs };
      holder = mine;
      generations.push(lease.generation);
      await runtime.clock.sleep(end === 'stall' ? leaseMs + workMs : workMs);
      const isHeld = await passes(lease);
      // Nobody followed: it may still commit. Somebody did: it must not.
      expect(isHeld).toBe(holder === mine);
      if (end === 'die') return;
      if (holder === mine) mine.until = runtime.clock.now();
      await lease.release();
    }),
  );
  return generations;
}

describe('lease', () => {
  it('is held by one of sixteen contenders at a time, whether they release, die or stall', async () => {
    const behaviour = fc.record<Behaviour>({
      startMs: fc.nat({ max: 3000 }),
      workMs: fc.nat({ max: 6000 }),
      end: fc.constantFrom('release', 'release', 'release', 'die', 'stall'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(behaviour, { minLength: 16, maxLength: 16 }), fc.nat(), async (behaviours, seed) => {
        const generations = await contend(simulatedRuntime(seed), behaviours);
        expect(generations).toHaveLength(16);
        expect(generations).toEqual([...generations].sort((a, b) => a - b));
        expect(new Set(generations).size).toBe(16);
      }),
      { numRuns: runs(15, 500) },
    );
  });

  it('is free at once when released, and after twenty seconds when its holder died', async () => {
    const runtime = simulatedRuntime(1);
    const store = createMemoryStore({ runtime });
    const first = await acquireLease(store, runtime);
    await first.release();
    const releasedAt = runtime.clock.now();
    const second = await acquireLease(store, runtime);
    expect(runtime.clock.now()).toBe(releasedAt);
    expect(second.generation).toBe(2);
    const third = await acquireLease(store, runtime);
    expect(runtime.clock.now() - releasedAt).toBeGreaterThanOrEqual(leaseMs);
    expect(runtime.clock.now() - releasedAt).toBeLessThan(leaseMs + 2000);
    await expect(second.check()).rejects.toMatchObject({ code: 'repository.lease-lost' });
    await third.check();
  });

  it('fences a contender that slept while generations went by and were tidied away', async () => {
    const runtime = simulatedRuntime(2);
    const memory = createMemoryStore({ runtime });
    const store = withFaults(memory, {
      runtime,
      faults: [{ method: 'put', match: ({ key }) => key.endsWith('0001'), sleepMs: 3_600_000 }],
    });
    const sleeper = acquireLease(store, runtime);
    for (let i = 0; i < 15; i++) await (await acquireLease(memory, runtime)).release();
    expect((await keysOf(memory))[0]).not.toContain('0000000001');
    const late = await sleeper;
    expect(late.generation).toBe(1);
    await expect(late.check()).rejects.toMatchObject({ code: 'repository.lease-lost' });
    await late.release();
    expect((await acquireLease(memory, runtime)).generation).toBe(16);
  });

  it('keeps few objects', async () => {
    const runtime = simulatedRuntime(3);
    const store = createMemoryStore({ runtime });
    for (let i = 0; i < 40; i++) await (await acquireLease(store, runtime)).release();
    expect((await keysOf(store)).length).toBeLessThan(24);
  });

  it('takes no notice of leases that cannot be read', async () => {
    const runtime = simulatedRuntime(4);
    const store = createMemoryStore({ runtime });
    for (const [i, text] of ['', 'null', '{', '{"expiresAt":"never"}', '[]'].entries()) {
      await store.put(`${leasePrefix}000000000${i + 1}`, [Buffer.from(text)]);
      expect(await acquireLease(store, runtime).then(async (lease) => (await lease.release(), lease.generation))).toBe(
        i + 2,
      );
      await store.delete(`${leasePrefix}000000000${i + 2}`);
      await store.delete(`${leasePrefix}000000000${i + 2}.released`);
    }
  });

  it('gives up after ten minutes of somebody else', async () => {
    const runtime = simulatedRuntime(5);
    const store = createMemoryStore({ runtime });
    const other = await acquireLease(store, runtime);
    const keeping = keepLease(other, runtime);
    await expect(acquireLease(store, runtime)).rejects.toMatchObject({ code: 'repository.lease-lost' });
    await keeping.stop();
  });

  it('is kept by renewing it, however wrong the clocks of others are, and lost to nobody meanwhile', async () => {
    const runtime = simulatedRuntime(6);
    const store = createMemoryStore({ runtime });
    const lease = await acquireLease(store, runtime);
    const keeping = keepLease(lease, runtime);
    const days = 24 * 3_600_000;
    const contenders = [-3 * days, 3_600_000, 3 * days].map((ahead) =>
      acquireLease(store, { ...runtime, clock: { ...runtime.clock, now: () => runtime.clock.now() + ahead } }),
    );
    await runtime.clock.sleep(120_000);
    await lease.check();
    expect(lease.generation).toBeGreaterThan(10);
    await keeping.stop();
    await lease.release();
    const next = await Promise.race(contenders);
    expect(next.generation).toBe(lease.generation + 1);
    await expect(lease.check()).rejects.toMatchObject({ code: 'repository.lease-lost' });
    await Promise.all(contenders);
  });

  it('is not renewed once somebody else has the next generation', async () => {
    const runtime = simulatedRuntime(7);
    const store = createMemoryStore({ runtime });
    const frozen = await acquireLease(store, runtime);
    expect(await frozen.isOvertaken()).toBe(false);
    const next = await acquireLease(store, runtime);
    await expect(frozen.renew()).rejects.toMatchObject({ code: 'repository.lease-lost' });
    expect(await frozen.isOvertaken()).toBe(true);
    await next.check();
  });
});
