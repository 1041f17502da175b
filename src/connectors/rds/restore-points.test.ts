import { EC2 } from '@aws-sdk/client-ec2';
import { RDS } from '@aws-sdk/client-rds';
import { beforeAll, describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import type { RecoveryPoint } from '../../kernel/recovery-point.ts';
import { captureAll, conformanceContext, discoverAll, restoreAll } from '../conformance.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import type { PlannedAction, RestoreContext } from '../contract.ts';
import type { OptionsWithPoints } from '../points/options.ts';
import { connector } from './index.ts';

const region = 'us-east-1';
const cleanups = cleanedUpAfterAll();
let rds: RDS;
let captured: Map<string, MemoryResource>;

function contextOf(mode: RestoreContext['mode'] = 'create-missing', where = region) {
  const run = conformanceContext<OptionsWithPoints>({ points: true }, where, 'regional', region);
  return { ...run, context: { ...run.context, mode, runtime: simulatedRuntime(1) } };
}

/** Everything as a snapshot would hold it: what was captured, with the recovery points of the databases, available. */
async function captureWithPoints(): Promise<Map<string, MemoryResource>> {
  const { context } = contextOf();
  const pointed = { ...context, settings: {}, run: 'run-1', estate: 'acme' };
  const all = await captureAll(connector, context);
  for (const resource of await discoverAll(connector, context)) {
    const { ref } = resource;
    if (!connector.points?.covers(ref)) continue;
    let points: RecoveryPoint[] = await connector.points.start(pointed, resource);
    for (let look = 0; look < 5; look++)
      points = await Promise.all(points.map(async (one) => (await connector.points?.follow(pointed, ref, one)) ?? one));
    const one = all.get(ref.name);
    if (one && points.length > 0) all.set(ref.name, { ...one, captured: { ...one.captured, points } });
  }
  return all;
}

beforeAll(async () => {
  const moto = await startMoto();
  cleanups.push(() => moto.stop(), useEndpoints({ all: moto.endpoint }));
  rds = new RDS({ region });
  const ec2 = new EC2({ region });
  const { Subnets = [] } = await ec2.describeSubnets({});
  const SubnetIds = Subnets.slice(0, 2).map((one) => one.SubnetId ?? '');
  const { GroupId = '' } = await ec2.createSecurityGroup({
    GroupName: 'db',
    Description: 'db',
    VpcId: Subnets[0]?.VpcId,
  });
  await rds.createDBSubnetGroup({ DBSubnetGroupName: 'shop', DBSubnetGroupDescription: 'shop', SubnetIds });
  await rds.createDBParameterGroup({
    DBParameterGroupName: 'shop',
    DBParameterGroupFamily: 'mysql8.0',
    Description: 'shop',
  });
  await rds.createDBInstance({
    DBInstanceIdentifier: 'shop',
    DBInstanceClass: 'db.m5.large',
    Engine: 'mysql',
    AllocatedStorage: 20,
    MasterUsername: 'admin',
    MasterUserPassword: 'xyzzy-master-password',
    DBSubnetGroupName: 'shop',
    VpcSecurityGroupIds: [GroupId],
    DBParameterGroupName: 'shop',
    MultiAZ: true,
    DeletionProtection: true,
    BackupRetentionPeriod: 9,
    CopyTagsToSnapshot: true,
    Tags: [{ Key: 'site', Value: 'acme' }],
  });
  await rds.createDBCluster({
    DBClusterIdentifier: 'aurora',
    Engine: 'aurora-mysql',
    MasterUsername: 'admin',
    MasterUserPassword: 'xyzzy-master-password',
    DBSubnetGroupName: 'shop',
    VpcSecurityGroupIds: [GroupId],
    BackupRetentionPeriod: 5,
    DeletionProtection: true,
    Tags: [{ Key: 'site', Value: 'acme' }],
  });
  for (const DBInstanceIdentifier of ['aurora-1', 'aurora-2'])
    await rds.createDBInstance({
      DBInstanceIdentifier,
      DBClusterIdentifier: 'aurora',
      DBInstanceClass: 'db.r5.large',
      Engine: 'aurora-mysql',
      Tags: [{ Key: 'member', Value: DBInstanceIdentifier }],
    });
  captured = await captureWithPoints();
}, 60_000);

async function readBack() {
  const { DBInstances = [] } = await rds.describeDBInstances({});
  DBInstances.sort((a, b) => ((a.DBInstanceIdentifier ?? '') < (b.DBInstanceIdentifier ?? '') ? -1 : 1));
  const { DBClusters = [] } = await rds.describeDBClusters({});
  return [
    DBInstances.map((one) => [
      one.DBInstanceIdentifier,
      one.DBInstanceClass,
      one.DBSubnetGroup?.DBSubnetGroupName,
      one.VpcSecurityGroups?.map(({ VpcSecurityGroupId }) => VpcSecurityGroupId),
      one.DBParameterGroups?.map(({ DBParameterGroupName }) => DBParameterGroupName),
      one.OptionGroupMemberships?.map(({ OptionGroupName }) => OptionGroupName),
      [one.MultiAZ, one.DeletionProtection, one.BackupRetentionPeriod, one.CopyTagsToSnapshot],
      one.DBClusterIdentifier,
      one.TagList,
    ]),
    DBClusters.map((one) => [
      one.DBClusterIdentifier,
      one.DBSubnetGroup,
      one.VpcSecurityGroups?.map(({ VpcSecurityGroupId }) => VpcSecurityGroupId),
      [one.BackupRetentionPeriod, one.DeletionProtection, one.EngineVersion],
      one.DBClusterMembers?.map(({ DBInstanceIdentifier }) => DBInstanceIdentifier).sort(),
      one.TagList,
    ]),
  ];
}

async function destroy(): Promise<void> {
  await rds.modifyDBInstance({ DBInstanceIdentifier: 'shop', DeletionProtection: false });
  await rds.modifyDBCluster({ DBClusterIdentifier: 'aurora', DeletionProtection: false });
  for (const DBInstanceIdentifier of ['shop', 'aurora-1', 'aurora-2'])
    await rds.deleteDBInstance({ DBInstanceIdentifier, SkipFinalSnapshot: true });
  await rds.deleteDBCluster({ DBClusterIdentifier: 'aurora', SkipFinalSnapshot: true });
}

async function plan(name: string, context: RestoreContext<OptionsWithPoints>, points?: readonly RecoveryPoint[]) {
  const one = captured.get(name)?.captured as CapturedResource;
  return (await connector.live?.plan(context, points ? { ...one, points } : one)) ?? [];
}

describe('databases restored from their recovery points', () => {
  it('return with network, groups, zones, protection and tags as they were, and then nothing is left to do', async () => {
    const before = await readBack();
    await destroy();
    const { context, identities } = contextOf();
    expect((await plan('instances/shop', context))[0]?.title).toMatch(
      /^create instance shop in us-east-1 from holdfast-run-1-[0-9a-f]{10} \(as of 20\d\d-.*Z\)$/,
    );
    expect(await restoreAll(connector, context, captured, identities)).toBeGreaterThan(0);
    expect(await readBack()).toEqual(before);
    expect(await restoreAll(connector, contextOf('revert-changed').context, captured, identities)).toBe(0);
  });

  it('may be applied twice, and goes on where a first attempt died', async () => {
    const before = await readBack();
    await destroy();
    const { context } = contextOf();
    const one = captured.get('clusters/aurora')?.captured as CapturedResource;
    const actions = await plan('clusters/aurora', context);
    const apply = async (action: PlannedAction | undefined) =>
      action && (await connector.live?.apply(context, action, one))?.result;
    expect(await apply(actions[0])).toBe('done');
    expect(await apply(actions[0])).toBe('unchanged');
    // Dies here: the next restore finds a cluster without members, and an instance that is not there.
    await restoreAll(connector, contextOf('revert-changed').context, captured);
    expect(await readBack()).toEqual(before);
  });

  it('puts back what was changed of one that is there', async () => {
    const before = await readBack();
    await rds.modifyDBInstance({
      DBInstanceIdentifier: 'shop',
      DBInstanceClass: 'db.t3.micro',
      BackupRetentionPeriod: 1,
      DeletionProtection: false,
      ApplyImmediately: true,
    });
    const { context } = contextOf('revert-changed');
    expect((await plan('instances/shop', context)).map(({ id }) => id)).toEqual(['rds/instances/shop/instance']);
    await restoreAll(connector, context, captured);
    expect(await readBack()).toEqual(before);
  });

  it('says why there is nothing to restore from', async () => {
    await destroy();
    const points = captured.get('instances/shop')?.captured.points ?? [];
    const { ref } = (captured.get('instances/shop') as MemoryResource).captured;
    expect(connector.live?.directoryOnly?.(ref)).toContain('points: true');
    expect(connector.live?.directoryOnly?.(ref, points)).toBeUndefined();
    await expect(plan('instances/shop', contextOf('create-missing', 'eu-west-1').context)).rejects.toMatchObject({
      code: 'item.not-found',
      message: expect.stringContaining('no recovery point in eu-west-1, only in us-east-1') as unknown,
    });
    const gone = points.map((point) => ({ ...point, name: 'holdfast-gone' }));
    await expect(plan('instances/shop', contextOf().context, gone)).rejects.toMatchObject({
      code: 'item.point-failed',
    });
    await rds.copyDBSnapshot({
      SourceDBSnapshotIdentifier: points[0]?.name,
      TargetDBSnapshotIdentifier: 'holdfast-slow',
    });
    const slow = points.map((point) => ({ ...point, name: 'holdfast-slow' }));
    await expect(plan('instances/shop', contextOf().context, slow)).rejects.toMatchObject({
      code: 'item.point-pending',
    });
  });
});

describe('databases as they were at another moment', () => {
  const renamed = (name: string): string => (['shop', 'aurora'].includes(name) ? `${name}-before` : name);
  const databases = () =>
    new Map([...captured].filter(([name]) => ['instances/shop', 'clusters/aurora'].includes(name)));

  it('return under another name beside the original, a cluster with members of its own', async () => {
    await restoreAll(connector, contextOf().context, captured);
    // Those that are there now are others than those that were captured first: their past is asked for.
    captured = await captureWithPoints();
    const { DBInstances = [] } = await rds.describeDBInstances({});
    const at = Math.max(...DBInstances.map(({ InstanceCreateTime }) => InstanceCreateTime?.getTime() ?? 0));
    const { context, identities } = contextOf();
    const back = { ...context, at, rename: renamed };
    const [create] = await plan('instances/shop', back);
    expect(create?.title).toBe(`create instance shop-before in us-east-1 as it was at ${new Date(at).toISOString()}`);
    expect(await restoreAll(connector, back, databases(), identities)).toBeGreaterThan(0);
    const found = (await rds.describeDBInstances({})).DBInstances ?? [];
    const names = ['aurora-1', 'aurora-2', 'aurora-before-1', 'aurora-before-2', 'shop', 'shop-before'];
    expect(new Set(found.map(({ DBInstanceIdentifier: name }) => name))).toEqual(new Set(names));
    expect(found.find(({ DBInstanceIdentifier: name }) => name === 'shop-before')).toMatchObject({
      DBSubnetGroup: { DBSubnetGroupName: 'shop' },
      DBParameterGroups: [{ DBParameterGroupName: 'shop' }],
      MultiAZ: true,
      DeletionProtection: true,
      BackupRetentionPeriod: 9,
      TagList: [{ Key: 'site', Value: 'acme' }],
    });
    expect(await restoreAll(connector, { ...back, mode: 'revert-changed' }, databases(), identities)).toBe(0);
  });

  it('refuses moments that RDS does not have, and the name of the original', async () => {
    const { context } = contextOf();
    const later = { ...context, at: Date.now() + 86_400_000, rename: (name: string) => `${name}-other` };
    await expect(plan('instances/shop', later)).rejects.toMatchObject({ code: 'item.invalid' });
    await expect(plan('clusters/aurora', later)).rejects.toMatchObject({ code: 'item.invalid' });
    const now = { ...context, at: Date.now() + 1000 };
    await expect(plan('instances/shop', now)).rejects.toMatchObject({
      code: 'item.conflict',
      hint: expect.stringContaining('--rename shop=shop-before') as unknown,
    });
    const of = (name: string) => connector.live?.toMoment?.((captured.get(name) as MemoryResource).captured.ref);
    expect([of('instances/shop'), of('clusters/aurora'), of('parameter-groups/shop')]).toEqual([true, true, false]);
  });
});
