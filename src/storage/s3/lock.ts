import type { LockMode, ObjectLock } from '../contract.ts';
import { checkKey } from '../keys.ts';
import type { Connection } from './connection.ts';
import { fromS3 } from './errors.ts';

/** The retention of an object: of its current version, or of the one named. Undefined where it has none. */
export async function readLock(
  connection: Connection,
  key: string,
  versionId?: string,
): Promise<ObjectLock | undefined> {
  const { sdk, client, bucket, fullKey } = connection;
  checkKey(key);
  const target = { Bucket: bucket, Key: fullKey(key), ...(versionId === undefined ? {} : { VersionId: versionId }) };
  try {
    // The headers need s3:GetObjectRetention too, and every store with locks sends them.
    const head = await client.send(new sdk.HeadObjectCommand(target));
    const { ObjectLockMode: mode, ObjectLockRetainUntilDate: until } = head;
    if (mode === undefined || until === undefined) return undefined;
    return { mode: mode === 'COMPLIANCE' ? 'compliance' : 'governance', until: until.getTime() };
  } catch (error) {
    throw fromS3(error, 'HeadObject', key);
  }
}

/**
 * Extends the retention of an object's current version, or of the one named. Reads it first: a lock is never shortened and
 * never turned from compliance into governance, also on stores that would allow it.
 */
export async function extendLock(
  connection: Connection,
  key: string,
  until: number,
  mode: LockMode,
  versionId?: string,
): Promise<void> {
  const { sdk, client, bucket, fullKey } = connection;
  const current = await readLock(connection, key, versionId);
  const wanted: LockMode = current?.mode === 'compliance' ? 'compliance' : mode;
  if (current !== undefined && current.until >= until && current.mode === wanted) return;
  const RetainUntilDate = new Date(Math.max(until, current?.until ?? 0));
  try {
    await client.send(
      new sdk.PutObjectRetentionCommand({
        Bucket: bucket,
        Key: fullKey(key),
        ...(versionId === undefined ? {} : { VersionId: versionId }),
        Retention: { Mode: wanted === 'compliance' ? 'COMPLIANCE' : 'GOVERNANCE', RetainUntilDate },
      }),
    );
  } catch (error) {
    throw fromS3(error, 'PutObjectRetention', key);
  }
}
