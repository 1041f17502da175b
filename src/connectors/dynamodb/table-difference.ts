import type { GlobalSecondaryIndexUpdate, UpdateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { compactJson, type Json } from '../../kernel/json.ts';
import type { IndexDocument, TableDocument, Throughput } from './table-document.ts';
import type { Extent } from './target.ts';

/** One UpdateTable call: DynamoDB takes one kind of change at a time, and the table must be active in between. */
export interface TableUpdate {
  /** For people: `index by-date`. */
  readonly what: string;
  readonly input: Omit<UpdateTableCommandInput, 'TableName'>;
}

/** What no UpdateTable can change; undefined when that is equal. */
export function fixedDifference(captured: TableDocument, live: TableDocument): string | undefined {
  if (!same(keyTypes(captured), keyTypes(live))) return 'its primary key';
  if (!same(captured.LocalSecondaryIndexes, live.LocalSecondaryIndexes)) return 'its local secondary indexes';
  return undefined;
}

/** The schema that a restore of this extent leads to. */
export function targetTable(captured: TableDocument, live: TableDocument, extent: Extent): TableDocument {
  const isWhole = extent === 'exact' || extent === 'everything';
  const stronger = extent === 'create-missing' ? live : captured;
  const weaker = extent === 'create-missing' ? captured : live;
  const indexes = isWhole ? captured.GlobalSecondaryIndexes : mergedIndexes(weaker, stronger);
  const either = isWhole ? pick(captured) : { ...pick(weaker), ...pick(stronger) };
  const definitions = new Map(
    [...live.AttributeDefinitions, ...captured.AttributeDefinitions].map((one) => [one.AttributeName, one]),
  );
  const used = new Set(
    [live, ...(indexes ?? []), ...(live.LocalSecondaryIndexes ?? [])]
      .flatMap((part) => part.KeySchema)
      .map(({ AttributeName }) => AttributeName),
  );
  const { ProvisionedThroughput, OnDemandThroughput, TableClass } = stronger;
  return {
    KeySchema: live.KeySchema,
    AttributeDefinitions: [...definitions.values()]
      .filter(({ AttributeName }) => used.has(AttributeName))
      .sort((a, b) => ((a.AttributeName ?? '') < (b.AttributeName ?? '') ? -1 : 1)),
    BillingMode: stronger.BillingMode,
    ...(ProvisionedThroughput === undefined ? {} : { ProvisionedThroughput }),
    ...(OnDemandThroughput === undefined ? {} : { OnDemandThroughput }),
    ...(indexes === undefined || indexes.length === 0
      ? {}
      : { GlobalSecondaryIndexes: withThroughput(indexes, stronger) }),
    ...(live.LocalSecondaryIndexes === undefined ? {} : { LocalSecondaryIndexes: live.LocalSecondaryIndexes }),
    ...either,
    ...(TableClass === undefined ? {} : { TableClass }),
    ...(live.Replicas === undefined ? {} : { Replicas: live.Replicas }),
  };
}

/** The calls that lead from `live` to `target`, in order; empty when they are equal. */
export function tableUpdates(target: TableDocument, live: TableDocument): TableUpdate[] {
  const before = byName(live.GlobalSecondaryIndexes);
  const after = byName(target.GlobalSecondaryIndexes);
  const replaced = [...before.values()].filter((index) => !same(shape(after.get(index.IndexName)), shape(index)));
  const created = [...after.values()].filter((index) => !same(shape(before.get(index.IndexName)), shape(index)));
  const kept = [...after.values()].filter((index) => !created.includes(index));
  return [
    ...replaced.map(({ IndexName }) => ({
      what: `removal of index ${IndexName}`,
      input: { GlobalSecondaryIndexUpdates: [{ Delete: { IndexName } }] },
    })),
    ...capacityUpdate(target, live, kept, before),
    ...created.map((index) => ({
      what: `index ${index.IndexName}`,
      input: {
        AttributeDefinitions: [...target.AttributeDefinitions],
        GlobalSecondaryIndexUpdates: [{ Create: index } as unknown as GlobalSecondaryIndexUpdate],
      },
    })),
    ...streamUpdates(target, live),
    ...featureUpdates(target, live),
  ];
}

function capacityUpdate(
  target: TableDocument,
  live: TableDocument,
  kept: readonly IndexDocument[],
  before: ReadonlyMap<string, IndexDocument>,
): TableUpdate[] {
  const isSwitch = target.BillingMode !== live.BillingMode;
  const table = { ...capacity(target) };
  const indexes = kept.filter((index) => !same(capacity(index), capacity(before.get(index.IndexName))));
  if (!isSwitch && same(table, capacity(live)) && indexes.length === 0) return [];
  return [
    {
      what: 'capacity',
      input: {
        ...(isSwitch ? { BillingMode: target.BillingMode } : {}),
        ...(isSwitch || !same(table, capacity(live)) ? table : {}),
        ...(indexes.length === 0
          ? {}
          : {
              GlobalSecondaryIndexUpdates: indexes.map((index) => ({
                Update: { IndexName: index.IndexName, ...capacity(index) },
              })),
            }),
      },
    },
  ];
}

function streamUpdates(target: TableDocument, live: TableDocument): TableUpdate[] {
  const { StreamSpecification: wanted } = target;
  if (same(wanted, live.StreamSpecification)) return [];
  const off: TableUpdate = { what: 'stream off', input: { StreamSpecification: { StreamEnabled: false } } };
  const on = { what: 'stream', input: { StreamSpecification: wanted } as unknown as TableUpdate['input'] };
  // The view of a stream cannot be changed while it is on.
  return [...(live.StreamSpecification === undefined ? [] : [off]), ...(wanted === undefined ? [] : [on])];
}

function featureUpdates(target: TableDocument, live: TableDocument): TableUpdate[] {
  const updates: TableUpdate[] = [];
  if (!same(comparableKey(target, target), comparableKey(live, target))) {
    updates.push({ what: 'encryption', input: { SSESpecification: target.SSESpecification ?? { Enabled: false } } });
  }
  if (target.TableClass !== live.TableClass) {
    const TableClass = (target.TableClass ?? 'STANDARD') as NonNullable<UpdateTableCommandInput['TableClass']>;
    updates.push({ what: 'table class', input: { TableClass } });
  }
  if (target.DeletionProtectionEnabled !== live.DeletionProtectionEnabled) {
    const DeletionProtectionEnabled = target.DeletionProtectionEnabled === true;
    updates.push({ what: 'deletion protection', input: { DeletionProtectionEnabled } });
  }
  return updates;
}

/** Where the target names no key, whichever key the table has is right. */
function comparableKey(table: TableDocument, target: TableDocument): Json | undefined {
  const { SSESpecification: encryption } = table;
  if (encryption === undefined || target.SSESpecification?.KMSMasterKeyId !== undefined) {
    return encryption;
  }
  return { Enabled: true };
}

function pick(
  table: TableDocument,
): Pick<TableDocument, 'StreamSpecification' | 'SSESpecification' | 'DeletionProtectionEnabled'> {
  const { StreamSpecification, SSESpecification, DeletionProtectionEnabled } = table;
  return {
    ...(StreamSpecification === undefined ? {} : { StreamSpecification }),
    ...(SSESpecification === undefined ? {} : { SSESpecification }),
    ...(DeletionProtectionEnabled === undefined ? {} : { DeletionProtectionEnabled }),
  };
}

function mergedIndexes(weaker: TableDocument, stronger: TableDocument): IndexDocument[] {
  const merged = new Map([...byName(weaker.GlobalSecondaryIndexes), ...byName(stronger.GlobalSecondaryIndexes)]);
  return [...merged.values()].sort((a, b) => (a.IndexName < b.IndexName ? -1 : 1));
}

/** Indexes of a table with provisioned capacity have one of their own, and those of another table have none. */
function withThroughput(indexes: readonly IndexDocument[], table: TableDocument): IndexDocument[] {
  return indexes.map(({ ProvisionedThroughput: own, ...index }) => {
    if (table.BillingMode === 'PAY_PER_REQUEST') return index;
    const given: Throughput | undefined = own ?? table.ProvisionedThroughput;
    return given === undefined ? index : { ...index, ProvisionedThroughput: given };
  });
}

function capacity(
  of: { readonly ProvisionedThroughput?: Throughput; readonly OnDemandThroughput?: object } | undefined,
) {
  const { ProvisionedThroughput, OnDemandThroughput } = of ?? {};
  return {
    ...(ProvisionedThroughput === undefined ? {} : { ProvisionedThroughput }),
    ...(OnDemandThroughput === undefined ? {} : { OnDemandThroughput }),
  };
}

function shape(index: IndexDocument | undefined) {
  return index === undefined ? undefined : { KeySchema: index.KeySchema, Projection: index.Projection };
}

function keyTypes(table: TableDocument) {
  return table.KeySchema.map(({ AttributeName, KeyType }) => ({
    AttributeName,
    KeyType,
    type: table.AttributeDefinitions.find((one) => one.AttributeName === AttributeName)?.AttributeType,
  }));
}

function byName(indexes: readonly IndexDocument[] | undefined): Map<string, IndexDocument> {
  return new Map((indexes ?? []).map((index) => [index.IndexName, index]));
}

function same(a: unknown, b: unknown): boolean {
  return compactJson((a ?? null) as Json) === compactJson((b ?? null) as Json);
}
