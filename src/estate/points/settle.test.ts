import { describe, expect, it } from 'vitest';
import { createPointProvider, pointedThings, type PointProvider } from '../../../test/estate/kept-points.ts';
import { createTestEstate, source, type TestEstate } from '../../../test/estate/memory-estate.ts';
import { addThing, createProvider } from '../../../test/estate/things.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import type { SnapshotInfo } from '../../repository/contract.ts';
import { takeSnapshot } from '../snapshot.ts';
import { settleSnapshot } from './settle.ts';

const minute = 60_000;

interface Scene {
  readonly made: TestEstate;
  readonly kept: PointProvider;
  readonly runtime: Runtime;
  readonly pending: SnapshotInfo;
}

/** A snapshot with one pending point for each of two things, and a copy of each that is not begun. */
async function scene(): Promise<Scene> {
  const runtime = simulatedRuntime(3);
  const provider = createProvider();
  for (const name of ['a', 'b']) addThing(provider, 'us-east-1', name);
  const kept = createPointProvider(90 * minute);
  const made = await createTestEstate(
    [pointedThings(provider, kept, runtime.clock)],
    { sources: [source('things', { options: { points: { copyTo: 'us-west-2' } } })] },
    { runtime },
  );
  const everything = { selection: { selectors: [] }, tags: { why: 'test' }, resume: false, wait: minute };
  const { info } = await takeSnapshot(made.estate, made.repository, everything, made.lookup);
  expect(info).toMatchObject({ outcome: 'partial', pendingPoints: 4 });
  return { made, kept, runtime, pending: info };
}

async function settle({ made }: Scene, info: SnapshotInfo, wait = 600 * minute) {
  return await settleSnapshot(made.again(), await made.reopen(), info, { wait }, made.lookup);
}

async function listed({ made }: Scene): Promise<readonly SnapshotInfo[]> {
  return (await (await made.reopen()).snapshots()).list;
}

describe('snapshot --settle', () => {
  it('follows what is pending to its end and puts the whole snapshot in the place of the partial one', async () => {
    const at = await scene();
    const { info, manifest } = await settle(at, at.pending);
    expect(info.outcome).toBe('complete');
    expect(info.pendingPoints).toBeUndefined();
    expect(info.settles).toBe(at.pending.id);
    const { id: _id, settles: _settles, outcome: _outcome, pendingPoints: _pending, ...same } = at.pending;
    expect(info).toMatchObject(same);
    expect(await listed(at)).toEqual([info]);
    expect(manifest.points.map(({ state }) => state)).toEqual(Array.from({ length: 4 }, () => 'available'));
    expect(manifest.components[0]?.source).toMatchObject({ expected: 2, captured: 2, partial: 0, failures: [] });
    const reader = await (await at.made.reopen()).open(info);
    const resource = await reader.resource('things/a');
    const entry = await resource?.entry('objects', 'a.txt');
    expect(entry && Buffer.from((await resource?.bytes(entry)) ?? []).toString()).toBe('a of a');
    expect(resource?.points).toHaveLength(2);
    expect((await (await at.made.reopen()).check({ readData: 1 })).damage).toEqual([]);
  });

  it('stays partial until the last one has ended, and goes on from there', async () => {
    const at = await scene();
    const first = await settle(at, at.pending, 120 * minute);
    expect(first.info).toMatchObject({ outcome: 'partial', settles: at.pending.id });
    expect(first.info.pendingPoints).toBe(2);
    const second = await settle(at, first.info);
    expect(second.info).toMatchObject({ outcome: 'complete', settles: at.pending.id });
    expect((await listed(at)).map(({ id }) => id)).toEqual([second.info.id]);
  });

  it('writes no snapshot where nothing has ended', async () => {
    const at = await scene();
    const { info } = await settle(at, at.pending, 5 * minute);
    expect(info).toEqual(at.pending);
    expect(await listed(at)).toEqual([at.pending]);
  });

  it('says what failed, and keeps that one partial', async () => {
    const at = await scene();
    const [key = '', held] = [...at.kept.held][0] ?? [];
    if (held) at.kept.held.set(key, { ...held, isBad: true });
    const { info, manifest } = await settle(at, at.pending);
    expect(info).toMatchObject({ outcome: 'partial' });
    expect(info.pendingPoints).toBeUndefined();
    // The point itself, and the copy that it will never have.
    expect(manifest.components[0]?.source.failures.map(({ code }) => code)).toEqual([
      'item.point-failed',
      'item.point-failed',
    ]);
    expect(manifest.components[0]?.source).toMatchObject({ captured: 1, partial: 1 });
  });

  it('leaves one that the configuration no longer knows as it was, and says so', async () => {
    const at = await scene();
    const estate = at.made.again({ sources: [] });
    const { info } = await settleSnapshot(estate, await at.made.reopen(), at.pending, { wait: minute }, at.made.lookup);
    expect(info).toEqual(at.pending);
    const notices = at.made.events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
    expect(notices.join()).toContain('no source of the configuration is called things');
  });

  it('leaves one snapshot, whole, where two do it at once', async () => {
    const at = await scene();
    const both = await Promise.allSettled([settle(at, at.pending), settle(at, at.pending)]);
    // One may find that the other has replaced what it looked at.
    const failures = both.flatMap((one) => (one.status === 'rejected' ? [one.reason as HoldfastError] : []));
    expect(failures.every(({ code }) => code === 'snapshot.not-found')).toBe(true);
    const list = await listed(at);
    expect(list).toHaveLength(1);
    expect(list[0]).toMatchObject({ outcome: 'complete', settles: at.pending.id });
    expect([...at.kept.held.keys()]).toHaveLength(4);
  });

  it('finishes what one began that died before the old snapshot was gone', async () => {
    const at = await scene();
    const old = await at.made.store.get(`snapshots/${at.pending.id}`);
    const { info } = await settle(at, at.pending);
    await at.made.store.put(`snapshots/${at.pending.id}`, [old], { ifAbsent: true });
    expect(await listed(at)).toHaveLength(2);
    expect((await settle(at, at.pending)).info).toEqual(info);
    expect(await listed(at)).toEqual([info]);
  });

  it('refuses a snapshot that is not there', async () => {
    const at = await scene();
    await at.made.store.delete(`snapshots/${at.pending.id}`);
    await expect(settle(at, at.pending)).rejects.toBeInstanceOf(HoldfastError);
  });
});
