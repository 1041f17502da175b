import type { LifecycleRule } from '@aws-sdk/client-s3';
import { isCode } from '../../kernel/errors.ts';
import type { StoreExpiration, StoreProtection } from '../contract.ts';
import type { Connection } from './connection.ts';
import { fromS3, nameOf, statusOf } from './errors.ts';

/** What the bucket does to objects by itself: versioning, default retention, lifecycle rules for keys of this store. */
export async function readProtection(connection: Connection): Promise<StoreProtection> {
  const { sdk, client, bucket } = connection;
  const target = { Bucket: bucket };
  const [versioning, lock, lifecycle] = await Promise.all([
    asked('GetBucketVersioning', bucket, () => client.send(new sdk.GetBucketVersioningCommand(target))),
    asked('GetObjectLockConfiguration', bucket, () => client.send(new sdk.GetObjectLockConfigurationCommand(target))),
    asked('GetBucketLifecycleConfiguration', bucket, () =>
      client.send(new sdk.GetBucketLifecycleConfigurationCommand(target)),
    ),
  ]);
  const retention = lock.answer?.ObjectLockConfiguration?.Rule?.DefaultRetention;
  const days = retention?.Days ?? (retention?.Years === undefined ? undefined : retention.Years * 365);
  const rules = lifecycle.answer?.Rules ?? [];
  return {
    versioning: versioning.denied ? undefined : versioning.answer?.Status === 'Enabled',
    lock: lock.denied ? undefined : lock.answer?.ObjectLockConfiguration?.ObjectLockEnabled === 'Enabled',
    ...(retention?.Mode === undefined || days === undefined
      ? {}
      : { defaultRetention: { mode: retention.Mode === 'COMPLIANCE' ? 'compliance' : 'governance', days } }),
    expirations: lifecycle.denied ? undefined : rules.flatMap((rule) => expirationsOf(rule, connection.fullKey(''))),
  };
}

interface Asked<T> {
  readonly answer?: T;
  readonly denied?: true;
}

/** No answer where there is no such configuration; `denied` where the credentials may not ask, or the store cannot answer. */
async function asked<T>(call: string, bucket: string, send: () => Promise<T>): Promise<Asked<T>> {
  try {
    return { answer: await send() };
  } catch (error) {
    if (/^(NoSuchLifecycleConfiguration|ObjectLockConfigurationNotFoundError)$/.test(nameOf(error))) return {};
    const known = fromS3(error, call, bucket);
    if (statusOf(error) === 404 && !isCode(known, 'storage.bucket-missing')) return {};
    if (isCode(known, 'storage.denied', 'storage.unsupported')) return { denied: true };
    throw known;
  }
}

function expirationsOf(rule: LifecycleRule, prefix: string): StoreExpiration[] {
  if (rule.Status !== 'Enabled') return [];
  const filter = rule.Filter?.Prefix ?? rule.Filter?.And?.Prefix ?? rule.Prefix ?? '';
  // Rules for objects with tags never meet ours: they have none.
  const isTagged = rule.Filter?.Tag !== undefined || (rule.Filter?.And?.Tags ?? []).length > 0;
  if (isTagged || !(filter.startsWith(prefix) || prefix.startsWith(filter))) return [];
  const name = rule.ID ?? (filter === '' ? 'for the whole bucket' : `for ${filter}`);
  const { Expiration: current, NoncurrentVersionExpiration: noncurrent } = rule;
  return [
    ...(current?.Days !== undefined || current?.Date !== undefined
      ? [{ rule: name, of: 'current' as const, days: current.Days }]
      : []),
    ...(noncurrent === undefined ? [] : [{ rule: name, of: 'noncurrent' as const, days: noncurrent.NoncurrentDays }]),
  ];
}
