import { Backup } from '@aws-sdk/client-backup';
import { EC2 } from '@aws-sdk/client-ec2';
import { EFS } from '@aws-sdk/client-efs';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { startBackup, type BackupStandIn } from '../../../test/stand-ins/backup/server.ts';
import { regionOf } from '../../../test/stand-ins/backup/state.ts';
import { takenByEc2 } from '../../../test/stand-ins/backup/services.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import type { RecoveryPoint } from '../../kernel/recovery-point.ts';
import { captureAll, conformanceContext, discoverAll } from '../conformance.ts';
import type { Connector, DiscoveredResource } from '../contract.ts';
import { connector as ebs } from '../ebs/index.ts';
import { connector as efs } from '../efs/index.ts';
import type { PointContext } from '../points/keeping.ts';
import type { OptionsWithBackups } from './options.ts';

const region = 'us-east-1';
const other = 'us-west-2';
const points = { via: 'aws-backup', vault: 'main', role: 'backup', retain: '7d' } as const;
const cleanups = cleanedUpAfterAll();
let stand: BackupStandIn;
let ec2: EC2;

beforeAll(async () => {
  const moto = await startMoto();
  stand = await startBackup();
  cleanups.push(
    () => moto.stop(),
    () => stand.stop(),
  );
  cleanups.push(useEndpoints({ all: moto.endpoint, services: { backup: stand.endpoint } }));
  ec2 = new EC2({ region });
  stand.state.taken = takenByEc2;
  await ec2.createVolume({ AvailabilityZone: `${region}a`, Size: 8, VolumeType: 'gp3' });
  await new EFS({ region }).createFileSystem({ CreationToken: 'shop', Encrypted: true });
}, 60_000);
beforeEach(async () => {
  stand.state.regions.clear();
  stand.state.denied.clear();
  delete stand.state.ending;
  await new Backup({ region }).createBackupVault({ BackupVaultName: 'main' });
  await new Backup({ region: other }).createBackupVault({ BackupVaultName: 'copies' });
});

const copied = { ...points, copyTo: other, copyVault: 'copies' };

function contextOf(connector: Connector<OptionsWithBackups>, options: OptionsWithBackups = { points }, run = 'run-1') {
  const { context, calls } = conformanceContext<OptionsWithBackups>(options, region, 'regional');
  const settings = connector.points?.settings(options) ?? {};
  return { context: { ...context, settings, run, estate: 'acme', runtime: simulatedRuntime(1) }, calls };
}

async function covered(connector: Connector<OptionsWithBackups>): Promise<DiscoveredResource> {
  const all = await discoverAll(connector, contextOf(connector).context);
  const [one] = all.filter(({ ref }) => connector.points?.covers(ref));
  if (!one) throw new Error('nothing to have points of');
  return one;
}

async function followed(
  connector: Connector<OptionsWithBackups>,
  context: PointContext<OptionsWithBackups>,
  one: DiscoveredResource,
  begun: readonly RecoveryPoint[],
): Promise<readonly RecoveryPoint[]> {
  let now = begun;
  for (let look = 0; look < 12 && now.some(({ state }) => state === 'pending'); look++)
    now = await Promise.all(
      now.map(async (point) => (await connector.points?.follow(context, one.ref, point)) ?? point),
    );
  return now;
}

describe.each([
  ['ebs', ebs],
  ['efs', efs],
] as const)('recovery points of %s by AWS Backup, on a stand-in of ours', (_, connector) => {
  const keeping = connector.points;

  it('asks for none unless the source says with which vault and role', () => {
    expect(keeping?.settings({})).toBeUndefined();
    expect(keeping?.settings({ points: false })).toBeUndefined();
    expect(keeping?.settings({ points: copied })).toMatchObject({ copyTo: other });
    for (const bad of [true, { vault: 'main', role: 'backup' }, { ...points, retain: 'a while' }])
      expect(connector.options.safeParse({ points: bad }).success).toBe(false);
  });

  it('starts, follows, lists and deletes one', async () => {
    const { context, calls } = contextOf(connector);
    const one = await covered(connector);
    const begun = (await keeping?.start(context, one)) ?? [];
    expect(begun).toMatchObject([{ state: 'pending', region, run: 'run-1' }]);
    const [ended] = await followed(connector, context, one, begun);
    expect(ended).toMatchObject({ state: 'available', name: begun[0]?.name, bytes: 1024 ** 3, run: 'run-1' });
    expect(ended?.id).toMatch(/^arn:aws:/);
    expect(ended?.at).toBeTypeOf('number');
    const listed = await keeping?.list(context, one);
    expect(listed).toEqual([ended]);
    const job = [...regionOf(stand.state, region).backupJobs.values()];
    expect(job).toMatchObject([{ IamRoleArn: 'arn:aws:iam::123456789012:role/backup', ResourceArn: one.ref.id }]);
    if (ended) {
      await keeping?.remove(context, ended);
      expect(await keeping?.follow(context, one.ref, ended)).toMatchObject({ state: 'gone' });
      await keeping?.remove(context, ended);
    }
    const declared = new Set([...connector.calls.capture, ...(connector.calls.points ?? [])].map((c) => c.operation));
    expect(calls.map(({ operation }) => operation).filter((operation) => !declared.has(operation))).toEqual([]);
  });

  it('finds what an attempt that died has asked for, and asks for another in another run', async () => {
    const one = await covered(connector);
    const first = await keeping?.start(contextOf(connector).context, one);
    const again = await keeping?.start(contextOf(connector).context, one);
    expect(again?.map(({ name }) => name)).toEqual(first?.map(({ name }) => name));
    expect(regionOf(stand.state, region).backupJobs.size).toBe(1);
    const next = await keeping?.start(contextOf(connector, { points }, 'run-2').context, one);
    expect(next?.[0]?.name).not.toBe(first?.[0]?.name);
    expect(regionOf(stand.state, region).backupJobs.size).toBe(2);
  });

  it('copies to a vault in another region, once, when the original is there', async () => {
    const { context } = contextOf(connector, { points: copied });
    const one = await covered(connector);
    const begun = (await keeping?.start(context, one)) ?? [];
    expect(begun.map((point) => [point.region, point.state])).toEqual([
      [region, 'pending'],
      [other, 'pending'],
    ]);
    const ended = await followed(connector, context, one, begun);
    expect(ended.map((point) => [point.region, point.name.split('/')[0], point.state, point.run])).toEqual([
      [region, 'main', 'available', 'run-1'],
      [other, 'copies', 'available', 'run-1'],
    ]);
    // Another process goes on from what the snapshot says of the copy.
    await followed(connector, context, one, begun.slice(1));
    expect(regionOf(stand.state, region).copyJobs.size).toBe(1);
    expect(ended[1]?.at).toBe(ended[0]?.at);
    expect((await keeping?.list(context, one))?.map(({ run, region: where }) => [run, where])).toEqual([
      ['run-1', region],
      ['run-1', other],
    ]);
  });

  it('says what became of jobs that failed, and copies nothing of them', async () => {
    const { context } = contextOf(connector, { points: copied });
    const one = await covered(connector);
    stand.state.ending = 'FAILED';
    const ended = await followed(connector, context, one, (await keeping?.start(context, one)) ?? []);
    expect(ended.map(({ state, reason }) => [state, reason])).toEqual([
      ['failed', 'the backup job is FAILED: the stand-in was told so'],
      ['failed', expect.stringContaining('is failed')],
    ]);
    expect(regionOf(stand.state, region).copyJobs.size).toBe(0);
  });

  it('says what became of a copy that failed', async () => {
    const { context } = contextOf(connector, { points: copied });
    const one = await covered(connector);
    const begun = (await keeping?.start(context, one)) ?? [];
    const [original] = await followed(connector, context, one, begun.slice(0, 1));
    expect(original?.state).toBe('available');
    stand.state.ending = 'FAILED';
    const [copy] = await followed(connector, context, one, begun.slice(1));
    expect(copy).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('the copy job is FAILED') as unknown,
    });
  });

  it('deletes none that a plan or another hand made', async () => {
    const { context } = contextOf(connector);
    const one = await covered(connector);
    const ended = await followed(connector, context, one, (await keeping?.start(context, one)) ?? []);
    const [ours] = ended;
    if (!ours) throw new Error('none was made');
    const kept = regionOf(stand.state, region).points.get(ours.id) ?? {};
    kept['CreatedBy'] = { BackupPlanId: 'daily' };
    expect((await keeping?.list(context, one))?.map(({ run }) => run)).toEqual([undefined]);
    await expect(keeping?.remove(context, ours)).rejects.toMatchObject({ code: 'item.conflict' });
    expect(regionOf(stand.state, region).points.size).toBe(1);
  });

  it('fails where it is denied, or the vault is missing', async () => {
    const { context } = contextOf(connector);
    const one = await covered(connector);
    stand.state.denied.add('StartBackupJob');
    await expect(keeping?.start(context, one)).rejects.toMatchObject({ code: 'item.denied' });
    stand.state.denied.clear();
    regionOf(stand.state, region).vaults.clear();
    await expect(keeping?.start(context, one)).rejects.toMatchObject({ code: 'item.not-found' });
  });

  it('tells in the ledger that contents are in the point that was asked for', async () => {
    const captured = await captureAll(connector, contextOf(connector).context);
    const { ref } = await covered(connector);
    const notes = captured.get(ref.name)?.captured.ledger ?? [];
    expect(notes.map(({ why }) => why)).toContainEqual(expect.stringContaining('manifest names it'));
  });
});
