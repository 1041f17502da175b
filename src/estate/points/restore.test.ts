import { RDS } from '@aws-sdk/client-rds';
import { beforeAll, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { createTestEstate, source, type TestEstate } from '../../../test/estate/memory-estate.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { createAwsAccess } from '../../connectors/aws/access.ts';
import { connector } from '../../connectors/rds/index.ts';
import type { Estate } from '../contract.ts';
import type { RestoreRequest } from '../restore-contract.ts';
import { applyRestore } from '../restore-apply.ts';
import { planRestore } from '../restore-plan.ts';
import { takeSnapshot } from '../snapshot.ts';
import { settleSnapshot } from './settle.ts';

const region = 'us-east-1';
const runtime = simulatedRuntime(5);
const cleanups = cleanedUpAfterAll();
let made: TestEstate;
let estate: Estate;
let rds: RDS;

beforeAll(async () => {
  const moto = await startMoto();
  cleanups.push(() => moto.stop(), useEndpoints({ all: moto.endpoint }));
  rds = new RDS({ region });
  await rds.createDBInstance({
    DBInstanceIdentifier: 'shop',
    DBInstanceClass: 'db.m5.large',
    Engine: 'mysql',
    AllocatedStorage: 20,
    MasterUsername: 'admin',
    MasterUserPassword: 'xyzzy-master-password',
    BackupRetentionPeriod: 9,
  });
  made = await createTestEstate(
    [connector],
    { sources: [source('rds', { options: { points: { retain: '7d' } } })] },
    { runtime },
  );
  const access = createAwsAccess({ account: '123456789012', region, runtime, concurrency: 8 });
  cleanups.push(() => access.close());
  estate = { ...made.again(), aws: async () => await Promise.resolve(access) };
}, 60_000);

it('brings a database back out of the recovery point of a snapshot that was settled', async () => {
  const everything = { selection: { selectors: [] }, tags: {}, resume: false, wait: 0 };
  const { info } = await takeSnapshot(estate, await made.reopen(), everything, made.lookup);
  expect(info).toMatchObject({ outcome: 'partial', pendingPoints: 1 });
  const settled = await settleSnapshot(estate, await made.reopen(), info, { wait: 600_000 }, made.lookup);
  expect(settled.info.outcome).toBe('complete');
  expect(settled.manifest.points).toMatchObject([{ resource: 'rds/instances/shop', state: 'available' }]);

  await rds.deleteDBInstance({ DBInstanceIdentifier: 'shop', SkipFinalSnapshot: true });
  const repository = await made.reopen();
  const reader = await repository.open(settled.info);
  const request: RestoreRequest = { path: '', to: { live: {} }, mode: 'create-missing', rename: [] };
  const plan = await planRestore(estate, repository, reader, request, made.lookup);
  expect(plan.skipped).toEqual([]);
  expect(plan.actions[0]?.title).toContain(`from ${settled.manifest.points[0]?.name}`);
  const report = await applyRestore(estate, repository, reader, plan, made.lookup);
  expect(report).toMatchObject({ outcome: 'complete', failures: [] });
  const { DBInstances } = await rds.describeDBInstances({ DBInstanceIdentifier: 'shop' });
  expect(DBInstances?.[0]).toMatchObject({ DBInstanceClass: 'db.m5.large', BackupRetentionPeriod: 9 });
}, 60_000);
