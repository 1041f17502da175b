import type { Connection } from './connection.ts';
import { fromS3 } from './errors.ts';

/**
 * Extends the retention of the object's current version. Reads it first: a lock is never shortened and never turned from
 * compliance into governance, also on stores that would allow it.
 */
export async function extendLock(
  connection: Connection,
  key: string,
  until: number,
  mode: 'governance' | 'compliance',
): Promise<void> {
  const { sdk, client, bucket, fullKey } = connection;
  const target = { Bucket: bucket, Key: fullKey(key) };
  const current = await retentionOf(connection, key);
  const wanted = current.mode === 'COMPLIANCE' || mode === 'compliance' ? 'COMPLIANCE' : 'GOVERNANCE';
  if (current.until >= until && current.mode === wanted) return;
  const Retention = { Mode: wanted, RetainUntilDate: new Date(Math.max(until, current.until)) } as const;
  try {
    await client.send(new sdk.PutObjectRetentionCommand({ ...target, Retention }));
  } catch (error) {
    throw fromS3(error, 'PutObjectRetention', key);
  }
}

/** From the headers of the object, which need s3:GetObjectRetention too, and which every store with locks sends. */
async function retentionOf(
  connection: Connection,
  key: string,
): Promise<{ readonly mode: string | undefined; readonly until: number }> {
  const { sdk, client, bucket, fullKey } = connection;
  try {
    const head = await client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: fullKey(key) }));
    return { mode: head.ObjectLockMode, until: head.ObjectLockRetainUntilDate?.getTime() ?? 0 };
  } catch (error) {
    throw fromS3(error, 'HeadObject', key);
  }
}
