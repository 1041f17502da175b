import type {
  AttributeDefinition,
  CreateTableCommandInput,
  GlobalSecondaryIndexDescription,
  KeySchemaElement,
  Projection,
  TableDescription,
} from '@aws-sdk/client-dynamodb';

export interface Throughput {
  readonly ReadCapacityUnits: number;
  readonly WriteCapacityUnits: number;
}

export interface OnDemand {
  readonly MaxReadRequestUnits?: number | undefined;
  readonly MaxWriteRequestUnits?: number | undefined;
}

export interface IndexDocument {
  readonly IndexName: string;
  readonly KeySchema: readonly KeySchemaElement[];
  readonly Projection: Projection;
  readonly ProvisionedThroughput?: Throughput;
  readonly OnDemandThroughput?: OnDemand;
}

/**
 * `table.json`: what CreateTable takes, in its words. What is off or at its default is absent, and so is everything that
 * changes by itself: counts, sizes, dates, states.
 */
export interface TableDocument {
  readonly KeySchema: readonly KeySchemaElement[];
  readonly AttributeDefinitions: readonly AttributeDefinition[];
  readonly BillingMode: 'PROVISIONED' | 'PAY_PER_REQUEST';
  readonly ProvisionedThroughput?: Throughput;
  readonly OnDemandThroughput?: OnDemand;
  readonly GlobalSecondaryIndexes?: readonly IndexDocument[];
  readonly LocalSecondaryIndexes?: readonly IndexDocument[];
  readonly StreamSpecification?: { readonly StreamEnabled: true; readonly StreamViewType: string };
  readonly SSESpecification?: { readonly Enabled: true; readonly SSEType: 'KMS'; readonly KMSMasterKeyId?: string };
  readonly TableClass?: string;
  readonly DeletionProtectionEnabled?: true;
  /** Regions of the other replicas of a global table; they are not made again by a restore. */
  readonly Replicas?: readonly string[];
}

export function tableDocument(table: TableDescription): TableDocument {
  const isOnDemand = table.BillingModeSummary?.BillingMode === 'PAY_PER_REQUEST';
  const indexes = (table.GlobalSecondaryIndexes ?? []).map((index) => globalIndex(index, isOnDemand));
  const local = (table.LocalSecondaryIndexes ?? []).map(baseIndex);
  const replicas = (table.Replicas ?? []).map(({ RegionName = '' }) => RegionName).sort();
  const { StreamSpecification: stream, SSEDescription: sse } = table;
  const tableClass = table.TableClassSummary?.TableClass ?? 'STANDARD';
  const keys = [table, ...indexes, ...local].flatMap((part) => part.KeySchema ?? []);
  const used = new Set(keys.map(({ AttributeName }) => AttributeName));
  return {
    KeySchema: keySchema(table.KeySchema),
    AttributeDefinitions: (table.AttributeDefinitions ?? [])
      .filter(({ AttributeName }) => used.has(AttributeName))
      .sort(by('AttributeName')),
    BillingMode: isOnDemand ? 'PAY_PER_REQUEST' : 'PROVISIONED',
    ...(isOnDemand ? {} : { ProvisionedThroughput: throughput(table.ProvisionedThroughput) }),
    ...onDemand(table.OnDemandThroughput),
    ...(indexes.length === 0 ? {} : { GlobalSecondaryIndexes: indexes.sort(by('IndexName')) }),
    ...(local.length === 0 ? {} : { LocalSecondaryIndexes: local.sort(by('IndexName')) }),
    ...(stream?.StreamEnabled === true && stream.StreamViewType !== undefined
      ? { StreamSpecification: { StreamEnabled: true, StreamViewType: stream.StreamViewType } as const }
      : {}),
    ...(sse?.SSEType === 'KMS' && sse.Status !== 'DISABLED'
      ? {
          SSESpecification: {
            Enabled: true,
            SSEType: 'KMS',
            ...(sse.KMSMasterKeyArn === undefined ? {} : { KMSMasterKeyId: sse.KMSMasterKeyArn }),
          } as const,
        }
      : {}),
    ...(tableClass === 'STANDARD' ? {} : { TableClass: tableClass }),
    ...(table.DeletionProtectionEnabled === true ? { DeletionProtectionEnabled: true as const } : {}),
    ...(replicas.length === 0 ? {} : { Replicas: replicas }),
  };
}

/** Everything but deletion protection, which comes last: a restore that fails must not leave a table nobody can remove. */
export function createTableInput(
  name: string,
  document: TableDocument,
  tags: readonly { readonly Key: string; readonly Value: string }[],
): CreateTableCommandInput {
  const { DeletionProtectionEnabled: _last, Replicas: _notMade, ...rest } = document;
  return {
    TableName: name,
    ...(rest as Omit<CreateTableCommandInput, 'TableName'>),
    ...(tags.length === 0 ? {} : { Tags: [...tags] }),
  };
}

/** `orders (pk S, sk N)`, for messages. */
export function describeKey(document: TableDocument): string {
  const typeOf = (name: string | undefined): string =>
    document.AttributeDefinitions.find((definition) => definition.AttributeName === name)?.AttributeType ?? '?';
  return document.KeySchema.map(({ AttributeName: name }) => `${name} ${typeOf(name)}`).join(', ');
}

function globalIndex(index: GlobalSecondaryIndexDescription, isOnDemand: boolean): IndexDocument {
  return {
    ...baseIndex(index),
    ...(isOnDemand ? {} : { ProvisionedThroughput: throughput(index.ProvisionedThroughput) }),
    ...onDemand(index.OnDemandThroughput),
  };
}

function baseIndex(index: {
  readonly IndexName?: string | undefined;
  readonly KeySchema?: KeySchemaElement[] | undefined;
  readonly Projection?: Projection | undefined;
}): IndexDocument {
  const { ProjectionType = 'ALL', NonKeyAttributes } = index.Projection ?? {};
  return {
    IndexName: index.IndexName ?? '',
    KeySchema: keySchema(index.KeySchema),
    Projection: {
      ProjectionType,
      ...(NonKeyAttributes === undefined ? {} : { NonKeyAttributes: [...NonKeyAttributes].sort() }),
    },
  };
}

/** The partition key first: order means something to CreateTable, not to DescribeTable. */
export function keySchema(schema: readonly KeySchemaElement[] | undefined): KeySchemaElement[] {
  return [...(schema ?? [])].sort((a, b) => (a.KeyType === b.KeyType ? 0 : a.KeyType === 'HASH' ? -1 : 1));
}

function throughput(
  given:
    | { readonly ReadCapacityUnits?: number | undefined; readonly WriteCapacityUnits?: number | undefined }
    | undefined,
): Throughput {
  return { ReadCapacityUnits: given?.ReadCapacityUnits ?? 1, WriteCapacityUnits: given?.WriteCapacityUnits ?? 1 };
}

function onDemand(given: OnDemand | undefined): { readonly OnDemandThroughput?: OnDemand } {
  const { MaxReadRequestUnits: read, MaxWriteRequestUnits: write } = given ?? {};
  if ((read ?? -1) < 0 && (write ?? -1) < 0) return {};
  return {
    OnDemandThroughput: {
      ...(read === undefined ? {} : { MaxReadRequestUnits: read }),
      ...(write === undefined ? {} : { MaxWriteRequestUnits: write }),
    },
  };
}

function by<K extends string>(
  name: K,
): (a: { [P in K]?: string | undefined }, b: { [P in K]?: string | undefined }) => number {
  return (a, b) => ((a[name] ?? '') < (b[name] ?? '') ? -1 : 1);
}
