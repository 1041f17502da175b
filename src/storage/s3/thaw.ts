import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { HoldfastError } from '../../kernel/errors.ts';
import { isArchive, noSuchTier, thawHours } from '../archive.ts';
import type { ThawState, ThawTier } from '../contract.ts';
import type { Connection } from './connection.ts';
import { fromS3, nameOf, statusOf } from './errors.ts';

const tierNames = { bulk: 'Bulk', standard: 'Standard', expedited: 'Expedited' } as const;

/**
 * Asks for a readable copy (RestoreObject, docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html). Reads the state
 * first: what is on its way or needs nothing is not asked for, so that a repeated run costs no second retrieval.
 */
export async function thawObject(
  connection: Connection,
  key: string,
  request: { readonly days: number; readonly tier: ThawTier },
): Promise<void> {
  const head = await headOf(connection, key);
  const { state } = stateOf(head);
  if (state === 'readable' || state === 'thawing') return;
  const storageClass = head.StorageClass ?? 'STANDARD';
  if (isArchive(storageClass) && thawHours(storageClass, request.tier) === undefined)
    throw noSuchTier(key, storageClass, request.tier);
  const { sdk, client, bucket, fullKey } = connection;
  try {
    await client.send(
      new sdk.RestoreObjectCommand({
        Bucket: bucket,
        Key: fullKey(key),
        RestoreRequest: {
          // Out of the archive tiers of Intelligent-Tiering an object comes back for good: days are refused there.
          ...(isArchive(storageClass) ? { Days: request.days } : {}),
          GlacierJobParameters: { Tier: tierNames[request.tier] },
        },
      }),
    );
  } catch (error) {
    if (nameOf(error) === 'RestoreAlreadyInProgress') return;
    throw fromS3(error, 'RestoreObject', key);
  }
}

/** From the headers of the object: its class, and how far a restore is. */
export async function objectThawState(connection: Connection, key: string): Promise<ThawState> {
  return stateOf(await headOf(connection, key));
}

async function headOf({ sdk, client, bucket, fullKey }: Connection, key: string): Promise<HeadObjectCommandOutput> {
  try {
    return await client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: fullKey(key) }));
  } catch (error) {
    if (statusOf(error) === 404)
      throw new HoldfastError('storage.not-found', `no object ${key}`, { resource: key, cause: error });
    throw fromS3(error, 'HeadObject', key);
  }
}

/** `x-amz-restore: ongoing-request="false", expiry-date="Fri, 23 Dec 2026 00:00:00 GMT"`. */
export function stateOf(head: Pick<HeadObjectCommandOutput, 'StorageClass' | 'ArchiveStatus' | 'Restore'>): ThawState {
  if (!isArchive(head.StorageClass) && head.ArchiveStatus === undefined) return { state: 'readable' };
  const restore = head.Restore;
  if (restore === undefined) return { state: 'frozen' };
  if (/ongoing-request="true"/.test(restore)) return { state: 'thawing' };
  const until = Date.parse(/expiry-date="([^"]+)"/.exec(restore)?.[1] ?? '');
  return { state: 'thawed', ...(Number.isNaN(until) ? {} : { until }) };
}
