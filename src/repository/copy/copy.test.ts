import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keysOf } from '../../../test/repository/copy-store.ts';
import {
  begin,
  capture,
  contentsOf,
  createSmall,
  noise,
  openSmall,
  passphrase,
  snapshotOf,
  type Contents,
} from '../../../test/repository/small-repository.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import { withFaults } from '../../storage/decorators/faults.ts';
import { createMemoryStore } from '../../storage/memory/index.ts';
import type { Repository } from '../contract.ts';
import { createRepository } from '../index.ts';
import type { CopyReport } from './contract.ts';

const film = noise(1_500_000, 'film');
const first: Contents = {
  logs: { a: noise(3000, 1), b: 'b' },
  media: { film, 'small.txt': 'x'.repeat(100), tail: noise(300_000, 2) },
  tools: Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`t${i}`, noise(200, `t${i}`)])),
};
const second: Contents = {
  ...first,
  media: { ...first['media'], film: `${film.slice(0, 700_000)}changed${film.slice(700_000)}` },
  tools: { ...first['tools'], new: noise(500, 'new') },
};

interface Pair {
  readonly runtime: Runtime;
  readonly from: ObjectStore;
  readonly to: ObjectStore;
  readonly source: Repository;
  readonly target: Repository;
}

/** Two repositories of their own secrets, or of the same ids. */
async function pairOf(sameIds: boolean, ...snapshots: readonly Contents[]): Promise<Pair> {
  const runtime = simulatedRuntime(1);
  const from = createMemoryStore({ runtime });
  const to = createMemoryStore({ runtime });
  const source = await createSmall({ store: from, runtime });
  for (const contents of snapshots) {
    await snapshotOf(source, contents);
    await runtime.clock.sleep(1000);
  }
  const target = sameIds ? await alike(to, runtime, source) : await createSmall({ store: to, runtime });
  return { runtime, from, to, source, target };
}

async function alike(store: ObjectStore, runtime: Runtime, sameIdsAs: Repository): Promise<Repository> {
  const scrypt = { n: 2, r: 8, p: 1 };
  return await createRepository({ store, runtime, passphrase, scrypt, sameIdsAs, settings: { workers: 0 } });
}

async function copyAll(source: Repository, target: Repository, dryRun = false): Promise<CopyReport> {
  return await source.copyTo(target, { snapshots: (await source.snapshots()).list, dryRun });
}

async function expectEqual(source: Repository, target: Repository, contents: readonly Contents[]): Promise<void> {
  const { list } = await target.snapshots();
  const { list: originals } = await source.snapshots();
  expect(
    list.map(({ id, startedAt, committedAt, outcome, tags }) => [id, startedAt, committedAt, outcome, tags]),
  ).toEqual(
    originals.map(({ id, startedAt, committedAt, outcome, tags }) => [id, startedAt, committedAt, outcome, tags]),
  );
  for (const [i, info] of list.entries()) expect(await contentsOf(target, info)).toEqual(contents[i]);
  expect((await target.verify({ readData: 1 })).damage).toEqual([]);
}

const outcomes = ({ snapshots }: CopyReport): string[] => snapshots.map(({ outcome }) => outcome);

describe.each([
  ['secrets of its own', false],
  ['the same ids', true],
])('a copy to a repository with %s', (_name, sameIds) => {
  it('equals the source, is made once, and says where it comes from', async () => {
    const { source, target } = await pairOf(sameIds, first, second);
    const report = await copyAll(source, target);
    expect(report.sameIds).toBe(sameIds);
    expect(outcomes(report)).toEqual(['copied', 'copied']);
    await expectEqual(source, target, [first, second]);
    expect((await target.snapshots()).list.map(({ copiedFrom }) => copiedFrom)).toEqual([source.id, source.id]);
    expect(outcomes(await copyAll(source, target))).toEqual(['present', 'present']);
  });

  it('reads only what is missing', async () => {
    const { source, target, runtime, from, to } = await pairOf(sameIds, first);
    await copyAll(source, target);
    await snapshotOf(source, second);
    const counted = (await copyAll(source, target, true)).snapshots[1];
    // In a run of its own, that remembers nothing.
    const again = await openSmall({ store: to, runtime });
    const copied = (await copyAll(await openSmall({ store: from, runtime }), again)).snapshots[1];
    expect(copied?.outcome).toBe('copied');
    // The changed file, whole where its chunks have other ids, and a new one of 500 bytes.
    if (!sameIds) expect(copied?.bytesRead).toBe(1_500_007 + 500);
    else expect(copied?.bytesRead).toBeLessThan(1_500_007);
    expect(counted).toMatchObject({ outcome: 'counted', bytesRead: copied?.bytesRead });
    await expectEqual(source, again, [first, second]);
  });

  it('is recognised by what the target writes by itself', async () => {
    const { source, target } = await pairOf(sameIds, first);
    await copyAll(source, target);
    const { totals } = await snapshotOf(target, first);
    expect(totals.storedBytes).toBeLessThan(2000);
    expect(totals.reused).toBe(totals.entries);
  });

  it('costs only the snapshots that damage touches, and names it', async () => {
    const { source, target, runtime, from } = await pairOf(sameIds, { tools: { a: noise(900, 'a') } });
    const before = await keysOf(from, 'data/');
    await snapshotOf(source, { tools: { b: noise(900, 'b') }, whole: { c: 'c' } });
    await runtime.clock.sleep(1000);
    const [damaged = ''] = (await keysOf(from, 'data/')).filter((key) => !before.includes(key));
    await snapshotOf(source, { tools: { c: noise(900, 'c') } });
    const bytes = Uint8Array.from(await from.get(damaged));
    bytes[200] = (bytes[200] ?? 0) ^ 1;
    await from.put(damaged, [bytes]);
    const report = await copyAll(await openSmall({ store: from, runtime }), target);
    expect(outcomes(report)).toEqual(['copied', 'failed', 'copied']);
    expect(report.snapshots[1]?.error).toMatchObject({ code: 'repository.corrupt', resource: damaged });
    expect(report.snapshots[1]?.error?.message).toContain(':local/tools');
    expect((await target.snapshots()).list).toHaveLength(2);
    expect((await target.verify({ readData: 1 })).damage).toEqual([]);
  });
});

describe('a copy', () => {
  it('equals its source, whatever that holds', async () => {
    const name = fc.stringMatching(/^[a-z]{1,6}$/);
    const length = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(128, 129, 262_144, 262_145, 600_000));
    const files = fc.dictionary(name, length, { maxKeys: 6 });
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, files, { maxKeys: 3 }), fc.boolean(), async (shape, sameIds) => {
        const contents = Object.fromEntries(
          Object.entries(shape).map(([resource, sizes]) => [
            resource,
            Object.fromEntries(Object.entries(sizes).map(([key, size]) => [key, noise(size, `${resource}/${key}`)])),
          ]),
        );
        const { source, target } = await pairOf(sameIds, contents);
        await copyAll(source, target);
        await expectEqual(source, target, [contents]);
      }),
      { numRuns: 12 },
    );
  });

  it('goes on within a resource', async () => {
    const { source, to, runtime } = await pairOf(false);
    const session = await begin(source);
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`f${i}`, noise(40_000, `f${i}`)]));
    await capture(session, 'tools', many);
    await session.commit([]);
    // Every look at the clock costs a second: checkpoints fall due in the middle.
    const ticking: Runtime = { ...runtime, clock: { ...runtime.clock, now: () => (ticks += 1000) } };
    let ticks = runtime.clock.now();
    const store = withFaults(to, { runtime });
    const target = await openSmall({ store, runtime: ticking });
    store.addFault({ method: 'put', match: ({ key }) => /^sessions\/.*3$/.test(key), error: 'storage.denied' });
    store.addFault({ method: 'put', match: ({ key }) => key.startsWith('snapshots/'), error: 'storage.denied' });
    await expect(copyAll(source, target)).rejects.toMatchObject({ code: 'storage.denied' });
    store.clearFaults();
    const again = await openSmall({ store, runtime: simulatedRuntime(4, ticks + 100_000) });
    const [copied] = (await copyAll(source, again)).snapshots;
    expect(copied?.outcome).toBe('copied');
    expect(copied?.bytesRead).toBeLessThan(60 * 40_000);
    await expectEqual(source, again, [{ tools: many }]);
  });

  it('can be copied on and back, and stays the same snapshot', async () => {
    const { source, target, runtime, from } = await pairOf(false, first);
    await copyAll(source, target);
    const third = await createSmall({ store: createMemoryStore({ runtime }), runtime });
    await copyAll(target, third);
    expect(await contentsOf(third, await third.find('latest'))).toEqual(first);
    expect((await third.find('latest')).copiedFrom).toBe(source.id);
    expect(outcomes(await copyAll(third, source))).toEqual(['present']);
    for (const key of await keysOf(from, 'snapshots/')) await from.delete(key);
    const emptied = await openSmall({ store: from, runtime });
    expect(outcomes(await copyAll(third, emptied))).toEqual(['copied']);
    expect(await contentsOf(emptied, await emptied.find('latest'))).toEqual(first);
  });

  it('is made once where two make it at the same time', async () => {
    const { source, target, runtime, to, from } = await pairOf(true, first);
    const other = await openSmall({ store: to, runtime });
    const reports = await Promise.allSettled([
      copyAll(source, target),
      copyAll(await openSmall({ store: from, runtime }), other),
    ]);
    expect(reports.some(({ status }) => status === 'fulfilled')).toBe(true);
    const opened = await openSmall({ store: to, runtime });
    await expectEqual(source, opened, [first]);
  });

  it('is refused onto itself and leaves its intent and outcome in the audit log', async () => {
    const { source, target, from, runtime } = await pairOf(false, first);
    const same = await openSmall({ store: from, runtime });
    await expect(copyAll(source, same)).rejects.toMatchObject({ code: 'usage.invalid' });
    await copyAll(source, target);
    const { records } = await source.audit.verify();
    expect(records.map(({ action, phase }) => [action, phase])).toEqual([
      ['copy', 'intent'],
      ['copy', 'outcome'],
    ]);
  });
});
