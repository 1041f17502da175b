import { HoldfastError, isCode, isItemError } from '../../kernel/errors.ts';
import { compactJson, type Json } from '../../kernel/json.ts';
import { isAwsError } from '../aws/classify.ts';
import type { RestoreContext } from '../contract.ts';
import { sendByName, type Bucket } from './bucket.ts';
import { isAsWanted, neededChange } from './config-change.ts';
import { readConfig } from './config-read.ts';
import { rowNamed, type ConfigRow } from './config-rows.ts';
import { asText, type JsonRecord } from './json-record.ts';

/** Puts a document and reads it back. Throws item errors. */
export async function putConfig(
  context: RestoreContext,
  bucket: Bucket,
  row: ConfigRow,
  wanted: Json,
): Promise<'done' | 'unchanged'> {
  const live = await readConfig(bucket, row);
  if (!neededChange(row, wanted, live, context.mode)) return 'unchanged';
  if (row.paged) await putPaged(context, bucket, row, wanted, live);
  else await inTurn(bucket, async () => await putOne(bucket, row, wanted, live));
  const after = await readConfig(bucket, row);
  if (isAsWanted(row, wanted, after, context.mode)) return 'done';
  throw new HoldfastError(
    'item.invalid',
    `${row.put?.operation ?? row.name} of ${bucket.label} was accepted, but reading back shows something else`,
    { resource: bucket.label, hint: `Compare config/${row.name}.json of the snapshot with the live bucket.` },
  );
}

export async function clearConfig(bucket: Bucket, row: ConfigRow): Promise<'done' | 'unchanged'> {
  const live = await readConfig(bucket, row);
  if (live === undefined || !row.clear) return 'unchanged';
  const { operation } = row.clear;
  const ids = row.paged ? (live as readonly JsonRecord[]).map((one) => ({ Id: one['Id'] })) : [{}];
  for (const id of ids) await inTurn(bucket, async () => void (await sendByName(bucket, operation, id)));
  return 'done';
}

async function putPaged(
  context: RestoreContext,
  bucket: Bucket,
  row: ConfigRow,
  wanted: Json,
  live: Json | undefined,
): Promise<void> {
  const now = new Map(((live ?? []) as readonly JsonRecord[]).map((one) => [one['Id'], compactJson(one)]));
  for (const one of wanted as readonly JsonRecord[]) {
    if (now.get(one['Id']) === compactJson(one)) continue;
    const input = { Id: one['Id'], [row.into ?? '']: one };
    await inTurn(bucket, async () => void (await sendByName(bucket, row.put?.operation ?? '', input)));
  }
  if (context.mode !== 'exact' || !row.clear) return;
  const kept = new Set((wanted as readonly JsonRecord[]).map((one) => one['Id']));
  for (const Id of now.keys()) if (!kept.has(Id)) await sendByName(bucket, row.clear.operation, { Id });
}

async function putOne(bucket: Bucket, row: ConfigRow, wanted: Json, live: Json | undefined): Promise<void> {
  const operation = row.put?.operation ?? '';
  const input = { [row.into ?? '']: documentInput(row, wanted, live), ...row.with, ...extraInput(row, wanted) };
  if (row.name !== 'policy') {
    await sendByName(bucket, operation, input);
    return;
  }
  try {
    await sendByName(bucket, operation, input);
  } catch (error) {
    if (!isCode(error, 'item.denied')) throw error;
    await putBlockedPolicy(bucket, input, error);
  }
}

/** A public policy that public access block makes harmless cannot be put while it is blocked: for the one call, only that is lifted. */
async function putBlockedPolicy(
  bucket: Bucket,
  input: Readonly<Record<string, unknown>>,
  denied: Error,
): Promise<void> {
  const block = (await readConfig(bucket, rowNamed('public-access-block'))) as JsonRecord | undefined;
  if (block?.['BlockPublicPolicy'] !== true) throw denied;
  const lifted = { ...block, BlockPublicPolicy: false, RestrictPublicBuckets: true };
  await sendByName(bucket, 'PutPublicAccessBlock', { PublicAccessBlockConfiguration: lifted });
  try {
    await sendByName(bucket, 'PutBucketPolicy', input);
  } finally {
    await sendByName(bucket, 'PutPublicAccessBlock', { PublicAccessBlockConfiguration: block });
  }
}

function documentInput(row: ConfigRow, wanted: Json, live: Json | undefined): unknown {
  const record = wanted as JsonRecord;
  if (row.name === 'policy') return compactJson(wanted);
  if (row.name === 'versioning') return { Status: record['Status'] ?? 'Suspended' };
  if (row.name === 'lifecycle') return { Rules: withDates(record['Rules'] ?? []) };
  if (row.name === 'acl') return ownedBy((live as JsonRecord | undefined)?.['Owner'], record);
  if (row.name === 'tagging') {
    const reserved = (tags: Json | undefined, is: boolean): readonly JsonRecord[] =>
      ((tags ?? []) as readonly JsonRecord[]).filter((tag) => asText(tag['Key']).startsWith('aws:') === is);
    const kept = reserved((live as JsonRecord | undefined)?.['TagSet'], true);
    return { TagSet: [...kept, ...reserved(record['TagSet'], false)] };
  }
  return wanted;
}

function extraInput(row: ConfigRow, wanted: Json): Readonly<Record<string, unknown>> {
  const size = (wanted as JsonRecord)['TransitionDefaultMinimumObjectSize'];
  return row.name === 'lifecycle' && size !== undefined ? { TransitionDefaultMinimumObjectSize: size } : {};
}

/** What belonged to the captured owner goes to the owner of the target. */
function ownedBy(owner: Json | undefined, acl: JsonRecord): Json {
  const [was, is] = [acl['Owner'] as JsonRecord | undefined, owner as JsonRecord | undefined];
  if (is === undefined) return acl;
  const grants = ((acl['Grants'] ?? []) as readonly JsonRecord[]).map((grant) => {
    const grantee = grant['Grantee'] as JsonRecord | undefined;
    return grantee?.['ID'] === was?.['ID'] ? { ...grant, Grantee: { ...grantee, ID: is['ID'] } } : grant;
  });
  return { Owner: is, Grants: grants };
}

/** The client takes dates as Date; documents hold them as text under the name `Date`. */
function withDates(value: Json): unknown {
  if (Array.isArray(value)) return value.map(withDates);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value as JsonRecord).map(([name, inner]) => [
      name,
      name === 'Date' && typeof inner === 'string' ? new Date(inner) : withDates(inner ?? null),
    ]),
  );
}

/** S3 lets one change of a bucket's configuration run at a time and refuses the next one meanwhile (OperationAborted). */
async function inTurn(bucket: Bucket, change: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await change();
    } catch (error) {
      if (!isItemError(error) || !isAwsError(error, 'OperationAborted') || tries >= 6) throw error;
      await bucket.runtime.clock.sleep(500 * 2 ** tries, bucket.signal);
    }
  }
}
