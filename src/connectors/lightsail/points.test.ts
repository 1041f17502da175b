import { describe, expect, it } from 'vitest';
import { regionOf } from '../../../test/stand-ins/lightsail/state.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import type { RecoveryPoint } from '../../kernel/recovery-point.ts';
import { captureAll, conformanceContext, discoverAll } from '../conformance.ts';
import type { DiscoveredResource } from '../contract.ts';
import type { PointContext } from '../points/keeping.ts';
import type { OptionsWithPoints } from '../points/options.ts';
import { connector } from './index.ts';
import { useSeededLightsail } from './stand-in-for-test.ts';

const region = 'us-east-1';
const other = 'us-west-2';
const stand = useSeededLightsail();

const keeping = connector.points;

function contextOf(run = 'run-1', settings: PointContext['settings'] = {}) {
  const { context, calls } = conformanceContext<OptionsWithPoints>({ points: true }, region, 'regional');
  return { context: { ...context, settings, run, estate: 'acme', runtime: simulatedRuntime(1) }, calls };
}

async function found(name: string): Promise<DiscoveredResource> {
  const all = await discoverAll(connector, contextOf().context);
  const one = all.find(({ ref }) => ref.name === name);
  if (!one) throw new Error(`no ${name}`);
  return one;
}

async function followed(context: PointContext<OptionsWithPoints>, one: DiscoveredResource, points: RecoveryPoint[]) {
  let now = points;
  for (let look = 0; look < 10 && now.some(({ state }) => state === 'pending'); look++)
    now = await Promise.all(now.map(async (point) => (await keeping?.follow(context, one.ref, point)) ?? point));
  return now;
}

describe('recovery points of lightsail, on a stand-in of ours', () => {
  it('asks for none unless the source wants them, and for none of what has no contents', async () => {
    expect(connector.points?.settings({})).toBeUndefined();
    expect(connector.points?.settings({ points: false })).toBeUndefined();
    expect(connector.points?.settings({ points: { retain: '7d', copyTo: other } })).toMatchObject({ copyTo: other });
    const all = await discoverAll(connector, contextOf().context);
    const covered = all.filter(({ ref }) => keeping?.covers(ref)).map(({ ref }) => ref.name);
    expect(covered.toSorted()).toEqual([
      'databases/orders',
      'disks/data',
      'instances/blog',
      'instances/shop',
      'instances/wiki',
    ]);
    expect(connector.options.safeParse({ points: { retain: 'a while' } }).success).toBe(false);
  });

  it.each(['instances/shop', 'disks/data', 'databases/orders'])(
    'starts, follows and deletes one of %s',
    async (name) => {
      const { context, calls } = contextOf();
      const one = await found(name);
      const [begun] = (await keeping?.start(context, one)) ?? [];
      expect(begun).toMatchObject({ state: 'pending', region, run: 'run-1' });
      expect(begun?.id).toMatch(/^arn:aws:lightsail:us-east-1:/);
      const [ended] = await followed(context, one, begun ? [begun] : []);
      expect(ended).toMatchObject({ state: 'available', bytes: 20 * 1024 ** 3 });
      expect(ended?.at).toBeTypeOf('number');
      const listed = await keeping?.list(context, one);
      expect(listed?.filter(({ run }) => run !== undefined)).toHaveLength(1);
      if (ended) {
        await keeping?.remove(context, ended);
        expect(await keeping?.follow(context, one.ref, ended)).toMatchObject({ state: 'gone' });
        await keeping?.remove(context, ended);
      }
      const declared = new Set([...connector.calls.capture, ...(connector.calls.points ?? [])].map((c) => c.operation));
      expect(calls.map(({ operation }) => operation).filter((operation) => !declared.has(operation))).toEqual([]);
    },
  );

  it('finds what an attempt that died has made, and makes another for another run', async () => {
    const one = await found('instances/shop');
    const first = await keeping?.start(contextOf().context, one);
    const again = await keeping?.start(contextOf().context, one);
    expect(again?.map(({ id }) => id)).toEqual(first?.map(({ id }) => id));
    const next = await keeping?.start(contextOf('run-2').context, one);
    expect(next?.[0]?.id).not.toBe(first?.[0]?.id);
  });

  it('copies to another region under tags of its own, once the original is there', async () => {
    const { context } = contextOf('run-1', { copyTo: other });
    const one = await found('instances/shop');
    const begun = (await keeping?.start(context, one)) ?? [];
    expect(begun.map((point) => [point.region, point.state])).toEqual([
      [region, 'pending'],
      [other, 'pending'],
    ]);
    const ended = await followed(context, one, begun);
    expect(ended.map((point) => [point.region, point.state, point.run])).toEqual([
      [region, 'available', 'run-1'],
      [other, 'available', 'run-1'],
    ]);
    expect(regionOf(stand.state, other).instanceSnapshots[0]?.tags).toContainEqual({
      key: 'holdfast:resource',
      value: one.ref.id,
    });
    expect((await keeping?.list(context, one))?.filter(({ run }) => run !== undefined)).toHaveLength(2);
  });

  it('says that snapshots of databases stay in their region', async () => {
    const { context } = contextOf('run-1', { copyTo: other });
    const told: string[] = [];
    const events: PointContext['events'] = (event) => void (event.type === 'notice' && told.push(event.message));
    expect(await keeping?.start({ ...context, events }, await found('databases/orders'))).toHaveLength(1);
    expect(told).toEqual([expect.stringContaining('it stays in us-east-1 only')]);
  });

  it('deletes none that others made', async () => {
    const { context } = contextOf();
    const others = await keeping?.list(context, await found('instances/shop'));
    const [byHand] = others ?? [];
    expect(byHand?.run).toBeUndefined();
    if (!byHand) throw new Error('none was listed');
    await expect(keeping?.remove(context, { ...byHand, run: 'run-1' })).rejects.toMatchObject({
      code: 'item.conflict',
    });
    expect(regionOf(stand.state, region).instanceSnapshots).toHaveLength(2);
  });

  it('fails where it is denied, or gone', async () => {
    const { context } = contextOf();
    const one = await found('instances/shop');
    stand.state.denied.add('CreateInstanceSnapshot');
    await expect(keeping?.start(context, one)).rejects.toMatchObject({ code: 'item.denied' });
    stand.state.denied.clear();
    regionOf(stand.state, region).instances.splice(0);
    await expect(keeping?.start(context, one)).rejects.toMatchObject({ code: 'item.not-found' });
  });

  it('tells in the ledger that contents are in the snapshot that was asked for', async () => {
    const { context } = contextOf();
    const note = (await captureAll(connector, context)).get('instances/wiki')?.captured.ledger[0];
    expect(note).toMatchObject({ class: 'new-identity', why: expect.stringContaining('manifest names it') as unknown });
  });
});
