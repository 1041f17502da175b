import { describe, expect, it } from 'vitest';
import { isCode } from '../../src/kernel/errors.ts';
import type { Runtime } from '../../src/kernel/runtime.ts';
import type { Repository } from '../../src/repository/contract.ts';
import type { ObjectStore } from '../../src/storage/contract.ts';
import { createMemoryStore } from '../../src/storage/memory/index.ts';
import { restoredAt } from '../repository/copy-store.ts';
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
import { digestOf } from './model.ts';
import { simulatedProcess, type SimulatedProcess } from './simulated-process.ts';

const minute = 60_000;
const hour = 60 * minute;
const longestSession = 24 * hour;
const overGrace = longestSession + 2 * hour;

function files(count: number, seed: string): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, noise(2500, `${seed}/${i}`)]));
}

async function expectSnapshots(repository: Repository, wanted: readonly Contents[]): Promise<void> {
  expect((await repository.verify({ readData: 1 })).damage).toEqual([]);
  const found: string[] = [];
  for (const info of (await repository.snapshots()).list) found.push(digestOf(await contentsOf(repository, info)));
  expect(found.sort()).toEqual(wanted.map(digestOf).sort());
}

describe('two prunes at once', () => {
  const kept: Contents = { tools: { ...files(4, 'a'), ...files(1, 'b') } };

  /** A mark that is due, another one that is to be made, a pack to rewrite. */
  async function prepare(store: ObjectStore, runtime: Runtime): Promise<void> {
    await createSmall({ store, runtime, longestSession, packTarget: 16 * 1024 });
    const other: Contents = { tools: { ...files(4, 'a'), ...files(1, 'b') }, gone: files(8, 'gone') };
    const first = await snapshotOf(await openSmall({ store, runtime }), other);
    await runtime.clock.sleep(hour);
    await snapshotOf(await openSmall({ store, runtime }), kept);
    await store.delete(`snapshots/${first.id}`);
    await (await openSmall({ store, runtime })).prune({ maxUnused: 1 });
    const second = await snapshotOf(await openSmall({ store, runtime }), { more: files(8, 'more') });
    await store.delete(`snapshots/${second.id}`);
    await runtime.clock.sleep(overGrace);
  }

  it(
    'the one while the other is stopped at any of its calls, delete no more than one',
    { timeout: 600_000 },
    async () => {
      const prepared = simulatedRuntime(1);
      const from = createMemoryStore({ runtime: prepared });
      await prepare(from, prepared);
      let swept = 0;
      for (let call = 0, isOver = false; !isOver; call++) {
        const runtime = simulatedRuntime(2, prepared.clock.now());
        const store = await restoredAt(from, runtime);
        isOver = true;
        const first = simulatedProcess(
          { runtime, store },
          {
            async around({ number }, when, process) {
              if (number !== call || when !== 'before') return;
              isOver = false;
              process.freeze();
              swept += (await (await openSmall({ store, runtime })).prune({ maxUnused: 0 })).swept.packs;
              process.thaw();
            },
          },
        );
        try {
          swept += (await (await openSmall(first)).prune({ maxUnused: 0 })).swept.packs;
        } catch (error) {
          if (!isCode(error, 'repository.lease-lost')) throw error;
        }
        first.kill();
        const last = await openSmall({ store, runtime });
        await expectSnapshots(last, [kept]);
        await runtime.clock.sleep(overGrace);
        await last.prune({ maxUnused: 0 });
        await expectSnapshots(last, [kept]);
      }
      expect(swept).toBeGreaterThan(0);
    },
  );
});

describe('two processes that take themselves for the same host', () => {
  it(
    'do not go on with one session while both live; where one was stopped, both store what they saw',
    { timeout: 300_000 },
    async () => {
      const runtime = simulatedRuntime(1);
      const store = createMemoryStore({ runtime });
      const others = await createSmall({ store, runtime, longestSession, packTarget: 16 * 1024 });
      const tools = files(8, 'tools');
      const first = simulatedProcess({ runtime, store });
      const second = simulatedProcess({ runtime, store });
      second.jump(-hour);
      const session = await begin(await openSmall(first));
      await capture(session, 'tools', tools);
      await runtime.clock.sleep(2 * minute);
      const repository = await openSmall(second);
      await expect(begin(repository, true)).rejects.toMatchObject({ code: 'repository.session-active' });
      first.freeze();
      await runtime.clock.sleep(2 * hour);
      const resumed = await begin(repository, true);
      expect([...resumed.finished.keys()]).toEqual(['local/tools']);
      await capture(resumed, 'logs', files(4, 'second'));
      // Between them somebody prunes: what only the stopped one has stored may be marked, and is spared or stored again.
      await others.prune({ maxUnused: 0 });
      await resumed.commit([]);
      first.thaw();
      await capture(session, 'logs', files(4, 'first'));
      await session.commit([]);
      const wanted = ['first', 'second'].map((seed): Contents => ({ tools, logs: files(4, seed) }));
      await expectSnapshots(others, wanted);
      await runtime.clock.sleep(overGrace);
      await others.prune({ maxUnused: 0 });
      await expectSnapshots(others, wanted);
    },
  );
});

describe('fourteen days', () => {
  /** Of each client: on which day its clock is set, and by how much. */
  const jumps: readonly Readonly<Record<number, number>>[] = [
    { 2: 5 * minute, 5: -5 * minute },
    { 3: hour, 6: -2 * hour, 9: hour },
    { 4: 72 * hour, 8: -144 * hour, 11: 72 * hour },
  ];

  it(
    'of three clients that snapshot, forget, prune and copy, with clocks that are set: all is whole, garbage goes',
    { timeout: 600_000 },
    async () => {
      const runtime = simulatedRuntime(1);
      const store = createMemoryStore({ runtime });
      const target = createMemoryStore({ runtime });
      const settings = { longestSession, packTarget: 16 * 1024 };
      await createSmall({ store, runtime, ...settings });
      await createSmall({ store: target, runtime, ...settings });
      const contents = new Map<string, Contents>();
      let sweptBytes = 0;

      async function day(client: SimulatedProcess, number: number, today: number): Promise<void> {
        const estate = `estate ${number}`;
        client.jump(jumps[number]?.[today] ?? 0);
        await client.runtime.clock.sleep(number * 7 * minute);
        const repository = await openSmall(client);
        // Most of it is what all have; some of it comes back after days.
        const tools = {
          ...files(10, 'shared'),
          ...files(4, `${number}/${today % 6}`),
          note: noise(900, `${number}/${today}`),
        };
        const session = await repository.startSession({ estate, host: estate, tags: {}, resume: false });
        await capture(session, 'tools', tools);
        await client.runtime.clock.sleep(5 * minute);
        const { id } = await session.commit([]);
        contents.set(id, { tools });
        const { forgotten } = await repository.forget({
          wanted: { type: 'policies', estate, policies: [{ keep: { count: { last: 3 }, within: {}, tags: [] } }] },
          dryRun: false,
        });
        for (const gone of forgotten) contents.delete(gone);
        if (number === today % 3) sweptBytes += (await repository.prune({ maxUnused: 0.05 })).swept.bytes;
        else if (number === (today + 1) % 3) {
          const { list } = await repository.snapshots();
          const { snapshots } = await repository.copyTo(await openSmall({ store: target, runtime: client.runtime }), {
            snapshots: list.slice(-4),
          });
          for (const { snapshot, outcome } of snapshots)
            if (contents.has(snapshot.id)) expect(outcome).toMatch(/copied|present/);
        }
      }
      const clients = jumps.map(() => simulatedProcess({ runtime, store }));
      for (let today = 0; today < 14; today++) {
        const midnight = runtime.clock.now();
        await Promise.all(clients.map((client, number) => day(client, number, today)));
        await expectSnapshots(await openSmall({ store, runtime }), [...contents.values()]);
        await runtime.clock.sleep(midnight + 24 * hour - runtime.clock.now());
      }
      expect(contents.size).toBeLessThan(20);
      expect(sweptBytes).toBeGreaterThan(100_000);
      const copies = await openSmall({ store: target, runtime });
      expect((await copies.verify({ readData: 1 })).damage).toEqual([]);
      expect((await copies.snapshots()).list.length).toBeGreaterThan(9);
      for (let i = 0; i < 2; i++) {
        await (await openSmall({ store, runtime })).prune({ maxUnused: 0 });
        await runtime.clock.sleep(overGrace);
      }
      const { stored, neededBytes } = await (await openSmall({ store, runtime })).prune({ maxUnused: 0, dryRun: true });
      expect(stored.bytes).toBeLessThan(neededBytes * 1.5);
      await expectSnapshots(await openSmall({ store, runtime }), [...contents.values()]);
    },
  );
});
