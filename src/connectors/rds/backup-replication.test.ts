import { RDS } from '@aws-sdk/client-rds';
import { beforeAll, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import type { RecoveryPoint } from '../../kernel/recovery-point.ts';
import { captureAll, conformanceContext, discoverAll, restoreAll } from '../conformance.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import type { RestoreContext } from '../contract.ts';
import type { OptionsWithPoints } from '../points/options.ts';
import { connector } from './index.ts';

const region = 'us-east-1';
const other = 'us-west-2';
const KmsKeyId = 'arn:aws:kms:us-west-2:123456789012:key/11111111-2222-3333-4444-555555555555';
const cleanups = cleanedUpAfterAll();
let rds: RDS;
let there: RDS;

beforeAll(async () => {
  const moto = await startMoto();
  cleanups.push(() => moto.stop(), useEndpoints({ all: moto.endpoint }));
  rds = new RDS({ region });
  there = new RDS({ region: other });
  const login = { MasterUsername: 'admin', MasterUserPassword: 'xyzzy-master-password' };
  const instance = { DBInstanceClass: 'db.t3.small', Engine: 'mysql', AllocatedStorage: 20, BackupRetentionPeriod: 7 };
  for (const DBInstanceIdentifier of ['shop', 'plain'])
    await rds.createDBInstance({ DBInstanceIdentifier, ...instance, ...login });
  await start(14, KmsKeyId);
}, 60_000);

async function start(BackupRetentionPeriod: number, key?: string): Promise<void> {
  const { DBInstances } = await rds.describeDBInstances({ DBInstanceIdentifier: 'shop' });
  await there.startDBInstanceAutomatedBackupsReplication({
    SourceDBInstanceArn: DBInstances?.[0]?.DBInstanceArn,
    BackupRetentionPeriod,
    ...(key === undefined ? {} : { KmsKeyId: key }),
  });
  for (let look = 0; look < 2; look++) await rds.describeDBInstances({ DBInstanceIdentifier: 'shop' });
}

function contextOf(mode: RestoreContext['mode'], where = region) {
  const run = conformanceContext<OptionsWithPoints>({ points: true }, where, 'regional', region);
  return { ...run, context: { ...run.context, mode, runtime: simulatedRuntime(1) } };
}

async function captureShop(): Promise<MemoryResource> {
  const { context } = contextOf('exact');
  const [found] = (await discoverAll(connector, context)).filter(({ ref }) => ref.name === 'instances/shop');
  const one = (await captureAll(connector, context)).get('instances/shop');
  if (!found || !one) throw new Error('no shop');
  const pointed = { ...context, settings: {}, run: 'run-1', estate: 'acme' };
  let points: RecoveryPoint[] = (await connector.points?.start(pointed, found)) ?? [];
  for (let look = 0; look < 5; look++)
    points = await Promise.all(
      points.map(async (point) => (await connector.points?.follow(pointed, found.ref, point)) ?? point),
    );
  return { ...one, captured: { ...one.captured, points } };
}

async function replications() {
  const { DBInstances } = await rds.describeDBInstances({ DBInstanceIdentifier: 'shop' });
  return await Promise.all(
    (DBInstances?.[0]?.DBInstanceAutomatedBackupsReplications ?? []).map(async (one) => {
      const answer = await there.describeDBInstanceAutomatedBackups({
        DBInstanceAutomatedBackupsArn: one.DBInstanceAutomatedBackupsArn,
      });
      const [backup] = answer.DBInstanceAutomatedBackups ?? [];
      return [backup?.BackupRetentionPeriod, backup?.KmsKeyId];
    }),
  );
}

it('replication of automated backups is captured, told, and started again for an instance that was lost', async () => {
  const shop = await captureShop();
  const { captured } = shop;
  expect(await captured.json('', 'backup-replication.json')).toEqual({ [other]: { retention: 14, kmsKey: KmsKeyId } });
  expect(captured.ledger.map(({ what }) => what)).toContain(`automated backups in ${other}`);
  await rds.deleteDBInstance({ DBInstanceIdentifier: 'shop', SkipFinalSnapshot: true });
  const all = new Map([['instances/shop', shop]]);
  const { context, calls } = contextOf('create-missing');
  expect(await restoreAll(connector, context, all)).toBeGreaterThan(1);
  expect(await replications()).toEqual([[14, KmsKeyId]]);
  const declared = new Set(connector.calls.restore.map(({ operation }) => operation));
  expect(calls.map(({ operation }) => operation).filter((operation) => !declared.has(operation))).toEqual([]);

  // One that is there, with another retention, and one that was not replicated when it was captured.
  const source = (await rds.describeDBInstances({ DBInstanceIdentifier: 'shop' })).DBInstances?.[0]?.DBInstanceArn;
  await there.stopDBInstanceAutomatedBackupsReplication({ SourceDBInstanceArn: source });
  await start(3, KmsKeyId);
  const plan = async (mode: RestoreContext['mode']) => await connector.live?.plan(contextOf(mode).context, captured);
  expect((await plan('revert-changed'))?.map(({ title }) => title)).toEqual([
    'put back backup-replication of instance shop',
  ]);
  await restoreAll(connector, contextOf('revert-changed').context, all);
  expect(await replications()).toEqual([[14, KmsKeyId]]);
  expect(await plan('exact')).toEqual([]);
});

it('an instance without it has no document, and costs no call more', async () => {
  const { context, calls } = contextOf('exact');
  const all = await captureAll(connector, context);
  expect(await all.get('instances/plain')?.captured.json('', 'backup-replication.json')).toBeUndefined();
  expect(calls.filter(({ operation }) => operation === 'DescribeDBInstanceAutomatedBackups')).toHaveLength(1);
});

it('a region does not replicate to itself: that part fails and says what to do', async () => {
  const { captured } = await captureShop();
  const part = { id: 'x', operation: 'write', input: { file: 'backup-replication.json' } };
  await there.createDBInstance({
    DBInstanceIdentifier: 'shop',
    DBInstanceClass: 'db.t3.small',
    Engine: 'mysql',
    AllocatedStorage: 20,
    MasterUsername: 'admin',
    MasterUserPassword: 'xyzzy-master-password',
  });
  const { context } = contextOf('revert-changed', other);
  await expect(connector.live?.apply(context, part as never, captured)).rejects.toMatchObject({
    code: 'item.invalid',
    message: expect.stringContaining('where it is now itself') as unknown,
  });
});
