import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import type { RecoveryPoint } from '../../kernel/recovery-point.ts';
import { conformanceContext, discoverAll } from '../conformance.ts';
import type { DiscoveredResource } from '../contract.ts';
import type { PointContext } from '../points/keeping.ts';
import { pointName } from '../points/tags.ts';
import { connector } from './index.ts';
import { region, useMoto } from './moto-for-test.ts';
import { options, type DynamoOptions } from './options.ts';
import { runOfName } from './points.ts';

const arn = 'arn:aws:dynamodb:us-east-1:123456789012:table/orders';
const keeping = connector.points;
let client: DynamoDB;

useMoto(async (used) => {
  ({ client } = used);
  const elsewhere = new DynamoDB({ region: 'eu-west-1' });
  used.later(() => elsewhere.destroy());
  for (const where of [client, elsewhere])
    for (const TableName of ['orders', 'carts'])
      await where.createTable({
        TableName,
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      });
  // What others made stays theirs, under whatever name.
  await elsewhere.createBackup({ TableName: 'orders', BackupName: pointName('run-1', arn) });
  await client.createBackup({ TableName: 'orders', BackupName: 'by-hand' });
});

function contextOf(run: string, settings: PointContext['settings'] = {}) {
  const given = options.parse({ kinesis: false, contributorInsights: false, points: true });
  const { context, calls } = conformanceContext<DynamoOptions>(given, region, 'regional');
  return { context: { ...context, settings, run, estate: 'acme', runtime: simulatedRuntime(1) }, calls };
}

async function found(name: string): Promise<DiscoveredResource> {
  const one = (await discoverAll(connector, contextOf('x').context)).find(({ ref }) => ref.name === name);
  if (!one) throw new Error(`no ${name}`);
  return one;
}

async function followed(context: PointContext<DynamoOptions>, one: DiscoveredResource, points: RecoveryPoint[]) {
  let now = points;
  const seen = points.map(({ state }) => state);
  for (let look = 0; look < 8 && now.some(({ state }) => state === 'pending'); look++) {
    now = await Promise.all(now.map(async (point) => (await keeping?.follow(context, one.ref, point)) ?? point));
    seen.push(...now.map(({ state }) => state));
  }
  return { now, seen };
}

describe('on-demand backups of dynamodb', () => {
  it('are started once, followed, told apart from those of others, and deleted', async () => {
    const { context, calls } = contextOf('run-1');
    const one = await found('orders');
    const began = Date.now();
    const begun = (await keeping?.start(context, one)) ?? [];
    expect(begun).toMatchObject([{ kind: 'dynamodb-backup', state: 'pending', region, run: 'run-1' }]);
    const again = (await keeping?.start(context, one)) ?? [];
    expect(again[0]?.id).toBe(begun[0]?.id);
    const { now, seen } = await followed(context, one, begun);
    expect(seen).toContain('pending');
    const [ended] = now;
    expect(ended).toMatchObject({ state: 'available', name: pointName('run-1', arn) });
    expect(ended?.id).toMatch(/:table\/orders\/backup\//);
    expect(Math.abs((ended?.at ?? 0) - began)).toBeLessThan(60_000);
    const listed = (await keeping?.list(context, one)) ?? [];
    expect(listed.map(({ name, run }) => [name, run]).toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))).toEqual([
      ['by-hand', undefined],
      [pointName('run-1', arn), 'run-1'],
    ]);
    const theirs = listed.find(({ name }) => name === 'by-hand');
    await expect(theirs && keeping?.remove(context, theirs)).rejects.toMatchObject({ code: 'item.conflict' });
    if (ended) await keeping?.remove(context, ended);
    expect(ended && (await keeping?.follow(context, one.ref, ended))).toMatchObject({ state: 'gone' });
    if (ended) await keeping?.remove(context, ended);
    const declared = new Set([...connector.calls.capture, ...(connector.calls.points ?? [])].map((c) => c.operation));
    expect(calls.map(({ operation }) => operation).filter((operation) => !declared.has(operation))).toEqual([]);
  });

  it('are found by one name where a creation was sent twice, and the other one is listed as ours', async () => {
    const one = await found('carts');
    const BackupName = pointName('run-2', one.ref.id);
    const first = await client.createBackup({ TableName: 'carts', BackupName });
    await client.createBackup({ TableName: 'carts', BackupName });
    const { context } = contextOf('run-2');
    expect(await keeping?.start(context, one)).toMatchObject([{ id: first.BackupDetails?.BackupArn }]);
    expect((await keeping?.list(context, one))?.map(({ run }) => run)).toEqual(['run-2', 'run-2']);
  });

  it('stay in their region: a table of the same name elsewhere keeps its own', async () => {
    const { context } = contextOf('run-3', { copyTo: 'eu-west-1' });
    const told: string[] = [];
    const hearing = { ...context, events: (event: object) => void told.push(JSON.stringify(event)) };
    const one = await found('orders');
    expect(await keeping?.start(hearing, one)).toHaveLength(1);
    expect(told.join()).toContain('cannot be copied');
    expect((await keeping?.list(context, one))?.map((point) => point.region)).not.toContain('eu-west-1');
  });

  it('belong to a run by their whole name and table only', () => {
    expect(runOfName(pointName('20261121t225500-1a2b3c4d', arn), arn)).toBe('20261121t225500-1a2b3c4d');
    expect(runOfName(pointName('run-1', `${arn}2`), arn)).toBeUndefined();
    expect(runOfName('holdfast-run-1-0123456789', arn)).toBeUndefined();
  });

  it('come with a note that says where the items are', async () => {
    const { context } = contextOf('x');
    const notes: string[] = [];
    const sink = { add: async () => {}, idle: async () => {} };
    await connector.capture({ ...context, options: { ...context.options, items: false } }, await found('orders'), {
      root: sink,
      collection: () => sink,
      fail: () => {},
      note: ({ what, action }) => notes.push(`${what}: ${action}`),
    });
    expect(notes.join()).toMatch(/items not captured: They are in the backup/);
  });
});
