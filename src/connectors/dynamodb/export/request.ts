import type { DynamoDB, ExportDescription, ExportTableToPointInTimeInput } from '@aws-sdk/client-dynamodb';
import { hex } from '../../../kernel/bytes.ts';
import { HoldfastError } from '../../../kernel/errors.ts';
import { required } from '../../aws/classify.ts';
import type { ConnectorContext } from '../../contract.ts';
import type { DynamoOptions } from '../options.ts';
import { waitUntil, type Table } from '../tables.ts';
import type { ExportTime } from './windows.ts';

/** The past of a table that DynamoDB can export, in ms; both ends are possible moments. */
export interface PastWindow {
  readonly earliest: number;
  readonly latest: number;
}

/** An export that has ended well. */
export interface FinishedExport {
  readonly arn: string;
  readonly bucket: string;
  /** Key of its `manifest-summary.json`. */
  readonly manifest: string;
  readonly items: number | undefined;
  readonly time: ExportTime;
}

/** Exports of large tables take hours. */
const longestExport = 24 * 3_600_000;

/** Throws item.invalid where point-in-time recovery is off: nothing can be exported then. */
export async function readPast(client: DynamoDB, { name, resource }: Table): Promise<PastWindow> {
  const asking = client.describeContinuousBackups({ TableName: name });
  const answer = await required(asking, 'DescribeContinuousBackups', resource);
  const {
    PointInTimeRecoveryStatus: status,
    EarliestRestorableDateTime: earliest,
    LatestRestorableDateTime: latest,
  } = answer.ContinuousBackupsDescription?.PointInTimeRecoveryDescription ?? {};
  if (status !== 'ENABLED' || !earliest || !latest)
    throw new HoldfastError('item.invalid', `point-in-time recovery of ${resource} is off: it cannot be exported`, {
      resource,
      hint: 'Turn it on, or have the items scanned: read: scan.',
    });
  // Exports take whole seconds.
  return { earliest: Math.ceil(earliest.getTime() / 1000) * 1000, latest: Math.floor(latest.getTime() / 1000) * 1000 };
}

/**
 * Has DynamoDB export the table, or what changed of it, and waits until it has. Throws item errors; item.unreadable where the
 * export failed, item.unavailable where it takes longer than a day.
 */
export async function exportTable(
  context: ConnectorContext<DynamoOptions>,
  client: DynamoDB,
  table: Table,
  time: ExportTime,
): Promise<FinishedExport> {
  const { exportBucket: S3Bucket, exportPrefix: S3Prefix } = context.options;
  const asking = client.exportTableToPointInTime({
    TableArn: table.arn,
    S3Bucket,
    S3Prefix,
    ExportFormat: 'DYNAMODB_JSON',
    ...typeOf(time),
    // The same call sent twice is one export.
    ClientToken: hex(context.runtime.random.bytes(16)),
  });
  const begun = (await required(asking, 'ExportTableToPointInTime', table.resource)).ExportDescription;
  return finished(table, await followed(context, client, table, begun), time);
}

function typeOf({ from, to }: ExportTime): Partial<ExportTableToPointInTimeInput> {
  if (from === undefined) return { ExportType: 'FULL_EXPORT', ExportTime: new Date(to) };
  return {
    ExportType: 'INCREMENTAL_EXPORT',
    IncrementalExportSpecification: {
      ExportFromTime: new Date(from),
      ExportToTime: new Date(to),
      ExportViewType: 'NEW_IMAGE',
    },
  };
}

async function followed(
  context: ConnectorContext<DynamoOptions>,
  client: DynamoDB,
  { name, resource }: Table,
  begun: ExportDescription | undefined,
): Promise<ExportDescription> {
  let now: ExportDescription = begun ?? {};
  await waitUntil(context, `the export of ${name}`, resource, longestExport, async () => {
    const asking = client.describeExport({ ExportArn: begun?.ExportArn });
    now = (await required(asking, 'DescribeExport', resource)).ExportDescription ?? {};
    return now.ExportStatus !== 'IN_PROGRESS';
  });
  return now;
}

function finished({ resource }: Table, now: ExportDescription, time: ExportTime): FinishedExport {
  const { ExportArn: arn = '', ExportStatus, FailureCode = '', FailureMessage = '' } = now;
  const { ExportManifest: manifest, S3Bucket: bucket, ItemCount: items } = now;
  if (ExportStatus !== 'COMPLETED' || manifest === undefined || bucket === undefined)
    throw new HoldfastError(
      'item.unreadable',
      `the export ${arn} of ${resource} is ${ExportStatus}: ${FailureCode} ${FailureMessage}`.trim(),
      { resource, hint: 'See the bucket of exports and its policy, then run holdfast snapshot again.' },
    );
  return { arn, bucket, manifest, items, time };
}
