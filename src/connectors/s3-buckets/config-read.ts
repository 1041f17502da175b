import { compareBytes, utf8 } from '../../kernel/bytes.ts';
import type { CaptureSink } from '../../kernel/capture.ts';
import { forEachConcurrent } from '../../kernel/concurrency.ts';
import { isItemError } from '../../kernel/errors.ts';
import { compactJson, type Json } from '../../kernel/json.ts';
import { isAwsError } from '../aws/classify.ts';
import { sendByName, type Bucket } from './bucket.ts';
import { configKey, configRows, type ConfigRow } from './config-rows.ts';
import { asText, type JsonRecord } from './json-record.ts';

/** How a store that is not AWS says that it does not have such a sub-resource; AWS itself has all of them. */
const notKnownHere: readonly (string | number)[] = [
  'NotImplemented',
  'MethodNotAllowed',
  'UnsupportedOperation',
  501,
  405,
];

/** One sub-resource as a document with a stable order; undefined: not set. Throws item errors. */
export async function readConfig(bucket: Bucket, row: ConfigRow): Promise<Json | undefined> {
  try {
    return row.paged ? await readPages(bucket, row) : normalise(row, await sendByName(bucket, row.get.operation));
  } catch (error) {
    if (isAwsError(error, ...row.unset, ...notKnownHere)) return undefined;
    throw error;
  }
}

/** Captures every sub-resource. Returns what was read; a name is missing where it is not set or could not be read. */
export async function captureConfig(bucket: Bucket, sink: CaptureSink): Promise<ReadonlyMap<string, Json>> {
  const documents = new Map<string, Json>();
  await forEachConcurrent(configRows, 8, async (row) => {
    const key = configKey(row.name);
    try {
      const document = await readConfig(bucket, row);
      if (document === undefined) return;
      documents.set(row.name, document);
      await sink.root.add({ key, kind: 'document', document });
    } catch (error) {
      if (!isItemError(error)) throw error;
      sink.fail(error, { collection: '', key });
    }
  });
  return documents;
}

async function readPages(bucket: Bucket, row: ConfigRow): Promise<Json | undefined> {
  const found: JsonRecord[] = [];
  let token: Json | undefined;
  do {
    const page = await sendByName(bucket, row.get.operation, token === undefined ? {} : { ContinuationToken: token });
    found.push(...((page[String(row.document)] ?? []) as readonly JsonRecord[]));
    token = page['IsTruncated'] === true ? page['NextContinuationToken'] : undefined;
  } while (token !== undefined);
  const named = found.filter((one) => typeof one['Id'] === 'string');
  return named.length === 0 ? undefined : named.sort((a, b) => compareText(asText(a['Id']), asText(b['Id'])));
}

function normalise(row: ConfigRow, answer: JsonRecord): Json | undefined {
  const document = typeof row.document === 'string' ? answer[row.document] : members(answer, row.document);
  if (document === undefined || isEmpty(document)) return undefined;
  if (row.name === 'policy') return JSON.parse(asText(document)) as Json;
  const record = document as JsonRecord;
  if (row.name === 'acl') return { ...record, Grants: sortedBy(record['Grants'], compactJson) };
  if (row.name === 'tagging')
    return { TagSet: sortedBy(record['TagSet'], (tag) => asText((tag as JsonRecord)['Key'])) };
  return document;
}

function members(answer: JsonRecord, names: readonly string[]): Json {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = answer[name];
      return value === undefined || (Array.isArray(value) && value.length === 0) ? [] : [[name, value]];
    }),
  );
}

function isEmpty(value: Json): boolean {
  return value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}

function sortedBy(list: Json | undefined, key: (value: Json) => string): Json {
  return [...((list ?? []) as readonly Json[])].sort((a, b) => compareText(key(a), key(b)));
}

function compareText(a: string, b: string): number {
  return compareBytes(utf8(a), utf8(b));
}
