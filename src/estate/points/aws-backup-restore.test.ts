import { Backup } from '@aws-sdk/client-backup';
import { EC2, type Volume } from '@aws-sdk/client-ec2';
import { EFS } from '@aws-sdk/client-efs';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { createTestEstate, source, type TestEstate } from '../../../test/estate/memory-estate.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { startBackup, type BackupStandIn } from '../../../test/stand-ins/backup/server.ts';
import { restoredByServices, takenByEc2 } from '../../../test/stand-ins/backup/services.ts';
import { regionOf } from '../../../test/stand-ins/backup/state.ts';
import { createAwsAccess } from '../../connectors/aws/access.ts';
import { connector as backup } from '../../connectors/backup/index.ts';
import { connector as ebs } from '../../connectors/ebs/index.ts';
import { connector as efs } from '../../connectors/efs/index.ts';
import type { Estate } from '../contract.ts';
import type { RestoreRequest } from '../restore-contract.ts';
import { applyRestore } from '../restore-apply.ts';
import { planRestore } from '../restore-plan.ts';
import { takeSnapshot } from '../snapshot.ts';

const region = 'us-east-1';
const other = 'us-west-2';
const runtime = simulatedRuntime(5);
const cleanups = cleanedUpAfterAll();
const points = { via: 'aws-backup', vault: 'main', role: 'backup', copyTo: other };
let stand: BackupStandIn;
let made: TestEstate;
let estate: Estate;

beforeAll(async () => {
  const moto = await startMoto();
  stand = await startBackup();
  stand.state.taken = takenByEc2;
  cleanups.push(
    () => moto.stop(),
    () => stand.stop(),
  );
  cleanups.push(useEndpoints({ all: moto.endpoint, services: { backup: stand.endpoint, kms: stand.endpoint } }));
  for (const where of [region, other])
    await new Backup({ region: where }).createBackupVault({ BackupVaultName: 'main' });
}, 60_000);
beforeEach(async () => {
  stand.state.restored = restoredByServices;
  delete stand.state.ending;
  const accounts = [{ name: 'prod', id: '123456789012', regions: [region] }];
  const sources = ['ebs', 'efs'].map((type) => source(type, { options: { points } }));
  made = await createTestEstate([ebs, efs], { sources, accounts }, { runtime });
  const access = createAwsAccess({ account: '123456789012', region, runtime, concurrency: 8 });
  cleanups.push(() => access.close());
  estate = { ...made.again(), aws: async () => await Promise.resolve(access) };
});

async function snapshotOf(selector: string) {
  const settings = { selection: { selectors: [selector] }, tags: {}, resume: false, wait: 3_600_000 };
  const { info } = await takeSnapshot(estate, await made.reopen(), settings, made.lookup);
  expect(info.outcome).toBe('complete');
  return info;
}

async function restore(info: Awaited<ReturnType<typeof snapshotOf>>, live: { readonly region?: string } = {}) {
  const repository = await made.reopen();
  const reader = await repository.open(info);
  const request: RestoreRequest = { path: '', to: { live }, mode: 'create-missing', rename: [] };
  const plan = await planRestore(estate, repository, reader, request, made.lookup);
  return { plan, report: await applyRestore(estate, repository, reader, plan, made.lookup) };
}

async function volumes(where: string): Promise<Volume[]> {
  return (await new EC2({ region: where }).describeVolumes({})).Volumes ?? [];
}

const tagsIn = (volume: Volume | undefined) =>
  Object.fromEntries((volume?.Tags ?? []).map((tag) => [tag.Key, tag.Value]));

describe('restores from points of AWS Backup, on a stand-in of ours', () => {
  it('brings a volume back with its size, type and tags, once, here and in another region', async () => {
    const ec2 = new EC2({ region });
    const TagSpecifications = [{ ResourceType: 'volume' as const, Tags: [{ Key: 'site', Value: 'acme' }] }];
    const AvailabilityZone = `${region}b`;
    const { VolumeId = '' } = await ec2.createVolume({
      AvailabilityZone,
      Size: 12,
      VolumeType: 'gp3',
      TagSpecifications,
    });
    const info = await snapshotOf('ebs/volumes/*');
    const unchanged = await restore(info);
    expect([unchanged.plan.actions, unchanged.plan.skipped]).toEqual([[], []]);
    await ec2.deleteVolume({ VolumeId });
    const { plan, report } = await restore(info);
    expect(plan.actions[0]?.title).toMatch(/ from main\/holdfast-.* \(as of /);
    expect(report).toMatchObject({ outcome: 'complete', failures: [] });
    const [back, ...more] = await volumes(region);
    expect([back?.Size, back?.VolumeType, back?.AvailabilityZone, more]).toEqual([12, 'gp3', AvailabilityZone, []]);
    expect(tagsIn(back)).toEqual({ site: 'acme', 'holdfast:restored': VolumeId });
    expect((await restore(info)).plan.actions).toEqual([]);

    const there = await restore(info, { region: other });
    expect(there.report).toMatchObject({ outcome: 'complete', failures: [] });
    const [copy] = await volumes(other);
    expect([copy?.Size, copy?.AvailabilityZone]).toEqual([12, `${other}b`]);
    expect((await restore(info, { region: other })).plan.actions).toEqual([]);
    // Gone once more: another job, for the token of the first one would bring nothing.
    await ec2.deleteVolume({ VolumeId: back?.VolumeId });
    expect((await restore(info)).report.outcome).toBe('complete');
    const left = await volumes(region);
    expect(left).toHaveLength(1);
    expect(regionOf(stand.state, region).restoreJobs.size).toBe(2);
    await ec2.deleteVolume({ VolumeId: left[0]?.VolumeId });
  }, 60_000);

  it('goes on where an attempt died: with its job, or with the volume that nobody has tagged', async () => {
    const ec2 = new EC2({ region });
    const { VolumeId } = await ec2.createVolume({ AvailabilityZone: `${region}a`, Size: 8, VolumeType: 'gp3' });
    const info = await snapshotOf('ebs/volumes/*');
    await ec2.deleteVolume({ VolumeId });
    const jobs = regionOf(stand.state, region).restoreJobs;
    const before = jobs.size;
    expect((await restore(info)).report.outcome).toBe('complete');
    const [back] = await volumes(region);
    await ec2.deleteTags({ Resources: [back?.VolumeId ?? ''], Tags: [{ Key: 'holdfast:restored' }] });
    expect((await restore(info)).report.outcome).toBe('complete');
    expect([(await volumes(region)).length, jobs.size]).toEqual([1, before + 1]);
    await ec2.deleteVolume({ VolumeId: back?.VolumeId });
  }, 60_000);

  it('says why a job failed, and why there is nothing to restore from', async () => {
    const ec2 = new EC2({ region });
    const { VolumeId } = await ec2.createVolume({ AvailabilityZone: `${region}a`, Size: 8, VolumeType: 'gp3' });
    const info = await snapshotOf('ebs/volumes/*');
    await ec2.deleteVolume({ VolumeId });
    stand.state.restored = async () => await Promise.resolve({ failure: 'the key is disabled' });
    const { report } = await restore(info);
    expect(report.outcome).not.toBe('complete');
    expect(JSON.stringify(report.failures)).toContain('the key is disabled');
    regionOf(stand.state, region).points.clear();
    const none = await restore(info);
    expect(JSON.stringify([none.plan, none.report])).toContain('what its snapshot names is gone');
    expect(await volumes(region)).toEqual([]);
  }, 60_000);

  it('takes what a plan made where nothing was asked for, with the role that made it', async () => {
    const client = new EFS({ region });
    const wiki = await client.createFileSystem({ CreationToken: 'wiki' });
    const accounts = [{ name: 'prod', id: '123456789012', regions: [region] }];
    const sources = ['backup', 'efs'].map((type) => source(type));
    const { aws } = estate;
    made = await createTestEstate([backup, efs], { sources, accounts }, { runtime });
    estate = { ...made.again(), aws };
    const arn = `arn:aws:backup:${region}:123456789012:recovery-point:nightly`;
    regionOf(stand.state, region).points.set(arn, {
      RecoveryPointArn: arn,
      BackupVaultName: 'main',
      ResourceArn: wiki.FileSystemArn,
      ResourceType: 'EFS',
      Status: 'COMPLETED',
      CreationDate: runtime.clock.now() / 1000,
      CreatedBy: { BackupPlanId: 'daily' },
      IamRoleArn: 'arn:aws:iam::123456789012:role/of-the-plan',
    });
    const info = await snapshotOf('efs/file-systems/*');
    await client.deleteFileSystem({ FileSystemId: wiki.FileSystemId });
    const { plan, report } = await restore(info);
    expect(plan.actions[0]?.title).toContain(' from main/nightly (as of ');
    expect(JSON.stringify(report)).toContain('Its files come from main/nightly');
    const job = [...regionOf(stand.state, region).restoreJobs.values()].at(-1);
    expect(job).toMatchObject({ RecoveryPointArn: arn, IamRoleArn: 'arn:aws:iam::123456789012:role/of-the-plan' });
    const { FileSystems = [] } = await client.describeFileSystems({ CreationToken: 'wiki' });
    await client.deleteFileSystem({ FileSystemId: FileSystems[0]?.FileSystemId });
    regionOf(stand.state, region).points.clear();
  }, 60_000);

  it('brings a file system back with its files, and an empty one where no point is', async () => {
    const client = new EFS({ region });
    const shop = await client.createFileSystem({ CreationToken: 'shop', Encrypted: true, PerformanceMode: 'maxIO' });
    const info = await snapshotOf('efs/file-systems/*');
    await client.deleteFileSystem({ FileSystemId: shop.FileSystemId });
    const { plan, report } = await restore(info);
    expect(plan.actions[0]?.title).toMatch(/ from main\/holdfast-/);
    expect(report).toMatchObject({ failures: [] });
    expect(JSON.stringify(report)).toContain('Its files come from main/holdfast-');
    const { FileSystems = [] } = await client.describeFileSystems({});
    expect(FileSystems).toMatchObject([{ CreationToken: 'shop', Encrypted: true, PerformanceMode: 'maxIO' }]);
    const told = [...regionOf(stand.state, region).restoreJobs.values()].at(-1)?.['metadata'];
    expect(told).toMatchObject({ newFileSystem: 'true', 'file-system-id': shop.FileSystemId, CreationToken: 'shop' });
    await client.deleteFileSystem({ FileSystemId: FileSystems[0]?.FileSystemId });
    regionOf(stand.state, region).points.clear();
    expect(JSON.stringify((await restore(info)).report)).toContain('It is empty');
  }, 60_000);
});
