import type { Json } from '../../kernel/json.ts';
import { pick } from '../documents/facts.ts';

const bucketPrefix = 'arn:aws:s3:::';

/** As calls say it, and as flow-logs.json does, where the bucket is an ARN: what goes under another name is followed. */
interface FlowLogs {
  readonly FlowLogsEnabled?: boolean | undefined;
  readonly FlowLogsS3Bucket?: string | undefined;
  readonly FlowLogsS3Prefix?: string | undefined;
}

/** Undefined where there are none, whatever bucket they went to before. */
export function flowLogFacts(attributes: FlowLogs | undefined): Json | undefined {
  if (attributes?.FlowLogsEnabled !== true) return undefined;
  const { FlowLogsS3Bucket = '' } = attributes;
  return {
    ...pick(attributes, 'FlowLogsEnabled', 'FlowLogsS3Prefix'),
    FlowLogsS3Bucket: bucketPrefix + FlowLogsS3Bucket,
  };
}

/** What a call sets; earlier snapshots have the bucket by its bare name. */
export function flowLogAttributes(document: Json | undefined): FlowLogs {
  const { FlowLogsS3Bucket, ...said } = (document ?? { FlowLogsEnabled: false }) as FlowLogs;
  if (FlowLogsS3Bucket === undefined) return said;
  return { ...said, FlowLogsS3Bucket: FlowLogsS3Bucket.replace(bucketPrefix, '') };
}

export function comparableFlowLogs(document: Json): Json {
  return { ...flowLogAttributes(document) };
}
