import type { Connection } from './connection.ts';
import { fromS3, nameOf, statusOf } from './errors.ts';

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
  const currentUntil = current?.RetainUntilDate?.getTime() ?? 0;
  const wanted = current?.Mode === 'COMPLIANCE' || mode === 'compliance' ? 'COMPLIANCE' : 'GOVERNANCE';
  if (currentUntil >= until && current?.Mode === wanted) return;
  const Retention = { Mode: wanted, RetainUntilDate: new Date(Math.max(until, currentUntil)) } as const;
  try {
    await client.send(new sdk.PutObjectRetentionCommand({ ...target, Retention }));
  } catch (error) {
    throw fromS3(error, 'PutObjectRetention', key);
  }
}

async function retentionOf(connection: Connection, key: string) {
  const { sdk, client, bucket, fullKey } = connection;
  try {
    const answer = await client.send(new sdk.GetObjectRetentionCommand({ Bucket: bucket, Key: fullKey(key) }));
    return answer.Retention;
  } catch (error) {
    // The object is there, without a lock of its own.
    if (nameOf(error) === 'NoSuchObjectLockConfiguration') return undefined;
    if (statusOf(error) === 400 && nameOf(error) === 'InvalidRequest') return undefined;
    throw fromS3(error, 'GetObjectRetention', key);
  }
}
