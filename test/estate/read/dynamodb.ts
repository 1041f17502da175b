import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ListTagsOfResourceCommand,
  paginateListTables,
  paginateScan,
  type AttributeValue,
  type DynamoDBClient,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { sha256 } from '../deterministic.ts';
import { canonical, sortedList, without, type DescribedItem } from '../description.ts';
import { inParallel } from '../parallel.ts';

const volatile = [
  'TableId',
  'TableArn',
  'CreationDateTime',
  'LatestStreamArn',
  'LatestStreamLabel',
  'IndexArn',
  'TableSizeBytes',
  'IndexSizeBytes',
  'ItemCount',
  'LastUpdateToPayPerRequestDateTime',
  'LastIncreaseDateTime',
  'LastDecreaseDateTime',
  'NumberOfDecreasesToday',
  'LastUpdateDateTime',
];

export async function readDynamodb(dynamodb: DynamoDBClient): Promise<DescribedItem[]> {
  const names: string[] = [];
  for await (const page of paginateListTables({ client: dynamodb }, {})) names.push(...(page.TableNames ?? []));
  return (await inParallel(8, names, (name) => readTable(dynamodb, name))).flat();
}

async function readTable(dynamodb: DynamoDBClient, TableName: string): Promise<DescribedItem[]> {
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
  const [ttl, backups, tags] = await Promise.all([
    dynamodb.send(new DescribeTimeToLiveCommand({ TableName })),
    dynamodb.send(new DescribeContinuousBackupsCommand({ TableName })),
    dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn: Table?.TableArn })),
  ]);
  const pitr = backups.ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
  return [
    [`dynamodb/${TableName}/schema`, schemaOf(Table ?? {})],
    [`dynamodb/${TableName}/ttl`, ttl.TimeToLiveDescription],
    [`dynamodb/${TableName}/point-in-time-recovery`, pitr],
    [`dynamodb/${TableName}/tags`, sortedList(tags.Tags)],
    ...(await readItems(dynamodb, Table ?? {}, TableName)),
  ];
}

function schemaOf(table: TableDescription): unknown {
  const stable = without(table, ...volatile) as TableDescription;
  return {
    ...stable,
    AttributeDefinitions: sortedList(stable.AttributeDefinitions),
    GlobalSecondaryIndexes: sortedList(stable.GlobalSecondaryIndexes),
    LocalSecondaryIndexes: sortedList(stable.LocalSecondaryIndexes),
  };
}

/** Each item under its key, and a hash over all of them. */
async function readItems(
  dynamodb: DynamoDBClient,
  table: TableDescription,
  TableName: string,
): Promise<DescribedItem[]> {
  const keyNames = (table.KeySchema ?? []).flatMap(({ AttributeName }) => AttributeName ?? []);
  const items: [name: string, hash: string][] = [];
  for await (const page of paginateScan({ client: dynamodb }, { TableName, ConsistentRead: true })) {
    for (const item of page.Items ?? []) {
      const key = canonical(keyNames.map((name) => item[name]));
      items.push([`dynamodb/${TableName}/item/${key}`, sha256(canonical(sortSets({ M: item })))]);
    }
  }
  const all = items.map(([name, hash]) => `${name} ${hash}`).sort();
  return [[`dynamodb/${TableName}/items`, { count: all.length, sha256: sha256(all.join('\n')) }], ...items];
}

/** A set has no order; lists and maps are gone through for sets within. */
function sortSets(value: AttributeValue): unknown {
  if (value.SS !== undefined) return { SS: sortedList(value.SS) };
  if (value.NS !== undefined) return { NS: sortedList(value.NS) };
  if (value.BS !== undefined) return { BS: sortedList(value.BS) };
  if (value.L !== undefined) return { L: value.L.map(sortSets) };
  if (value.M !== undefined) {
    return { M: Object.fromEntries(Object.entries(value.M).map(([name, field]) => [name, sortSets(field)])) };
  }
  return value;
}
