import { asBuffer, displayBytes, isUtf8 } from '../../kernel/bytes.ts';
import type { NewEntry } from '../../kernel/capture.ts';
import type { CapturedEntry, CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import type { DumpedKey } from './dump.ts';
import { typeOf, versionOf } from './payload.ts';

/** Payloads up to so many bytes are rows inside the tree; larger ones are contents of their own. */
export const rowBytes = 1024;

/** `db0`: the collection of a database. */
export function collectionOf(database: number): string {
  return `db${database}`;
}

export function databaseOf(collection: string): number | undefined {
  const number = /^db(\d+)$/.exec(collection)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** A key as an entry: the row says everything that a restore needs, so that a line of `db0.jsonl` does too. */
export function keyEntry({ key, payload, expiresAt }: DumpedKey): NewEntry {
  const type = typeOf(payload);
  const rdbVersion = versionOf(payload);
  const attributes = expiresAt === undefined ? { type, rdbVersion } : { type, rdbVersion, expiresAt };
  if (payload.length > rowBytes) return { key, kind: 'blob', attributes, content: payload };
  // The row as compact JSON with its keys in order, made at once: there are millions.
  const name = isUtf8(key)
    ? `"key":${JSON.stringify(key.toString('utf8'))}`
    : `"keyBase64":"${key.toString('base64')}"`;
  const expiry = expiresAt === undefined ? '' : `"expiresAt":${expiresAt},`;
  const row = `{"dump":"${payload.toString('base64')}",${expiry}${name},"rdbVersion":${rdbVersion},"type":"${type}"}`;
  return { key, kind: 'row', attributes, content: Buffer.from(row) };
}

/** A captured key, read back; its content is fetched. Throws item.damaged for a row that is none. */
export async function readKey(captured: CapturedResource, entry: CapturedEntry): Promise<DumpedKey> {
  const content = asBuffer(await captured.bytes(entry));
  const key = asBuffer(entry.key);
  const expiresAt = expiryOf(entry);
  if (entry.kind === 'blob') return { key, payload: content, expiresAt };
  const row = JSON.parse(content.toString('utf8')) as Readonly<Record<string, Json | undefined>> | null;
  const dump = row?.['dump'];
  if (typeof dump !== 'string') {
    throw new HoldfastError('item.damaged', 'a captured key has no payload', { resource: captured.ref.name });
  }
  return { key, payload: Buffer.from(dump, 'base64'), expiresAt };
}

/** Milliseconds since the epoch. */
export function expiryOf({ attributes }: Pick<CapturedEntry, 'attributes'>): number | undefined {
  const { expiresAt } = attributes;
  return typeof expiresAt === 'number' ? expiresAt : undefined;
}

const shownBytes = 120;

/** A key for messages: a long one is cut. */
export function showKey(key: Uint8Array): string {
  if (key.length <= shownBytes) return displayBytes(key);
  return `${displayBytes(key.subarray(0, shownBytes))}… (${key.length} bytes)`;
}
