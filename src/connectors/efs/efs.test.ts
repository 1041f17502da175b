import { EC2 } from '@aws-sdk/client-ec2';
import { EFS } from '@aws-sdk/client-efs';
import { describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { compactJson, type Json } from '../../kernel/json.ts';
import { captureAll, conformanceContext, describeConnector } from '../conformance.ts';
import { connector } from './index.ts';

const cleanups = cleanedUpAfterAll();

const region = 'us-east-1';
const Tags = [{ Key: 'site', Value: 'acme' }];
const policy = (action: string): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: action }] });

/** Ids of networks there: of another region other ones. */
async function network(where: string): Promise<string[]> {
  const ec2 = new EC2({ region: where });
  const { Subnets = [] } = await ec2.describeSubnets({});
  const { SecurityGroups = [] } = await ec2.describeSecurityGroups({});
  const subnets = Subnets.slice(0, 2).map((one) => one.SubnetId ?? '');
  return [...subnets.sort(), SecurityGroups[0]?.GroupId ?? ''];
}

async function named(efs: EFS, token: string): Promise<string> {
  const { FileSystems = [] } = await efs.describeFileSystems({ CreationToken: token });
  return FileSystems[0]?.FileSystemId ?? '';
}

async function readBack(where: string): Promise<unknown> {
  const efs = new EFS({ region: where });
  const found: unknown[] = [];
  const none = (): undefined => undefined;
  for (const { CreationTime: _, SizeInBytes: _s, ...facts } of (await efs.describeFileSystems({})).FileSystems ?? []) {
    const { FileSystemId } = facts;
    const { LifecyclePolicies } = await efs.describeLifecycleConfiguration({ FileSystemId });
    const backup = (await efs.describeBackupPolicy({ FileSystemId }).catch(none))?.BackupPolicy;
    const said = (await efs.describeFileSystemPolicy({ FileSystemId }).catch(none))?.Policy ?? 'null';
    const targets: string[] = [];
    for (const { SubnetId, MountTargetId } of (await efs.describeMountTargets({ FileSystemId })).MountTargets ?? []) {
      const { SecurityGroups } = await efs.describeMountTargetSecurityGroups({ MountTargetId });
      targets.push(`${SubnetId} ${SecurityGroups?.join()}`);
    }
    found.push([facts, LifecyclePolicies, backup, JSON.parse(said), targets.sort()]);
  }
  found.push((await efs.describeAccessPoints({})).AccessPoints);
  return found.map((one) => compactJson(JSON.parse(JSON.stringify(one)) as Json)).sort();
}

describeConnector('efs', async () => {
  const moto = await startMoto();
  cleanups.push(() => moto.stop(), useEndpoints({ all: moto.endpoint }));
  const efs = new EFS({ region });
  return {
    connector,
    options: {},
    region,
    otherRegion: 'eu-west-1',
    async standIns(other) {
      const to = await network(other);
      return (await network(region)).map((old, i) => [old, to[i] ?? ''] as const);
    },
    callsPerResource: 6,
    newIdentities: true,
    servedBy: 'moto, with changes of throughput, backup policy and policy of ours',
    unverified: ['replications', 'states between: moto creates at once'],
    readBack,
    async seed() {
      const { FileSystemId = '' } = await efs.createFileSystem({ CreationToken: 'shop', Encrypted: true, Tags });
      await efs.putLifecycleConfiguration({ FileSystemId, LifecyclePolicies: [{ TransitionToIA: 'AFTER_30_DAYS' }] });
      await efs.putFileSystemPolicy({ FileSystemId, Policy: policy('elasticfilesystem:ClientMount') });
      const [one = '', two = '', group = ''] = await network(region);
      await efs.createMountTarget({ FileSystemId, SubnetId: one, SecurityGroups: [group] });
      await efs.createMountTarget({ FileSystemId, SubnetId: two, SecurityGroups: [group] });
      await efs.createAccessPoint({
        FileSystemId,
        ClientToken: 'uploads',
        PosixUser: { Uid: 1000, Gid: 1000 },
        RootDirectory: { Path: '/uploads', CreationInfo: { OwnerUid: 1000, OwnerGid: 1000, Permissions: '0755' } },
        Tags,
      });
      const scratch = {
        CreationToken: 'scratch',
        ThroughputMode: 'provisioned',
        ProvisionedThroughputInMibps: 8,
      } as const;
      await efs.createFileSystem({ ...scratch, Backup: true });
    },
    async damage() {
      const [one = ''] = await network(region);
      const shop = await named(efs, 'shop');
      for (const { MountTargetId, SubnetId } of (await efs.describeMountTargets({ FileSystemId: shop })).MountTargets ??
        [])
        if (SubnetId === one) await efs.deleteMountTarget({ MountTargetId });
      await efs.putLifecycleConfiguration({ FileSystemId: shop, LifecyclePolicies: [] });
      await efs.putFileSystemPolicy({ FileSystemId: shop, Policy: policy('elasticfilesystem:*') });
      await efs.untagResource({ ResourceId: shop, TagKeys: ['site'] });
      for (const { AccessPointId } of (await efs.describeAccessPoints({})).AccessPoints ?? [])
        await efs.deleteAccessPoint({ AccessPointId });
      await efs.deleteFileSystem({ FileSystemId: await named(efs, 'scratch') });
    },
  };
});

describe('efs', () => {
  it('says what is new of a file system, and what a person has to do', async () => {
    const captured = await captureAll(connector, conformanceContext({}, region, 'regional').context);
    const shop = [...captured.values()].find((one) => one.captured.ledger.length > 0)?.captured;
    expect(shop?.ledger.map((note) => note.class)).toEqual(['needs-human', 'new-identity']);
  });

  it('says that a file system it created is empty, and puts back throughput and backup policy', async () => {
    const efs = new EFS({ region });
    const captured = await captureAll(connector, conformanceContext({}, region, 'regional').context);
    const scratch = captured.get(`file-systems/${await named(efs, 'scratch')}`)?.captured;
    const { context } = conformanceContext({}, 'ap-south-1', 'regional', region);
    const [create] = (await connector.live?.plan(context, scratch as never)) ?? [];
    expect(await connector.live?.apply(context, create as never, scratch as never)).toMatchObject({
      class: 'needs-human',
    });
    const there = new EFS({ region: 'ap-south-1' });
    const FileSystemId = await named(there, 'scratch');
    await there.updateFileSystem({ FileSystemId, ThroughputMode: 'bursting' });
    await there.putBackupPolicy({ FileSystemId, BackupPolicy: { Status: 'DISABLED' } });
    const actions = (await connector.live?.plan(context, scratch as never)) ?? [];
    expect(actions.map(({ input }) => input)).toEqual([{ file: 'file-system.json' }, { file: 'backup-policy.json' }]);
    for (const action of actions) await connector.live?.apply(context, action, scratch as never);
    expect(await connector.live?.plan(context, scratch as never)).toEqual([]);
  });
});
