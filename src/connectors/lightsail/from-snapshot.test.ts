import { Lightsail } from '@aws-sdk/client-lightsail';
import { beforeEach, describe, expect, it } from 'vitest';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { regionOf } from '../../../test/stand-ins/lightsail/state.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import type { RecoveryPoint } from '../../kernel/recovery-point.ts';
import { captureAll, conformanceContext, restoreAll } from '../conformance.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import type { OptionsWithPoints } from '../points/options.ts';
import { connector } from './index.ts';
import { useSeededLightsail } from './stand-in-for-test.ts';

const region = 'us-east-1';
const other = 'ap-south-1';
const stand = useSeededLightsail();

const bundle = (bundleId: string, price: number, ramSizeInGb: number, diskSizeInGb: number) => ({
  bundleId,
  price,
  cpuCount: 1,
  ramSizeInGb,
  diskSizeInGb,
  isActive: true,
});

beforeEach(() => {
  const here = regionOf(stand.state, region);
  here.bundles.push(bundle('small_3_0', 12, 2, 60));
  for (const one of here.instances) {
    one.location = { availabilityZone: 'us-east-1b' };
    if (one.name === 'wiki') one.hardware = { cpuCount: 1, ramSizeInGb: 2 };
  }
  for (const one of here.disks) one.location = { availabilityZone: 'us-east-1b' };
  for (const name of ['shop', 'wiki'])
    here.ports.set(name, [{ fromPort: 443, toPort: 443, protocol: 'tcp', state: 'open', cidrs: ['0.0.0.0/0'] }]);
  // Another region sells other bundles; its smallest that fits is not its cheapest.
  const there = regionOf(stand.state, other);
  there.bundles.push(bundle('nano_3_1', 5, 0.5, 20), bundle('small_win_3_1', 1, 2, 60));
  there.bundles.push(bundle('medium_3_1', 24, 4, 80), bundle('small_3_1', 12, 2, 60));
});

function contextOf(where: string) {
  const run = conformanceContext<OptionsWithPoints>({ points: true }, where, 'regional', region);
  return { ...run, context: { ...run.context, runtime: simulatedRuntime(1) } };
}

/** Everything as a snapshot would hold it, with recovery points of instances and disks that are available. */
async function captured(names: readonly string[]): Promise<Map<string, MemoryResource>> {
  const here = regionOf(stand.state, region);
  const all = await captureAll(connector, contextOf(region).context);
  const wanted = new Map<string, MemoryResource>();
  for (const [name, one] of all) {
    if (!names.includes(name)) continue;
    const [kind = '', bare = ''] = name.split('/');
    const word = { instances: 'instance', disks: 'disk' }[kind];
    if (word === undefined) {
      wanted.set(name, one);
      continue;
    }
    const snapshot = { name: `holdfast-${bare}`, createdAt: new Date(0), sizeInGb: 60 };
    if (word === 'instance') here.instanceSnapshots.push({ ...snapshot, state: 'available', fromInstanceName: bare });
    else here.diskSnapshots.push({ ...snapshot, state: 'completed', fromDiskName: bare });
    const point: RecoveryPoint = {
      kind: `lightsail-${word}-snapshot`,
      id: snapshot.name,
      name: snapshot.name,
      region,
      state: 'available',
      at: Date.UTC(2026, 10, 22),
    };
    wanted.set(name, { ...one, captured: { ...one.captured, points: [point] } });
  }
  return wanted;
}

function one(all: Map<string, MemoryResource>, name: string): CapturedResource {
  return all.get(name)?.captured ?? expect.fail();
}

describe('instances and disks of lightsail from their recovery points, on a stand-in of ours', () => {
  it('come back in another region from a copy: with a zone and a bundle that are there, and their disks', async () => {
    const all = await captured(['instances/shop', 'firewalls/shop', 'disks/data']);
    const { context, identities } = contextOf(other);
    const [create] = (await connector.live?.plan(context, one(all, 'instances/shop'))) ?? [];
    expect(create?.title).toBe(
      'create instance shop in ap-south-1 from holdfast-shop (as of 2026-11-22T00:00:00.000Z), copied from us-east-1',
    );
    await restoreAll(connector, context, all, identities);
    const client = new Lightsail({ region: other });
    const { instance } = await client.getInstance({ instanceName: 'shop' });
    expect(instance).toMatchObject({
      bundleId: 'small_3_1',
      location: { availabilityZone: 'ap-south-1b' },
      state: { name: 'running' },
      tags: [{ key: 'site', value: 'acme' }],
      addOns: [{ name: 'AutoSnapshot', snapshotTimeOfDay: '06:00' }],
      hardware: { disks: [{ name: 'data', path: '/dev/xvdf' }] },
    });
    const { portStates = [] } = await client.getInstancePortStates({ instanceName: 'shop' });
    expect(portStates.map(({ fromPort }) => fromPort)).toEqual([443]);
    // The disk came with its instance, and not a second time.
    expect(regionOf(stand.state, other).disks.map(({ name }) => name)).toEqual(['data']);
    expect(regionOf(stand.state, other).diskSnapshots).toEqual([]);
    expect(identities.get('arn:aws:lightsail:us-east-1:123456789012:Instance/shop')).toBe(instance?.arn);
    expect(await restoreAll(connector, context, all, identities)).toBe(0);
  });

  it('come back where they were, and nothing is planned for what is there', async () => {
    const all = await captured(['instances/wiki', 'firewalls/wiki', 'disks/data']);
    const here = regionOf(stand.state, region);
    here.instances.splice(2, 1);
    here.ports.delete('wiki');
    here.disks.splice(0, 1);
    const { context, identities } = contextOf(region);
    await restoreAll(connector, context, all, identities);
    const client = new Lightsail({ region });
    expect((await client.getInstance({ instanceName: 'wiki' })).instance).toMatchObject({
      bundleId: 'small_3_0',
      sshKeyName: 'main',
      location: { availabilityZone: 'us-east-1b' },
    });
    expect((await client.getDisk({ diskName: 'data' })).disk).toMatchObject({ sizeInGb: 60, state: 'available' });
    expect(await restoreAll(connector, context, all, identities)).toBe(0);
  });

  it('come back beside the original under another name, with disks of their own', async () => {
    const all = await captured(['instances/shop']);
    const { context } = contextOf(region);
    const beside = { ...context, rename: (name: string) => name.replace('shop', 'shop-copy') };
    const [create] = (await connector.live?.plan(beside, one(all, 'instances/shop'))) ?? [];
    await connector.live?.apply(beside, create ?? expect.fail(), one(all, 'instances/shop'));
    const { instances, disks } = regionOf(stand.state, region);
    expect(instances.map(({ name }) => name)).toEqual(['shop', 'blog', 'wiki', 'shop-copy']);
    expect(disks.map(({ name }) => name)).toContain('shop-copy-data');
  });

  it('are waited for where an attempt that died began them', async () => {
    const all = await captured(['instances/wiki', 'firewalls/wiki', 'disks/data']);
    const here = regionOf(stand.state, region);
    here.instances.splice(2, 1);
    here.disks.splice(0, 1);
    const client = new Lightsail({ region });
    const [availabilityZone, bundleId] = ['us-east-1a', 'small_3_0'];
    const instanceSnapshotName = 'holdfast-wiki';
    await client.createInstancesFromSnapshot({
      instanceNames: ['wiki'],
      instanceSnapshotName,
      availabilityZone,
      bundleId,
    });
    const disk = { diskName: 'data', diskSnapshotName: 'holdfast-data', availabilityZone, sizeInGb: 60 };
    await client.createDiskFromSnapshot(disk);
    stand.state.slow = 6;
    const { context, identities, calls } = contextOf(region);
    for (const mode of ['create-missing', 'exact'] as const) {
      await restoreAll(connector, { ...context, mode }, all, identities);
      expect((await client.getInstance({ instanceName: 'wiki' })).instance?.state?.name).toBe('running');
      expect((await client.getDisk({ diskName: 'data' })).disk?.state).toBe('available');
    }
    const made = ['CreateInstancesFromSnapshot', 'CreateDiskFromSnapshot'];
    expect(calls.filter(({ operation }) => made.includes(operation))).toEqual([]);
    expect(await restoreAll(connector, context, all, identities)).toBe(0);
  });

  it('come out of a copy that is not seen at once', async () => {
    const all = await captured(['disks/data']);
    stand.state.lag = 3;
    const { context, identities } = contextOf(other);
    await restoreAll(connector, context, all, identities);
    expect(regionOf(stand.state, other).disks).toMatchObject([{ name: 'data', state: 'available' }]);
  });

  it('lead whoever names a private address to the new one, in a run that finds the instance there, too', async () => {
    const all = await captured(['instances/wiki']);
    const document = await one(all, 'instances/wiki').json('', 'instance.json');
    const was = {
      ...one(all, 'instances/wiki'),
      json: async (_: string, file: string) =>
        await Promise.resolve(
          file === 'instance.json' ? { ...(document as object), privateIpAddress: '172.26.9.9' } : undefined,
        ),
    };
    const [wiki] = regionOf(stand.state, region).instances.splice(2, 1);
    regionOf(stand.state, region).instances.push({ ...wiki, arn: `${wiki?.arn}-new`, privateIpAddress: '172.26.1.1' });
    const { context } = contextOf(region);
    expect(await connector.live?.plan({ ...context, mode: 'create-missing' }, was)).toEqual([]);
    expect(context.rewrite({ target: '172.26.9.9' })).toEqual({ target: '172.26.1.1' });
  });

  it('says what is otherwise: the key pair that is not there, what a disk was attached to', async () => {
    const all = await captured(['instances/shop', 'disks/data']);
    const { context } = contextOf(other);
    const outcomes: string[] = [];
    for (const name of ['disks/data', 'instances/shop']) {
      const [create] = (await connector.live?.plan(context, one(all, name))) ?? [];
      const outcome = await connector.live?.apply(context, create ?? expect.fail(), one(all, name));
      outcomes.push(`${outcome?.class}: ${outcome?.note}`);
    }
    expect(outcomes[0]).toMatch(/^needs-human: It was attached to shop as \/dev\/xvdf/);
    expect(outcomes[1]).toMatch(/^needs-human: .*bundle is small_3_1; it was small_3_0.* key pair main is not there/);
    // The disk had its name by then.
    expect(outcomes[1]).toMatch(/ Its disk data is shop-data now\./);
  });

  it('are refused where no bundle fits, where there is no point, and where the copy is denied', async () => {
    const all = await captured(['instances/shop']);
    const shop = one(all, 'instances/shop');
    const { context } = contextOf(other);
    const [create] = (await connector.live?.plan(context, shop)) ?? [];
    stand.state.denied.add('CopySnapshot');
    await expect(connector.live?.apply(context, create ?? expect.fail(), shop)).rejects.toMatchObject({
      code: 'item.denied',
    });
    stand.state.denied.clear();
    regionOf(stand.state, other).bundles.splice(1, 3);
    await expect(connector.live?.apply(context, create ?? expect.fail(), shop)).rejects.toThrow(
      /ap-south-1 sells no bundle like small_3_0 of 60 GB or more/,
    );
    const pending = { ...shop, points: (shop.points ?? []).map((point) => ({ ...point, state: 'pending' as const })) };
    await expect(connector.live?.plan(context, pending)).rejects.toMatchObject({ code: 'item.not-found' });
    expect(connector.live?.directoryOnly?.(shop.ref)).toContain('points: true');
    expect(connector.live?.directoryOnly?.(shop.ref, shop.points)).toBeUndefined();
  });
});
