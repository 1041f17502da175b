import { ApplicationAutoScaling } from '@aws-sdk/client-application-auto-scaling';
import type { DynamoDB } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { putAll, readTables, seedTables } from '../../../test/dynamodb/seed.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import type { RecoveryPoint } from '../../kernel/recovery-point.ts';
import { captureAll, conformanceContext, discoverAll } from '../conformance.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import type { RestoreContext } from '../contract.ts';
import { connector } from './index.ts';
import { applyAll, planOf, region, useMoto } from './moto-for-test.ts';
import { options, type DynamoOptions } from './options.ts';

let client: DynamoDB;
let scaling: ApplicationAutoScaling;
/** Without items, with the backup of each table. */
let captured: Map<string, MemoryResource>;

function contextOf(given: object = {}, more: Partial<RestoreContext<DynamoOptions>> = {}, where = region) {
  const parsed = options.parse({ kinesis: false, contributorInsights: false, items: false, points: true, ...given });
  const run = conformanceContext<DynamoOptions>(parsed, where, 'regional', region);
  const context = { ...run.context, mode: 'create-missing' as const, runtime: simulatedRuntime(1), ...more };
  return { ...run, context };
}

async function withPoints(given: object = {}): Promise<Map<string, MemoryResource>> {
  const { context } = contextOf(given);
  const pointed = { ...context, settings: {}, run: 'run-1', estate: 'acme' };
  const all = await captureAll(connector, context);
  for (const resource of await discoverAll(connector, context)) {
    const { ref } = resource;
    let points: RecoveryPoint[] = (await connector.points?.start(pointed, resource)) ?? [];
    for (let look = 0; look < 3; look++)
      points = await Promise.all(points.map(async (one) => (await connector.points?.follow(pointed, ref, one)) ?? one));
    const one = all.get(ref.name);
    if (one) all.set(ref.name, { ...one, captured: { ...one.captured, points } });
  }
  return all;
}

function resourceOf(name: string): MemoryResource {
  const one = captured.get(name);
  if (!one) throw new Error(`${name} was not captured`);
  return one;
}

useMoto(async (used) => {
  ({ client } = used);
  scaling = new ApplicationAutoScaling({ region });
  used.later(() => scaling.destroy());
  await seedTables(client, scaling);
  captured = await withPoints();
});

async function remove(TableName: string): Promise<void> {
  await client.updateTable({ TableName, DeletionProtectionEnabled: false });
  await client.deleteTable({ TableName });
}

describe('a table out of its backup', () => {
  it('comes back with its items and with everything that DynamoDB leaves out, time to live last', async () => {
    const before = await readTables(client, scaling);
    const streamBefore = (await client.describeTable({ TableName: 'orders' })).Table?.LatestStreamArn;
    await remove('orders');
    await scaling.deregisterScalableTarget({
      ServiceNamespace: 'dynamodb',
      ResourceId: 'table/orders',
      ScalableDimension: 'dynamodb:table:ReadCapacityUnits',
    });
    const { context, calls } = contextOf();
    const actions = await planOf(resourceOf('orders'), context);
    expect(actions.map(({ operation }) => operation)).toEqual(['restore-table', 'update-settings', 'enable-ttl']);
    expect(actions[0]?.title).toMatch(/^restore table orders .* from backup holdfast-run-1-.* \(as of 20/);
    const outcomes = await applyAll(resourceOf('orders'), context, actions);
    expect(await readTables(client, scaling)).toEqual(before);
    const streamNow = (await client.describeTable({ TableName: 'orders' })).Table?.LatestStreamArn;
    expect(outcomes[1]?.identities).toEqual(
      streamNow === streamBefore ? undefined : [{ from: streamBefore, to: streamNow }],
    );
    expect(await planOf(resourceOf('orders'), context)).toEqual([]);
    const declared = new Set(connector.calls.restore.map((one) => one.operation));
    expect(calls.map(({ operation }) => operation).filter((operation) => !declared.has(operation))).toEqual([]);
  });

  it('is gone on with where an attempt died while DynamoDB was at it', async () => {
    await client.deleteTable({ TableName: 'sessions' });
    const resource = resourceOf('sessions');
    const { context } = contextOf();
    const [first] = await planOf(resource, context);
    const origin = (first?.input as { origin: { arn: string } } | undefined)?.origin;
    await client.restoreTableFromBackup({ TargetTableName: 'sessions', BackupArn: origin?.arn });
    const actions = await planOf(resource, context);
    expect(actions.map(({ operation }) => operation)).toEqual(['restore-table', 'update-settings']);
    const outcomes = await applyAll(resource, context, actions);
    expect(outcomes[0]?.result).toBe('unchanged');
    expect(await planOf(resource, context)).toEqual([]);
    expect((await client.scan({ TableName: 'sessions', Select: 'COUNT' })).Count).toBe(40);
  });

  it('never takes a table that somebody else made for its own', async () => {
    const resource = resourceOf('counters');
    const { context } = contextOf({}, { rename: () => 'tally' });
    const actions = await planOf(resource, context);
    await client.createTable({
      TableName: 'tally',
      KeySchema: [{ AttributeName: 'n', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'n', AttributeType: 'N' }],
      BillingMode: 'PAY_PER_REQUEST',
    });
    await expect(applyAll(resource, context, actions)).rejects.toMatchObject({ code: 'item.conflict' });
    await client.deleteTable({ TableName: 'tally' });
  });

  it('is made of its items where the snapshot holds them, unless the backup is asked for', async () => {
    const whole = (await withPoints({ items: true })).get('sessions');
    if (!whole) throw new Error('no sessions');
    const operations = async (given: object, more: object = {}): Promise<string[]> => {
      const { context } = contextOf({ items: true, ...given }, { rename: () => 'copy', ...more });
      return (await planOf(whole, context)).map(({ operation }) => operation);
    };
    expect(await operations({})).toEqual(['create-table', 'write-items']);
    expect(await operations({ restoreFrom: 'point' })).toEqual(['restore-table', 'update-settings']);
    const bare = { ...whole, captured: { ...whole.captured, points: [] } };
    const { context } = contextOf({ restoreFrom: 'point' }, { rename: () => 'copy' });
    await expect(planOf(bare, context)).rejects.toMatchObject({ code: 'item.not-found' });
  });

  it('says what is wrong with a backup that cannot be used', async () => {
    const { context } = contextOf({}, { rename: () => 'copy' });
    const { captured: counters } = resourceOf('counters');
    const [point] = counters.points ?? [];
    if (!point) throw new Error('no point');
    const made = await client.createBackup({ TableName: 'counters', BackupName: 'another' });
    const pending = { ...counters, points: [{ ...point, id: made.BackupDetails?.BackupArn ?? '' }] };
    await expect(connector.live?.plan(context, pending)).rejects.toMatchObject({ code: 'item.point-pending' });
    const gone = { ...counters, points: [{ ...point, id: `${point.id}0` }] };
    await expect(connector.live?.plan(context, gone)).rejects.toMatchObject({ code: 'item.point-failed' });
    const aws = { ...context.aws, account: '210987654321' };
    const [create] = (await connector.live?.plan({ ...context, aws }, counters)) ?? [];
    expect(create?.operation).toBe('create-table');
    expect(create?.ledger).toContainEqual(expect.objectContaining({ what: 'items of the table' }));
  });
});

describe('a table as it was at a moment', () => {
  it('is restored beside the original, with the settings of the snapshot; a second time nothing is left to do', async () => {
    const resource = resourceOf('orders');
    const { ContinuousBackupsDescription: told } = await client.describeContinuousBackups({ TableName: 'orders' });
    const at = told?.PointInTimeRecoveryDescription?.LatestRestorableDateTime?.getTime() ?? 0;
    await expect(planOf(resource, contextOf({}, { at }).context)).rejects.toMatchObject({ code: 'item.conflict' });
    const { context } = contextOf({}, { at, rename: (name) => `${name}-before` });
    const actions = await planOf(resource, context);
    expect(actions[0]?.title).toContain(`as it was at ${new Date(at).toISOString()}`);
    const [made] = await applyAll(resource, context, actions);
    expect(made).toMatchObject({
      class: 'new-identity',
      identities: [{ to: expect.stringMatching(/orders-before$/) }],
    });
    const { Table } = await client.describeTable({ TableName: 'orders-before' });
    expect(Table).toMatchObject({ DeletionProtectionEnabled: true, StreamSpecification: { StreamEnabled: true } });
    const { TimeToLiveDescription: ttl } = await client.describeTimeToLive({ TableName: 'orders-before' });
    expect(ttl).toMatchObject({ TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' });
    const tags = await client.listTagsOfResource({ ResourceArn: Table?.TableArn });
    expect(tags.Tags).toHaveLength(2);
    expect(await planOf(resource, context)).toEqual([]);
  });

  it('refuses a moment outside of the window, a part, another account, and a table without a past', async () => {
    const resource = resourceOf('orders');
    const rename = (): string => 'elsewhere';
    const refused = async (more: object, one = resource): Promise<string> => {
      try {
        await planOf(one, contextOf({}, { rename, at: Date.now() - 10_000, ...more }).context);
      } catch (error) {
        return (error as Error).message;
      }
      return 'planned';
    };
    expect(await refused({ at: 1000 })).toMatch(/can take dynamodb\/orders back from 20.* not to 1970/);
    const part = { only: { collection: 'items', prefix: Buffer.from('a') } };
    expect(await refused(part)).toMatch(/as a whole/);
    expect(await refused({ aws: { ...contextOf().context.aws, account: '1' } })).toMatch(/account 123456789012 only/);
    expect(await refused({}, resourceOf('counters'))).toMatch(/is off/);
    await putAll(client, 'counters', [{ n: { N: '1' } }]);
    await client.deleteTable({ TableName: 'counters' });
    expect(await refused({}, resourceOf('counters'))).toMatch(/is gone/);
  });
});
