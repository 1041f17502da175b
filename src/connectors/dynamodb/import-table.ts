import type { DynamoDB, ImportTableDescription, TableCreationParameters } from '@aws-sdk/client-dynamodb';
import type { S3 } from '@aws-sdk/client-s3';
import { hex } from '../../kernel/bytes.ts';
import { forEachConcurrent } from '../../kernel/concurrency.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError, isItemError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { ActionOutcome, RestoreContext } from '../contract.ts';
import { dynamoClient, s3Client } from './calls.ts';
import { importFiles } from './import-files.ts';
import type { DynamoOptions } from './options.ts';
import { fixedDifference } from './table-difference.ts';
import { tableDocument } from './table-document.ts';
import { describeTable, tableOf, waitActive, waitUntil } from './tables.ts';
import { readWanted, type Wanted } from './target.ts';

type Context = RestoreContext<DynamoOptions>;

/** Imports of large tables take hours. */
const longestImport = 24 * 3_600_000;

/**
 * Has DynamoDB make the table out of files with the items of the snapshot, which are written to the bucket before and deleted
 * after. What it leaves out, items too, is compared and written by the actions that follow. Throws item.unreadable where
 * the import failed: the table is there then, and the same restore again completes it.
 */
export async function importTable(context: Context, captured: CapturedResource): Promise<ActionOutcome> {
  const client = await dynamoClient(context.aws);
  const wanted = await readWanted(context, captured);
  const { name, resource } = wanted;
  const before = await describeTable(client, name, resource);
  const items = before === undefined ? await runImport(context, client, captured, wanted) : 0;
  const table = await waitActive(context, client, wanted);
  const fixed = fixedDifference(wanted.table, tableDocument(table));
  if (fixed !== undefined)
    throw new HoldfastError('item.conflict', `a table ${name} is there, and ${fixed} differs`, { resource });
  const from = tableOf(captured.ref).arn;
  const to = table.TableArn ?? '';
  const result = before === undefined ? 'done' : 'unchanged';
  if (from === to) return { result, class: 'exact', items };
  return { result, class: 'new-identity', note: `now ${to}`, identities: [{ from, to }], items };
}

/**
 * Returns how many items were imported. A call sent twice is one import, by its token; an attempt after this one has another:
 * of one that is known DynamoDB would make no table again.
 */
async function runImport(
  context: Context,
  client: DynamoDB,
  captured: CapturedResource,
  wanted: Wanted,
): Promise<number> {
  const ClientToken = hex(context.runtime.random.bytes(16));
  const { exportBucket: Bucket = '', exportPrefix } = context.options;
  const { resource, name } = wanted;
  const s3 = await s3Client(context.aws);
  const S3KeyPrefix = `${exportPrefix}/import-${ClientToken}/`;
  const keys: string[] = [];
  try {
    let items = 0;
    for await (const file of importFiles(captured)) {
      const Key = `${S3KeyPrefix}${String(keys.length).padStart(6, '0')}.json.gz`;
      keys.push(Key);
      await required(s3.putObject({ Bucket, Key, Body: file.bytes }), 'PutObject', resource);
      items += file.items;
    }
    const asking = client.importTable({
      S3BucketSource: { S3Bucket: Bucket, S3KeyPrefix },
      InputFormat: 'DYNAMODB_JSON',
      InputCompressionType: 'GZIP',
      TableCreationParameters: creation(wanted),
      ClientToken,
    });
    const begun = (await required(asking, 'ImportTable', resource)).ImportTableDescription;
    let now: ImportTableDescription = {};
    await waitUntil(context, `the import of ${name}`, resource, longestImport, async () => {
      const looking = client.describeImport({ ImportArn: begun?.ImportArn });
      now = (await required(looking, 'DescribeImport', resource)).ImportTableDescription ?? {};
      return now.ImportStatus !== 'IN_PROGRESS';
    });
    if (now.ImportStatus === 'COMPLETED') return items;
    const { ImportStatus, FailureCode = '', FailureMessage = '', ErrorCount = 0 } = now;
    const why = `${FailureCode} ${FailureMessage}`.trim();
    throw new HoldfastError(
      'item.unreadable',
      `the import of ${resource} is ${ImportStatus}, with ${ErrorCount} errors: ${why}`,
      { resource, hint: 'Run the same restore again: it compares the table, and writes what is missing.' },
    );
  } finally {
    await removeAll(context, s3, Bucket, keys);
  }
}

/** Items are nowhere else than they were before, however the import ended; what cannot be deleted is told. */
async function removeAll(context: Context, s3: S3, Bucket: string, keys: readonly string[]): Promise<void> {
  await forEachConcurrent(keys, 8, async (Key) => {
    try {
      await required(s3.deleteObject({ Bucket, Key }), 'DeleteObject', `s3://${Bucket}/${Key}`);
    } catch (error) {
      if (!isItemError(error)) throw error;
      context.events({ type: 'notice', level: 'warning', message: `a file of an import stays: ${error.message}` });
    }
  });
}

/** What ImportTable takes of a table; the rest is set afterwards. */
function creation({ name, table }: Wanted): TableCreationParameters {
  const { KeySchema, AttributeDefinitions, BillingMode, ProvisionedThroughput, OnDemandThroughput } = table;
  const { GlobalSecondaryIndexes, SSESpecification } = table;
  return {
    TableName: name,
    ...(structuredClone({
      KeySchema,
      AttributeDefinitions,
      BillingMode,
      ...(ProvisionedThroughput ? { ProvisionedThroughput } : {}),
      ...(OnDemandThroughput ? { OnDemandThroughput } : {}),
      ...(SSESpecification ? { SSESpecification } : {}),
      ...(GlobalSecondaryIndexes ? { GlobalSecondaryIndexes } : {}),
    }) as Omit<TableCreationParameters, 'TableName'>),
  };
}
