import { KMS } from '@aws-sdk/client-kms';
import { RDS } from '@aws-sdk/client-rds';
import { beforeAll, describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import type { RecoveryPoint } from '../../kernel/recovery-point.ts';
import { conformanceContext, discoverAll } from '../conformance.ts';
import type { DiscoveredResource } from '../contract.ts';
import type { PointContext } from '../points/keeping.ts';
import type { OptionsWithPoints } from '../points/options.ts';
import { connector } from './index.ts';

const region = 'us-east-1';
const other = 'us-west-2';
const cleanups = cleanedUpAfterAll();
const keeping = connector.points;
let rds: RDS;
let key: string;

beforeAll(async () => {
  const moto = await startMoto();
  cleanups.push(() => moto.stop(), useEndpoints({ all: moto.endpoint }));
  rds = new RDS({ region });
  const login = { MasterUsername: 'admin', MasterUserPassword: 'xyzzy-master-password' };
  const instance = { DBInstanceClass: 'db.t3.small', Engine: 'mysql', AllocatedStorage: 20, ...login };
  await rds.createDBInstance({ DBInstanceIdentifier: 'shop', ...instance });
  await rds.createDBInstance({ DBInstanceIdentifier: 'vault', StorageEncrypted: true, ...instance });
  await rds.createDBCluster({ DBClusterIdentifier: 'aurora', Engine: 'aurora-mysql', ...login });
  await rds.createDBInstance({
    DBInstanceIdentifier: 'aurora-1',
    DBClusterIdentifier: 'aurora',
    DBInstanceClass: 'db.r5.large',
    Engine: 'aurora-mysql',
  });
  await rds.createDBSnapshot({ DBInstanceIdentifier: 'shop', DBSnapshotIdentifier: 'by-hand' });
  key = (await new KMS({ region: other }).createKey({})).KeyMetadata?.Arn ?? '';
}, 60_000);

function contextOf(run: string, settings: PointContext['settings'] = {}) {
  const { context, calls } = conformanceContext<OptionsWithPoints>({ points: true }, region, 'regional');
  return { context: { ...context, settings, run, estate: 'acme', runtime: simulatedRuntime(1) }, calls };
}

async function found(name: string): Promise<DiscoveredResource> {
  const one = (await discoverAll(connector, contextOf('x').context)).find(({ ref }) => ref.name === name);
  if (!one) throw new Error(`no ${name}`);
  return one;
}

async function followed(context: PointContext<OptionsWithPoints>, one: DiscoveredResource, points: RecoveryPoint[]) {
  let now = points;
  const seen: RecoveryPoint[] = [...points];
  for (let look = 0; look < 12 && now.some(({ state }) => state === 'pending'); look++) {
    now = await Promise.all(now.map(async (point) => (await keeping?.follow(context, one.ref, point)) ?? point));
    seen.push(...now);
  }
  return { now, seen };
}

describe('recovery points of rds', () => {
  it.each([
    ['instances/shop', 'rds-snapshot'],
    ['clusters/aurora', 'rds-cluster-snapshot'],
  ])('starts, follows and deletes one of %s', async (name, kind) => {
    const { context, calls } = contextOf('run-1');
    const one = await found(name);
    const began = Date.now();
    const begun = (await keeping?.start(context, one)) ?? [];
    expect(begun).toMatchObject([{ kind, state: 'pending', percent: 0, region, run: 'run-1' }]);
    const { now, seen } = await followed(context, one, begun);
    expect(seen.map(({ state, percent }) => [state, percent])).toContainEqual(['pending', 50]);
    const [ended] = now;
    expect(ended?.state).toBe('available');
    expect(Math.abs((ended?.at ?? 0) - began)).toBeLessThan(60_000);
    expect(ended?.id).toMatch(/^arn:aws:rds:us-east-1:123456789012:(cluster-)?snapshot:holdfast-run-1-/);
    expect((await keeping?.start(context, one))?.[0]?.id).toBe(ended?.id);
    const listed = (await keeping?.list(context, one)) ?? [];
    expect(listed.filter(({ run }) => run === 'run-1')).toHaveLength(1);
    expect(listed.some(({ name: called }) => called === 'by-hand')).toBe(name === 'instances/shop');
    if (ended) await keeping?.remove(context, ended);
    expect(ended && (await keeping?.follow(context, one.ref, ended))).toMatchObject({ state: 'gone' });
    const declared = new Set([...connector.calls.capture, ...(connector.calls.points ?? [])].map((c) => c.operation));
    expect(calls.map(({ operation }) => operation).filter((operation) => !declared.has(operation))).toEqual([]);
  });

  it('asks for none of members of a cluster: they are in its own', async () => {
    expect(await keeping?.start(contextOf('run-1').context, await found('instances/aurora-1'))).toEqual([]);
  });

  it.each(['instances/shop', 'clusters/aurora', 'instances/vault'])(
    'copies that of %s under a key of the other region',
    async (name) => {
      const { context } = contextOf('run-2', { copyTo: other, kmsKey: key });
      const one = await found(name);
      const { now } = await followed(context, one, (await keeping?.start(context, one)) ?? []);
      expect(now.map(({ region: where, state, run }) => [where, state, run])).toEqual([
        [region, 'available', 'run-2'],
        [other, 'available', 'run-2'],
      ]);
      const [original, copy] = now;
      expect(copy?.kmsKey).toBe(key);
      expect(copy?.copyOf).toBe(original?.name);
      expect(copy?.at).toBe(original?.at);
      expect((await keeping?.list(context, one))?.filter(({ run }) => run === 'run-2')).toHaveLength(2);
    },
  );

  it('says which key is missing where the original is encrypted', async () => {
    const { context } = contextOf('run-3', { copyTo: other });
    const one = await found('instances/vault');
    const begun = (await keeping?.start(context, one)) ?? [];
    await expect(followed(context, one, begun)).rejects.toMatchObject({
      code: 'item.invalid',
      hint: expect.stringContaining('kmsKey') as unknown,
    });
  });

  it('leaves alone what others made, whoever says otherwise', async () => {
    const { context } = contextOf('run-1');
    const listed = await keeping?.list(context, await found('instances/shop'));
    const byHand = listed?.find(({ name }) => name === 'by-hand');
    expect(byHand).toBeDefined();
    if (byHand) await expect(keeping?.remove(context, byHand)).rejects.toMatchObject({ code: 'item.conflict' });
    expect((await rds.describeDBSnapshots({ DBSnapshotIdentifier: 'by-hand' })).DBSnapshots).toHaveLength(1);
  });
});
