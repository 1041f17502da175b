import { Backup } from '@aws-sdk/client-backup';
import { EC2 } from '@aws-sdk/client-ec2';
import { EFS } from '@aws-sdk/client-efs';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { createTestEstate, source, type TestEstate } from '../../../test/estate/memory-estate.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { startBackup, type BackupStandIn } from '../../../test/stand-ins/backup/server.ts';
import { regionOf, type Fields } from '../../../test/stand-ins/backup/state.ts';
import { takenByEc2 } from '../../../test/stand-ins/backup/services.ts';
import type { SourceConfig } from '../../config/contract.ts';
import { createAwsAccess } from '../../connectors/aws/access.ts';
import { connector as backup } from '../../connectors/backup/index.ts';
import { connector as ebs } from '../../connectors/ebs/index.ts';
import { connector as efs } from '../../connectors/efs/index.ts';
import type { Estate } from '../contract.ts';
import { findGaps } from '../coverage/coverage.ts';
import { takeSnapshot } from '../snapshot.ts';
import { settleSnapshot } from './settle.ts';

const region = 'us-east-1';
const other = 'us-west-2';
const day = 86_400_000;
const accounts = [{ name: 'prod', id: '123456789012', regions: [region, other] }];
const runtime = simulatedRuntime(5);
const cleanups = cleanedUpAfterAll();
let stand: BackupStandIn;
let volume = '';
let fileSystem = '';

beforeAll(async () => {
  const moto = await startMoto();
  stand = await startBackup();
  stand.state.taken = takenByEc2;
  cleanups.push(
    () => moto.stop(),
    () => stand.stop(),
  );
  const services = { backup: stand.endpoint, kms: stand.endpoint, 'resource explorer 2': stand.endpoint };
  cleanups.push(useEndpoints({ all: moto.endpoint, services }));
  const made = await new EC2({ region }).createVolume({ AvailabilityZone: `${region}a`, Size: 8, VolumeType: 'gp3' });
  volume = `arn:aws:ec2:${region}:123456789012:volume/${made.VolumeId}`;
  const { FileSystemArn = '' } = await new EFS({ region }).createFileSystem({ CreationToken: 'shop' });
  fileSystem = FileSystemArn;
}, 60_000);
beforeEach(async () => {
  stand.state.regions.clear();
  stand.state.denied.clear();
  for (const where of [region, other])
    await new Backup({ region: where }).createBackupVault({ BackupVaultName: 'main' });
});

async function estateOf(sources: SourceConfig[]): Promise<{ readonly made: TestEstate; readonly estate: Estate }> {
  const made = await createTestEstate([backup, ebs, efs], { sources, accounts }, { runtime });
  const access = createAwsAccess({ account: '123456789012', region, runtime, concurrency: 8 });
  cleanups.push(() => access.close());
  return { made, estate: { ...made.again(), aws: async () => await Promise.resolve(access) } };
}

/** What a plan made of a file system while nobody looked, so many days ago. */
function heldPoint(where: string, id: string, daysAgo: number, more: Fields = {}): void {
  const arn = `arn:aws:backup:${where}:123456789012:recovery-point:${id}`;
  regionOf(stand.state, where).points.set(arn, {
    RecoveryPointArn: arn,
    BackupVaultName: 'main',
    ResourceArn: fileSystem,
    Status: 'COMPLETED',
    CreationDate: (runtime.clock.now() - daysAgo * day) / 1000,
    CreatedBy: { BackupPlanId: 'daily' },
    ...more,
  });
}

const everything = { selection: { selectors: [] }, tags: {}, resume: false, wait: 0 };

describe('recovery points by AWS Backup in snapshots, on a stand-in of ours', () => {
  it('names what plans made unasked, in all regions, and nothing that cannot be restored from', async () => {
    const { made, estate } = await estateOf([source('backup'), source('efs')]);
    heldPoint(region, 'old', 30);
    heldPoint(region, 'new', 1);
    heldPoint(other, 'copy', 1);
    heldPoint(region, 'by-hand', 1, { CreatedBy: undefined });
    heldPoint(region, 'half', 1, { Status: 'PARTIAL' });
    const { info, manifest } = await takeSnapshot(estate, await made.reopen(), everything, made.lookup);
    expect([info.outcome, info.pendingPoints]).toEqual(['complete', undefined]);
    const resource = `efs/file-systems/${fileSystem.split('/')[1]}`;
    expect(manifest.points.map((point) => [point.resource, point.region, point.name, point.run])).toEqual([
      [resource, region, 'main/new', undefined],
      [resource, region, 'main/old', undefined],
      [resource, other, 'main/copy', undefined],
    ]);
    expect(manifest.moments.filter((moment) => moment.position !== undefined)).toEqual([]);
  });

  it('asks nothing where AWS Backup is no source, and tells what it was denied where it is', async () => {
    heldPoint(region, 'new', 1);
    stand.state.denied.add('ListRecoveryPointsByBackupVault');
    const without = await estateOf([source('efs')]);
    const quiet = await takeSnapshot(without.estate, await without.made.reopen(), everything, without.made.lookup);
    expect([quiet.info.outcome, quiet.manifest.points]).toEqual(['complete', []]);
    const { made, estate } = await estateOf([source('backup'), source('efs')]);
    const { info, manifest } = await takeSnapshot(estate, await made.reopen(), everything, made.lookup);
    expect([info.outcome, manifest.points]).toEqual(['partial', []]);
    const [own] = manifest.components.filter((one) => one.source.source === 'backup');
    expect(own?.source.failures.map(({ code, resource }) => [code, resource])).toContainEqual([
      'item.denied',
      'backup/vaults/main',
    ]);
  });

  it('settles what AWS Backup was still making, with the copy in the other region', async () => {
    const points = { via: 'aws-backup', vault: 'main', role: 'backup', copyTo: other };
    const { made, estate } = await estateOf([source('ebs', { options: { points } })]);
    const { info } = await takeSnapshot(estate, await made.reopen(), everything, made.lookup);
    expect(info).toMatchObject({ outcome: 'partial', pendingPoints: 2 });
    const settled = await settleSnapshot(estate, await made.reopen(), info, { wait: 3_600_000 }, made.lookup);
    expect(settled.info.outcome).toBe('complete');
    expect(settled.manifest.points.map(({ region: where, state }) => [where, state])).toEqual([
      [region, 'available'],
      [other, 'available'],
    ]);
    for (const { id } of settled.manifest.points) expect(id).toMatch(/^arn:aws:ec2:us-(east|west)-\d::snapshot\//);
    expect(regionOf(stand.state, region).backupJobs.size).toBe(1);
  });

  it('counts what AWS Backup alone protects as covered, while its points are recent', async () => {
    const { made, estate } = await estateOf([]);
    const connectors = { types: ['efs', 'ebs'], lookup: made.lookup };
    const gaps = async (within: number) => await findGaps(estate, await made.reopen(), { within }, connectors);
    const bare = await gaps(7 * day);
    expect(bare.byAwsBackup).toBe(0);
    heldPoint(region, 'by-hand', 2, { CreatedBy: undefined });
    heldPoint(region, 'volume', 30, { ResourceArn: volume });
    const covered = await gaps(7 * day);
    const lost = (report: typeof bare): number => bare.gaps.length - report.gaps.length;
    expect([covered.byAwsBackup, covered.protected - bare.protected, lost(covered)]).toEqual([1, 1, 1]);
    expect(covered.gaps.some(({ resource }) => resource.startsWith('efs/file-systems/'))).toBe(false);
    expect((await gaps(40 * day)).byAwsBackup).toBe(2);
  });
});
