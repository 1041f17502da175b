import { ApplicationAutoScaling } from '@aws-sdk/client-application-auto-scaling';
import { DynamoDB, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { putAll, readTables, seedTables } from '../../../test/dynamodb/seed.ts';
import { startStingyProxy } from '../../../test/dynamodb/stingy-proxy.ts';
import {
  startFaultProxy,
  startMinistack,
  startMoto,
  useEndpoints,
  type Emulator,
  type FaultProxy,
} from '../../../test/emulators/index.ts';
import { utf8 } from '../../kernel/bytes.ts';
import { captureAll, conformanceContext, describeConnector, restoreAll } from '../conformance.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import type { PlannedAction, RestoreContext } from '../contract.ts';
import { connector } from './index.ts';
import { options, type DynamoOptions } from './options.ts';
import { segmentsFor } from './scan.ts';

const region = 'us-east-1';
const onMoto = { kinesis: false, contributorInsights: false };
let moto: Emulator;
let ministack: Emulator;
let proxy: FaultProxy;
let client: DynamoDB;

beforeAll(async () => {
  [moto, ministack] = await Promise.all([startMoto(), startMinistack()]);
  proxy = await startFaultProxy(moto.endpoint);
});
afterAll(async () => {
  await proxy.stop();
  await Promise.all([moto.stop(), ministack.stop()]);
});

describe('on MiniStack, with auto scaling on moto', () => {
  let restore: () => void;
  let scaling: ApplicationAutoScaling;
  beforeAll(() => {
    restore = useEndpoints({ all: ministack.endpoint, services: { 'application auto scaling': moto.endpoint } });
    client = new DynamoDB({ region });
    scaling = new ApplicationAutoScaling({ region });
  });
  afterAll(() => {
    client.destroy();
    scaling.destroy();
    restore();
  });

  describeConnector('dynamodb on MiniStack', async () => ({
    connector,
    options: options.parse({ consistent: true }),
    region,
    leastResources: 3,
    async seed() {
      await seedTables(client, scaling);
      const StreamArn = 'arn:aws:kinesis:us-east-1:000000000000:stream/changes';
      await client.enableKinesisStreamingDestination({ TableName: 'orders', StreamArn });
      await client.updateContributorInsights({ TableName: 'orders', ContributorInsightsAction: 'ENABLE' });
    },
    otherRegion: 'eu-west-1',
    servedBy: 'MiniStack',
    readBack: async (where) => {
      const there = new DynamoDB({ region: where });
      const scalingThere = new ApplicationAutoScaling({ region: where });
      try {
        return await readTables(there, scalingThere);
      } finally {
        there.destroy();
        scalingThere.destroy();
      }
    },
    async damage() {
      // An existing table, changed in everything that can be changed.
      await client.updateTable({ TableName: 'orders', DeletionProtectionEnabled: false });
      await client.updateTable({
        TableName: 'orders',
        GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'by-day' } }],
      });
      await client.updateTable({
        TableName: 'orders',
        ProvisionedThroughput: { ReadCapacityUnits: 9, WriteCapacityUnits: 9 },
      });
      const arn = (await client.describeTable({ TableName: 'orders' })).Table?.TableArn;
      await client.untagResource({ ResourceArn: arn, TagKeys: ['site'] });
      await client.deleteResourcePolicy({ ResourceArn: arn });
      await client.updateContinuousBackups({
        TableName: 'orders',
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
      });
      await client.updateTimeToLive({
        TableName: 'orders',
        TimeToLiveSpecification: { Enabled: false, AttributeName: 'expires' },
      });
      await client.updateContributorInsights({ TableName: 'orders', ContributorInsightsAction: 'DISABLE' });
      await client.deleteTable({ TableName: 'sessions' });
      await putAll(client, 'counters', [{ n: { N: '77' } }]);
    },
  }));
});

describe('on moto', () => {
  let restore: () => void;
  beforeAll(() => {
    restore = useEndpoints({ all: proxy.endpoint });
    client = new DynamoDB({ region });
  });
  afterAll(() => {
    client.destroy();
    restore();
  });
  beforeEach(async () => {
    proxy.clearFaults();
    for (const TableName of (await client.listTables({})).TableNames ?? []) await client.deleteTable({ TableName });
  });

  async function makeTable(TableName: string, items: number, type: 'S' | 'N' = 'S'): Promise<void> {
    await client.createTable({
      TableName,
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: type }],
      BillingMode: 'PAY_PER_REQUEST',
    });
    await putAll(
      client,
      TableName,
      Array.from({ length: items }, (_, i) => item(i, type)),
    );
  }
  function item(i: number, type: 'S' | 'N' = 'S'): Record<string, AttributeValue> {
    return { id: type === 'S' ? { S: `k-${i}` } : { N: String(i) }, i: { N: String(i) } };
  }
  function contextFor(given: object = {}, more: Partial<RestoreContext<DynamoOptions>> = {}) {
    const run = conformanceContext(options.parse({ ...onMoto, ...given }), region, connector.scope);
    return { ...run, context: { ...run.context, ...more } };
  }
  async function captured(name: string, given: object = {}): Promise<MemoryResource> {
    const found = (await captureAll(connector, contextFor(given).context)).get(name);
    if (found === undefined) throw new Error(`${name} was not captured`);
    return found;
  }
  async function planOf(resource: MemoryResource, more: Partial<RestoreContext<DynamoOptions>> = {}) {
    return (await connector.live?.plan(contextFor({}, more).context, resource.captured)) ?? [];
  }
  async function applyAll(resource: MemoryResource, actions: readonly PlannedAction[], more: object = {}) {
    const { context } = contextFor({}, more);
    const outcomes = [];
    for (const action of actions) outcomes.push(await connector.live?.apply(context, action, resource.captured));
    return outcomes;
  }
  async function itemsOf(TableName: string): Promise<number> {
    return (await client.scan({ TableName, Select: 'COUNT' })).Count ?? 0;
  }

  it('segments are disjoint and complete together, whatever their number', async () => {
    await makeTable('parts', 300);
    const whole = await captured('parts');
    for (const segments of [2, 5, 16]) {
      const { context, calls } = contextFor({ segments });
      const parts = (await captureAll(connector, context)).get('parts');
      expect(parts?.dump()).toEqual(whole.dump());
      expect(calls.filter((call) => call.operation === 'Scan')).toHaveLength(segments);
    }
    expect([0, 64, 1024, 20_000, 300_000].map((mebibytes) => segmentsFor(mebibytes * 1024 * 1024))).toEqual([
      1, 4, 16, 64, 256,
    ]);
  });

  it('pages are followed, and the read budget is kept', async () => {
    await makeTable('pages', 0);
    const padding = { S: 'x'.repeat(100_000) };
    await putAll(
      client,
      'pages',
      Array.from({ length: 24 }, (_, i) => ({ ...item(i), padding })),
    );
    const { context, calls } = contextFor({ rcu: 0.1 });
    let slept = 0;
    const runtime = {
      ...context.runtime,
      clock: {
        now: () => context.runtime.clock.now(),
        async sleep(ms: number) {
          slept += ms;
        },
      },
    };
    const all = await captureAll(connector, { ...context, runtime });
    expect([...(all.get('pages')?.dump() ?? [])].filter((line) => line.startsWith('items/'))).toHaveLength(24);
    expect(calls.filter((call) => call.operation === 'Scan').length).toBeGreaterThan(1);
    expect(slept).toBeGreaterThan(0);
  });

  it('a segment that fails costs a line that names it, and is never taken for deleted items', async () => {
    await makeTable('sick', 100, 'N');
    let seen = 0;
    proxy.addFault({
      kind: 'deny',
      service: 'dynamodb',
      match: (r) => r.target?.endsWith('.Scan') === true && ++seen === 2,
    });
    const partial = await captured('sick', { segments: 4 });
    expect(partial.failures).toHaveLength(1);
    expect(partial.failures[0]?.message).toMatch(/segment \d of 4/);
    expect(partial.failures[0]?.code).toBe('item.denied');
    proxy.clearFaults();
    await putAll(client, 'sick', [{ id: { N: '1000' } }]);
    expect(await planOf(partial, { mode: 'exact' })).toEqual([]);
    const complete = await captured('sick', { segments: 4 });
    await putAll(client, 'sick', [{ id: { N: '1001' } }]);
    expect((await planOf(complete, { mode: 'exact' })).map((action) => action.operation)).toEqual(['delete-items']);
  });

  it('a setting that is denied costs that setting, and is not removed by a restore', async () => {
    await makeTable('denied', 3);
    await client.updateTimeToLive({
      TableName: 'denied',
      TimeToLiveSpecification: { Enabled: true, AttributeName: 'expires' },
    });
    proxy.addFault({ kind: 'deny', match: (r) => r.target?.endsWith('DescribeTimeToLive') === true });
    const partial = await captured('denied');
    proxy.clearFaults();
    expect(partial.failures.map((failure) => failure.code)).toEqual(['item.denied']);
    expect(partial.captured.ledger.map((note) => note.what)).toContain('ttl.json not captured');
    expect(await planOf(partial, { mode: 'exact' })).toEqual([]);
  });

  it('throttling costs time only', async () => {
    await makeTable('busy', 30);
    const whole = await captured('busy');
    const isScan = (request: { readonly target?: string }): boolean => request.target?.endsWith('.Scan') === true;
    proxy.addFault({ kind: 'throttle', service: 'dynamodb', match: isScan, times: 2 });
    expect((await captured('busy')).dump()).toEqual(whole.dump());
  });

  it('each mode does what it says', async () => {
    await makeTable('modes', 60);
    const resource = await captured('modes');
    await client.deleteItem({ TableName: 'modes', Key: { id: { S: 'k-1' } } });
    await client.putItem({ TableName: 'modes', Item: { id: { S: 'k-2' }, other: { BOOL: true } } });
    await client.putItem({ TableName: 'modes', Item: { id: { S: 'new' } } });
    const titles = async (mode: RestoreContext['mode']) => (await planOf(resource, { mode })).map((a) => a.title);
    expect(await titles('create-missing')).toEqual(['write 1 items to table modes (1 missing)']);
    expect(await titles('revert-changed')).toEqual(['write 2 items to table modes (1 missing, 1 changed)']);
    expect(await titles('exact')).toEqual([
      'write 2 items to table modes (1 missing, 1 changed)',
      'delete 1 items from table modes that the snapshot does not hold',
    ]);
    for (const [mode, count, changed] of [
      ['create-missing', 61, true],
      ['revert-changed', 61, false],
      ['exact', 60, false],
    ] as const) {
      await applyAll(resource, await planOf(resource, { mode }), { mode });
      expect(await itemsOf('modes')).toBe(count);
      const { Item } = await client.getItem({ TableName: 'modes', Key: { id: { S: 'k-2' } } });
      expect(Item?.['other'] !== undefined).toBe(changed);
      expect(await planOf(resource, { mode })).toEqual([]);
    }
  });

  it('a piece, and another name', async () => {
    await makeTable('pieces', 30);
    const resource = await captured('pieces');
    for (let i = 0; i < 30; i++) await client.deleteItem({ TableName: 'pieces', Key: { id: { S: `k-${i}` } } });
    const only = { collection: 'items', prefix: utf8('k-2') };
    await applyAll(resource, await planOf(resource, { only }), { only });
    // k-2 and k-20 to k-29.
    expect(await itemsOf('pieces')).toBe(11);
    const rename = (): string => 'copy';
    const actions = await planOf(resource, { rename });
    expect(actions[0]?.title).toMatch(/^create table copy \(id S\)/);
    const outcomes = await applyAll(resource, actions, { rename });
    expect(outcomes[0]).toMatchObject({ class: 'new-identity', identities: [{ to: expect.stringMatching(/copy$/) }] });
    expect(await itemsOf('copy')).toBe(30);
    expect(await itemsOf('pieces')).toBe(11);
    const one = { only: { collection: '', prefix: utf8('ttl.json') }, mode: 'exact' } as const;
    expect(await planOf(resource, one)).toEqual([]);
  });

  it('a restore that died half-way is completed, and applied twice changes nothing', async () => {
    await makeTable('twice', 120);
    const resource = await captured('twice');
    await client.deleteTable({ TableName: 'twice' });
    const actions = await planOf(resource);
    expect(actions.map((action) => action.operation)).toEqual(['create-table', 'write-items']);
    await applyAll(resource, actions.slice(0, 1));
    await putAll(
      client,
      'twice',
      Array.from({ length: 50 }, (_, i) => item(i)),
    );
    const outcomes = await applyAll(resource, actions);
    expect(outcomes.map((outcome) => outcome?.result)).toEqual(['unchanged', 'done']);
    expect(outcomes[1]?.items).toBe(70);
    expect((await applyAll(resource, actions)).map((outcome) => outcome?.result)).toEqual(['unchanged', 'unchanged']);
    expect(await planOf(resource)).toEqual([]);
  });

  it('items past their time to live are announced, and time to live comes last', async () => {
    await makeTable('ttl', 0);
    const now = Math.floor(contextFor().context.runtime.clock.now() / 1000);
    const times = [now - 3600, now - 60, now + 3600, now - 6 * 365 * 24 * 3600];
    await putAll(
      client,
      'ttl',
      times.map((time, i) => ({ ...item(i), expires: { N: String(time) } })),
    );
    await client.updateTimeToLive({
      TableName: 'ttl',
      TimeToLiveSpecification: { Enabled: true, AttributeName: 'expires' },
    });
    const resource = await captured('ttl');
    await client.deleteTable({ TableName: 'ttl' });
    const actions = await planOf(resource);
    expect(actions.map((action) => action.operation)).toEqual(['create-table', 'write-items', 'enable-ttl']);
    expect(actions[1]?.ledger).toMatchObject([{ class: 'lost', count: 2 }]);
  });

  it('a table with another key is refused, with what to do', async () => {
    await makeTable('keyed', 1);
    const resource = await captured('keyed');
    await client.deleteTable({ TableName: 'keyed' });
    await makeTable('keyed', 1, 'N');
    await expect(planOf(resource)).rejects.toMatchObject({
      code: 'item.conflict',
      hint: expect.stringMatching(/--rename/),
    });
  });

  it('what a batch leaves unprocessed is sent again until all is written', async () => {
    await makeTable('slow', 140);
    const resource = await captured('slow');
    await client.deleteTable({ TableName: 'slow' });
    const stingy = await startStingyProxy(moto.endpoint);
    const back = useEndpoints({ all: stingy.endpoint });
    const { context } = contextFor();
    expect(await restoreAll(connector, context, new Map([['slow', resource]]))).toBe(2);
    back();
    await stingy.stop();
    expect(stingy.held()).toBeGreaterThan(50);
    expect(await itemsOf('slow')).toBe(140);
    expect(await planOf(resource)).toEqual([]);
  });
});
