import {
  BatchWriteItemCommand,
  CreateTableCommand,
  UpdateContinuousBackupsCommand,
  UpdateTimeToLiveCommand,
  type AttributeValue,
  type CreateTableCommandInput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { bytesOf, numberOf, pickOf, textOf } from '../deterministic.ts';
import { inParallel } from '../parallel.ts';
import { environmentsOf, shared, type EstateSize, type SiteEnvironment } from '../sites.ts';

const atOnce = 8;
const batchSize = 25;
const atMostPerSend = 4;

export interface TableSpec {
  readonly name: string;
  readonly kind: 'bookings' | 'customers' | 'sessions' | 'counters';
  readonly site?: SiteEnvironment;
  readonly items: number;
}

/** Two tables per site and environment and two shared ones: 14. */
export function tablesOf(size: EstateSize): readonly TableSpec[] {
  const share = size === 'full' ? 1 : 0.1;
  const ofSites = environmentsOf(size).flatMap((site) => {
    const count = site.environment === 'prod' ? 400 : 120;
    return [
      { name: site.named('bookings'), kind: 'bookings' as const, site, items: Math.ceil(count * share) },
      { name: site.named('customers'), kind: 'customers' as const, site, items: Math.ceil((count * share) / 2) },
    ];
  });
  return [
    ...ofSites,
    { name: shared('sessions'), kind: 'sessions', items: Math.ceil(150 * share) },
    { name: shared('counters'), kind: 'counters', items: Math.ceil(40 * share) },
  ];
}

export async function seedDynamodb(dynamodb: DynamoDBClient, size: EstateSize): Promise<void> {
  await inParallel(atOnce, tablesOf(size), async (table) => {
    await dynamodb.send(new CreateTableCommand(schemaOf(table)));
    await configure(dynamodb, table);
    const items = Array.from({ length: table.items }, (_, index) => itemOf(table, index));
    const batches = Array.from({ length: Math.ceil(items.length / batchSize) }, (_, index) =>
      items.slice(index * batchSize, (index + 1) * batchSize),
    );
    await inParallel(atMostPerSend, batches, async (batch) => {
      const RequestItems = { [table.name]: batch.map((Item) => ({ PutRequest: { Item } })) };
      const { UnprocessedItems } = await dynamodb.send(new BatchWriteItemCommand({ RequestItems }));
      if (Object.keys(UnprocessedItems ?? {}).length > 0) throw new Error(`${table.name} did not take every item`);
    });
  });
}

function schemaOf(table: TableSpec): CreateTableCommandInput {
  const Tags = [
    { Key: 'Kind', Value: table.kind },
    ...(table.site
      ? [
          { Key: 'Site', Value: table.site.site.name },
          { Key: 'Environment', Value: table.site.environment },
        ]
      : []),
  ];
  const common = { TableName: table.name, Tags };
  switch (table.kind) {
    case 'bookings':
      return {
        ...common,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: ['pk', 'sk', 'status', 'day'].map((AttributeName) => ({
          AttributeName,
          AttributeType: 'S',
        })),
        KeySchema: keys('pk', 'sk'),
        GlobalSecondaryIndexes: [
          { IndexName: 'by-status', KeySchema: keys('status', 'day'), Projection: { ProjectionType: 'ALL' } },
          {
            IndexName: 'by-day',
            KeySchema: keys('day'),
            Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['guests', 'total'] },
          },
        ],
        LocalSecondaryIndexes: [
          { IndexName: 'newest', KeySchema: keys('pk', 'day'), Projection: { ProjectionType: 'KEYS_ONLY' } },
        ],
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
        DeletionProtectionEnabled: table.site?.environment === 'prod' && table.site.site.name !== 'queenofsandiego',
      };
    case 'customers':
      return {
        ...common,
        BillingMode: 'PROVISIONED',
        ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 3 },
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'N' }],
        KeySchema: keys('id'),
        SSESpecification: { Enabled: true, SSEType: 'KMS' },
      };
    case 'sessions':
      return {
        ...common,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'token', AttributeType: 'B' }],
        KeySchema: keys('token'),
      };
    default:
      return {
        ...common,
        BillingMode: 'PAY_PER_REQUEST',
        TableClass: 'STANDARD_INFREQUENT_ACCESS',
        AttributeDefinitions: [
          { AttributeName: 'name', AttributeType: 'S' },
          { AttributeName: 'at', AttributeType: 'N' },
        ],
        KeySchema: keys('name', 'at'),
      };
  }
}

function keys(hash: string, range?: string): { AttributeName: string; KeyType: 'HASH' | 'RANGE' }[] {
  return [
    { AttributeName: hash, KeyType: 'HASH' },
    ...(range === undefined ? [] : [{ AttributeName: range, KeyType: 'RANGE' as const }]),
  ];
}

async function configure(dynamodb: DynamoDBClient, { name: TableName, kind, site }: TableSpec): Promise<void> {
  if (kind === 'sessions' || kind === 'bookings') {
    const TimeToLiveSpecification = { Enabled: true, AttributeName: 'expires' };
    await dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  }
  if (kind === 'bookings' && site?.environment === 'prod') {
    const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
    await dynamodb.send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }));
  }
}

function itemOf(table: TableSpec, index: number): Record<string, AttributeValue> {
  const label = `${table.name}/${index}`;
  switch (table.kind) {
    case 'bookings':
      return {
        pk: { S: `T#tenant-${index % 12}` },
        sk: { S: `B#${String(index).padStart(6, '0')}` },
        status: { S: pickOf(label, ['open', 'paid', 'cancelled']) },
        day: { S: `2026-${String(1 + (index % 12)).padStart(2, '0')}-15` },
        guests: { N: String(numberOf(label, 1, 40)) },
        total: { N: `${numberOf(label, 10, 900)}.50` },
        expires: { N: String(1_900_000_000 + index) },
        notes: { S: textOf(label, numberOf(label, 20, 400)) },
      };
    case 'customers':
      return { id: { N: String(index + 1) }, name: { S: `Guest ${index} Ünïcode 灯` }, ...everyType(label, index) };
    case 'sessions':
      return {
        token: { B: bytesOf(label, 24) },
        expires: { N: String(1_900_000_000 + index) },
        data: { B: bytesOf(`${label}/data`, numberOf(label, 1, 600)) },
      };
    default:
      return {
        name: { S: `visits-${index % 4}` },
        at: { N: `${index}.25` },
        value: { N: `${index}`.repeat(12).slice(0, 30) },
      };
  }
}

/** Each of the ten value types, nested, empty and at its limits. */
function everyType(label: string, index: number): Record<string, AttributeValue> {
  return {
    active: { BOOL: index % 2 === 0 },
    referrer: { NULL: true },
    photo: { B: bytesOf(label, 40) },
    balance: { N: pickOf(label, ['0', '-1.5', '12345678901234567890.12345678901234567', '1E-50', '9.99E+100']) },
    tags: { SS: ['vip', `cohort-${index % 5}`] },
    scores: { NS: ['1', '2.5', String(100 + index)] },
    keys: { BS: [bytesOf(`${label}/a`, 8), bytesOf(`${label}/b`, 8)] },
    address: { M: { street: { S: '' }, geo: { L: [{ N: '32.7' }, { N: '-117.1' }] }, empty: { M: {} } } },
    orders: { L: [{ S: 'first' }, { M: { id: { N: '1' } } }, { L: [] }, { BOOL: false }] },
  };
}
