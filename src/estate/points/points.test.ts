import { describe, expect, it } from 'vitest';
import { createPointProvider, pointedThings, type PointProvider } from '../../../test/estate/kept-points.ts';
import { createTestEstate, source, type TestEstate } from '../../../test/estate/memory-estate.ts';
import { addThing, createProvider } from '../../../test/estate/things.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { HoldfastError, isCode } from '../../kernel/errors.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import { renderManifest } from '../manifest.ts';
import { takeSnapshot } from '../snapshot.ts';

const everything = { selection: { selectors: [] }, tags: {}, resume: false };
const minute = 60_000;
const day = 24 * 60 * minute;

interface Scene {
  readonly made: TestEstate;
  readonly kept: PointProvider;
  readonly runtime: Runtime;
}

async function scene(options: object = { points: true }, names: readonly string[] = ['web']): Promise<Scene> {
  const runtime = simulatedRuntime(7);
  const provider = createProvider();
  for (const name of names) addThing(provider, 'us-east-1', name);
  const kept = createPointProvider();
  const made = await createTestEstate(
    [pointedThings(provider, kept, runtime.clock)],
    { sources: [source('things', { options: options as never })] },
    { runtime },
  );
  return { made, kept, runtime };
}

async function take({ made }: Scene, more: { readonly resume?: boolean; readonly wait?: number } = {}) {
  return await takeSnapshot(made.again(), await made.reopen(), { ...everything, ...more }, made.lookup);
}

const times = (calls: readonly string[], operation: string): number =>
  calls.filter((call) => call.startsWith(`${operation} `)).length;

describe('recovery points of a snapshot', () => {
  it('asks nothing of the provider where no source asks for them', async () => {
    for (const options of [{}, { points: false }]) {
      const at = await scene(options);
      const { info, manifest } = await take(at);
      expect([info.outcome, info.pendingPoints, manifest.points, at.kept.calls]).toEqual([
        'complete',
        undefined,
        [],
        [],
      ]);
    }
  });

  it('starts them, follows them to their end, and says which moment each stands for', async () => {
    const at = await scene();
    const began = at.runtime.clock.now();
    const { info, manifest } = await take(at);
    expect(info).toMatchObject({ outcome: 'complete' });
    expect(info.pendingPoints).toBeUndefined();
    const [point] = manifest.points;
    expect(point).toMatchObject({ resource: 'things/web', state: 'available', region: 'us-east-1' });
    expect(Date.parse(point?.at ?? '')).toBeGreaterThanOrEqual(began);
    expect(Date.parse(point?.completedAt ?? '') - Date.parse(point?.at ?? '')).toBe(minute);
    expect(renderManifest(manifest)).toContain(`| available | ${point?.at} |`);
    const told = at.made.events.filter(({ type }) => type === 'point.progress');
    expect(told[0]).toMatchObject({ state: 'pending', percent: 0, resource: 'things/web' });
    expect(told.at(-1)).toMatchObject({ state: 'available' });
    expect(at.made.events.some((event) => event.type === 'point.progress' && (event.percent ?? 0) > 10)).toBe(true);
  });

  it('copies to another region once the original is there', async () => {
    const at = await scene({ points: { copyTo: 'us-west-2', kmsKey: 'alias/there' } });
    const { info, manifest } = await take(at);
    expect(info.outcome).toBe('complete');
    expect(manifest.points.map(({ region, state }) => [region, state])).toEqual([
      ['us-east-1', 'available'],
      ['us-west-2', 'available'],
    ]);
    const [original, copy] = manifest.points;
    expect(copy?.copyOf).toBe(original?.name);
    expect(Date.parse(copy?.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(original?.completedAt ?? ''));
  });

  it('commits with what is pending when the time is up, and names it', async () => {
    const at = await scene({ points: { copyTo: 'us-west-2' } }, ['a', 'b']);
    at.kept.takes = 90 * minute;
    const began = at.runtime.clock.now();
    const { info, manifest } = await take(at, { wait: 10 * minute });
    expect(at.runtime.clock.now() - began).toBeLessThan(12 * minute);
    expect(info).toMatchObject({ outcome: 'partial', pendingPoints: 4 });
    const [component] = manifest.components;
    expect(component?.source).toMatchObject({ expected: 2, captured: 0, partial: 2 });
    expect(component?.source.failures).toHaveLength(4);
    expect(component?.source.failures[0]).toMatchObject({
      code: 'item.point-pending',
      message: expect.stringMatching(/holdfast-.* of things\/a is still being made \(\d+%\)/) as unknown,
    });
    expect(renderManifest(manifest)).toMatch(/pending 1\d%/);
  });

  it('does not wait where nobody wants to', async () => {
    const at = await scene();
    const { info } = await take(at, { wait: 0 });
    expect(info).toMatchObject({ outcome: 'partial', pendingPoints: 1 });
    expect(times(at.kept.calls, 'create')).toBe(1);
  });

  it('costs one resource what the provider refuses or gives up, and no other', async () => {
    const at = await scene({ points: true }, ['bad', 'denied', 'good']);
    at.kept.failing.add('bad');
    let denials = 0;
    at.kept.onCall = (call, moment) => {
      if (call.startsWith('create') && moment === 'before' && ++denials === 2)
        throw new HoldfastError('item.denied', 'CreateThingSnapshot was denied');
    };
    const { info, manifest } = await take(at);
    expect(info).toMatchObject({ outcome: 'partial' });
    expect(info.pendingPoints).toBeUndefined();
    const said = manifest.components[0]?.resources.map(({ ref, outcome, failures }) => [
      ref.name,
      outcome,
      failures.map(({ code }) => code),
    ]);
    expect(said).toEqual([
      ['bad', 'partial', ['item.point-failed']],
      ['denied', 'partial', ['item.denied']],
      ['good', 'complete', []],
    ]);
    expect(manifest.points.find(({ state }) => state === 'failed')?.reason).toBe('the disk broke');
  });

  it('asks again after a throttled question, and leaves pending what it may not ask for', async () => {
    const at = await scene();
    let finds = 0;
    at.kept.onCall = (call, moment) => {
      if (!call.startsWith('find') || moment === 'after') return;
      finds++;
      if (finds === 3) throw new HoldfastError('item.throttled', 'slow down');
    };
    expect((await take(at)).info.outcome).toBe('complete');
    finds = -1000;
    at.kept.onCall = (call) => {
      if (call.startsWith('find') && at.kept.held.size === 2 && finds++ > -997)
        throw new HoldfastError('item.denied', 'DescribeThingSnapshots was denied');
    };
    const { info, manifest } = await take(at);
    expect(info).toMatchObject({ outcome: 'partial', pendingPoints: 1 });
    expect(manifest.points[0]?.reason).toContain('was denied');
  });

  it('says gone of one that somebody deleted while it was made', async () => {
    const at = await scene();
    let finds = 0;
    at.kept.onCall = (call, moment) => {
      if (moment === 'before' && call.startsWith('find') && ++finds === 4) at.kept.held.clear();
    };
    const { info, manifest } = await take(at);
    expect([info.outcome, manifest.points[0]?.state]).toEqual(['partial', 'gone']);
  });

  it('takes no point of somebody else for its own', async () => {
    const at = await scene();
    at.kept.onCall = (call, moment) => {
      if (!call.startsWith('create') || moment === 'after') return;
      const held = { startedAt: 0, readyAt: 0, tags: {}, isBad: false };
      at.kept.held.set(call.slice('create '.length), held);
    };
    const { manifest } = await take(at);
    expect(manifest.components[0]?.resources[0]?.failures).toMatchObject([{ code: 'item.conflict' }]);
    expect(manifest.points).toEqual([]);
  });
});

describe('a snapshot that dies while its recovery points are made', () => {
  /** After each call to the provider, before and after its effect: what is resumed has one point, made once. */
  it('finds them again when it is resumed, whatever call it died at', async () => {
    let deaths = 0;
    for (const moment of ['before', 'after'] as const) {
      for (let at = 1; ; at++) {
        const where = await scene({ points: { copyTo: 'us-west-2' } });
        let calls = 0;
        where.kept.onCall = (_call, now) => {
          if (now === moment && ++calls === at) throw new Error('power cut');
        };
        const died = await take(where).then(
          () => false,
          () => true,
        );
        if (!died) break;
        deaths++;
        where.kept.onCall = () => undefined;
        const { info, manifest } = await take(where, { resume: true });
        expect([moment, at, info.outcome]).toEqual([moment, at, 'complete']);
        expect(manifest.points.map(({ region, state }) => [region, state])).toEqual([
          ['us-east-1', 'available'],
          ['us-west-2', 'available'],
        ]);
        expect([...where.kept.held.keys()]).toHaveLength(2);
      }
    }
    expect(deaths).toBeGreaterThan(10);
  });

  it('waits for them again where it was interrupted while it waited', async () => {
    const at = await scene();
    const abort = at.made.abort;
    at.kept.onCall = () => {
      if (at.kept.calls.length === 4) abort.abort(new Error('Ctrl-C'));
    };
    const running = takeSnapshot(at.made.estate, at.made.repository, everything, at.made.lookup);
    await expect(running).rejects.toSatisfy((error: unknown) => isCode(error, 'run.interrupted'));
    const { info } = await take(at, { resume: true });
    expect(info.outcome).toBe('complete');
    expect(times(at.kept.calls, 'create')).toBe(1);
  });
});

describe('retention of recovery points', () => {
  const names = (kept: PointProvider): string[] => [...kept.held.keys()];

  it('deletes ours that are older than asked for, never the newest available, never others', async () => {
    const at = await scene({ points: { retain: '60h', copyTo: 'us-west-2' } });
    const others = { startedAt: 0, readyAt: 0, tags: { 'holdfast:resource': 'thing:us-east-1:web' }, isBad: false };
    at.kept.held.set('us-east-1/by-hand', others);
    for (let i = 0; i < 5; i++) {
      await take(at);
      await at.runtime.clock.sleep(day);
    }
    expect(names(at.kept)).toContain('us-east-1/by-hand');
    expect(names(at.kept).filter((name) => name.startsWith('us-east-1/holdfast'))).toHaveLength(3);
    expect(names(at.kept).filter((name) => name.startsWith('us-west-2/holdfast'))).toHaveLength(3);
    // No new one becomes available: none goes, however long it takes.
    at.kept.failing.add('web');
    await at.runtime.clock.sleep(30 * day);
    const before = names(at.kept).length;
    await take(at);
    expect(names(at.kept)).toHaveLength(before + 1);
  });

  it('tells what cannot be deleted, and the snapshot is whole', async () => {
    const at = await scene({ points: { retain: '1h' } });
    await take(at);
    await at.runtime.clock.sleep(day);
    at.kept.onCall = (call) => {
      if (call.startsWith('remove')) throw new HoldfastError('item.denied', 'DeleteThingSnapshot was denied');
    };
    expect((await take(at)).info.outcome).toBe('complete');
    const notices = at.made.events.filter((event) => event.type === 'notice').map(({ message }) => message);
    expect(notices.join()).toContain('DeleteThingSnapshot was denied');
    at.kept.onCall = () => undefined;
    await at.runtime.clock.sleep(day);
    await take(at);
    expect(at.kept.held.size).toBe(1);
  });
});
