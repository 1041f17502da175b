import type { ApplicationAutoScaling } from '@aws-sdk/client-application-auto-scaling';
import type { AttributeValue, DynamoDB } from '@aws-sdk/client-dynamodb';

export const itemsOfOrders = 260;

/** One item with a value of every type that DynamoDB has, in shapes that are easy to lose. */
export const everyType: Record<string, AttributeValue> = {
  customer: { S: 'every/type %.. é\\' },
  number: { N: '-3' },
  longest: { N: '12345678901234567890123456789012345678' },
  smallest: { N: '0.000000000000000000000000000000000000001' },
  text: { S: 'quotes " and \n lines ü 🦊' },
  empty: { S: '' },
  binary: { B: Uint8Array.of(0, 255, 128, 10) },
  strings: { SS: ['b', 'a', 'ä'] },
  numbers: { NS: ['10', '9', '-1.5'] },
  binaries: { BS: [Uint8Array.of(2), Uint8Array.of(1, 1)] },
  list: { L: [{ S: 'x' }, { N: '1' }, { L: [] }, { M: {} }] },
  map: { M: { 'a.b': { BOOL: false }, inner: { M: { deep: { NULL: true } } } } },
  yes: { BOOL: true },
};

/** Three tables: one with everything, one with a binary key, one with a numeric key and nothing else. */
export async function seedTables(client: DynamoDB, scaling?: ApplicationAutoScaling): Promise<void> {
  await client.createTable({
    TableName: 'orders',
    KeySchema: [
      { AttributeName: 'customer', KeyType: 'HASH' },
      { AttributeName: 'number', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: 'customer', AttributeType: 'S' },
      { AttributeName: 'number', AttributeType: 'N' },
      { AttributeName: 'day', AttributeType: 'S' },
    ],
    BillingMode: 'PROVISIONED',
    ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 6 },
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-day',
        KeySchema: [{ AttributeName: 'day', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['total', 'state'] },
        ProvisionedThroughput: { ReadCapacityUnits: 2, WriteCapacityUnits: 3 },
      },
    ],
    LocalSecondaryIndexes: [
      {
        IndexName: 'customer-by-day',
        KeySchema: [
          { AttributeName: 'customer', KeyType: 'HASH' },
          { AttributeName: 'day', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    DeletionProtectionEnabled: true,
    Tags: [
      { Key: 'site', Value: 'shop' },
      { Key: 'owner', Value: 'team orders' },
    ],
  });
  await client.createTable({
    TableName: 'sessions',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'B' }],
    BillingMode: 'PAY_PER_REQUEST',
  });
  await client.createTable({
    TableName: 'counters',
    KeySchema: [{ AttributeName: 'n', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'n', AttributeType: 'N' }],
    BillingMode: 'PAY_PER_REQUEST',
  });
  await settle(client, scaling);
  const orders = Array.from({ length: itemsOfOrders - 1 }, (_, i) => order(i));
  await putAll(client, 'orders', [everyType, ...orders]);
  await putAll(
    client,
    'sessions',
    Array.from({ length: 40 }, (_, i) => ({ id: { B: Uint8Array.of(i, 255 - i, 0) }, expires: { N: String(i) } })),
  );
}

function order(i: number): Record<string, AttributeValue> {
  return {
    customer: { S: `customer-${i % 20}` },
    number: { N: String(i) },
    day: { S: `2026-11-${String((i % 28) + 1).padStart(2, '0')}` },
    total: { N: `${i}.5` },
    padding: { S: 'p'.repeat(500) },
  };
}

async function settle(client: DynamoDB, scaling: ApplicationAutoScaling | undefined): Promise<void> {
  const { Table } = await client.describeTable({ TableName: 'orders' });
  const ResourceArn = Table?.TableArn ?? '';
  await client.updateTimeToLive({
    TableName: 'orders',
    TimeToLiveSpecification: { Enabled: true, AttributeName: 'expires' },
  });
  await client.updateContinuousBackups({
    TableName: 'orders',
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  });
  const Statement = [
    {
      Effect: 'Deny',
      Principal: '*',
      Action: 'dynamodb:DeleteTable',
      Resource: [ResourceArn, `${ResourceArn}/index/*`],
    },
  ];
  await client.putResourcePolicy({ ResourceArn, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) });
  if (scaling === undefined) return;
  const target = {
    ServiceNamespace: 'dynamodb',
    ResourceId: 'table/orders',
    ScalableDimension: 'dynamodb:table:ReadCapacityUnits',
  } as const;
  await scaling.registerScalableTarget({ ...target, MinCapacity: 5, MaxCapacity: 50 });
  await scaling.putScalingPolicy({
    ...target,
    PolicyName: 'reads at 70 %',
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingScalingPolicyConfiguration: {
      TargetValue: 70,
      PredefinedMetricSpecification: { PredefinedMetricType: 'DynamoDBReadCapacityUtilization' },
    },
  });
}

export async function putAll(
  client: DynamoDB,
  table: string,
  items: readonly Record<string, AttributeValue>[],
): Promise<void> {
  for (let at = 0; at < items.length; at += 25) {
    const requests = items.slice(at, at + 25).map((Item) => ({ PutRequest: { Item } }));
    await client.batchWriteItem({ RequestItems: { [table]: requests } });
  }
}

/** What the SDK says about every table: schema, settings, items; without dates, counts, ids and sizes. */
export async function readTables(client: DynamoDB, scaling?: ApplicationAutoScaling): Promise<unknown> {
  const tables: Record<string, unknown> = {};
  for (const TableName of (await client.listTables({})).TableNames ?? []) {
    const { Table } = await client.describeTable({ TableName });
    const { TableArn: ResourceArn = '' } = Table ?? {};
    const items = (await client.scan({ TableName })).Items ?? [];
    tables[TableName] = {
      keys: Table?.KeySchema,
      attributes: [...(Table?.AttributeDefinitions ?? [])].map((one) => JSON.stringify(one)).sort(),
      billing: Table?.BillingModeSummary?.BillingMode,
      read: Table?.ProvisionedThroughput?.ReadCapacityUnits,
      global: Table?.GlobalSecondaryIndexes?.map(({ IndexName, KeySchema, Projection, ProvisionedThroughput }) => [
        IndexName,
        KeySchema,
        Projection?.ProjectionType,
        [...(Projection?.NonKeyAttributes ?? [])].sort(),
        ProvisionedThroughput?.ReadCapacityUnits,
      ]),
      local: Table?.LocalSecondaryIndexes?.map(({ IndexName, KeySchema, Projection }) => [
        IndexName,
        KeySchema,
        Projection,
      ]),
      stream: Table?.StreamSpecification,
      isProtected: Table?.DeletionProtectionEnabled ?? false,
      ttl: await ttlOf(client, TableName),
      recovery: (await client.describeContinuousBackups({ TableName })).ContinuousBackupsDescription
        ?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus,
      tags: [...((await client.listTagsOfResource({ ResourceArn })).Tags ?? [])]
        .map((tag) => JSON.stringify(tag))
        .sort(),
      policy: await client.getResourcePolicy({ ResourceArn }).then(
        (answer) => JSON.parse(answer.Policy ?? 'null') as unknown,
        () => undefined,
      ),
      scaling: await scalingOf(scaling, TableName),
      items: items.map(comparable).sort(),
    };
  }
  return tables;
}

/** An emulator may go on naming the attribute once it is off. */
async function ttlOf(client: DynamoDB, TableName: string): Promise<unknown> {
  const { TimeToLiveDescription: ttl } = await client.describeTimeToLive({ TableName });
  return ttl?.TimeToLiveStatus === 'ENABLED' ? ttl.AttributeName : undefined;
}

async function scalingOf(scaling: ApplicationAutoScaling | undefined, table: string): Promise<unknown> {
  if (scaling === undefined) return undefined;
  const where = { ServiceNamespace: 'dynamodb', ResourceId: `table/${table}` } as const;
  const targets = await scaling.describeScalableTargets({
    ServiceNamespace: 'dynamodb',
    ResourceIds: [where.ResourceId],
  });
  const policies = await scaling.describeScalingPolicies(where);
  return [
    targets.ScalableTargets?.map(({ ScalableDimension, MinCapacity, MaxCapacity }) => [
      ScalableDimension,
      MinCapacity,
      MaxCapacity,
    ]),
    policies.ScalingPolicies?.map((policy) => [policy.PolicyName, policy.TargetTrackingScalingPolicyConfiguration]),
  ];
}

/** The order of attributes and of sets means nothing. */
function comparable(item: Record<string, AttributeValue>): string {
  return JSON.stringify(item, (_key, value: unknown) => {
    if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
    const sorted = Object.entries(value as Record<string, unknown>).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(
      sorted.map(([name, inner]) => [name, isSet(name, inner) ? inner.map(hexOf).sort() : inner]),
    );
  });
}

function isSet(name: string, value: unknown): value is readonly unknown[] {
  return ['SS', 'NS', 'BS'].includes(name) && Array.isArray(value);
}

function hexOf(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value);
}
