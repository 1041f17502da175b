import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { CapturedResource } from '../../kernel/entry.ts';
import { itemsCollection } from './ledger.ts';

const pack = promisify(gzip);

/** Of one file, before it is packed: a few of them are what is held. */
const fileBytes = 16 * 1024 * 1024;

/** A file for ImportTable: gzipped lines of `{"Item": …}`. */
export interface ImportFile {
  readonly bytes: Buffer;
  readonly items: number;
}

/** The items of a snapshot as ImportTable takes them (developer guide, import formats). Holds one file. */
export async function* importFiles(captured: CapturedResource, limit = fileBytes): AsyncGenerator<ImportFile> {
  let parts: Buffer[] = [];
  let length = 0;
  let items = 0;
  async function take(): Promise<ImportFile> {
    const file = { bytes: await pack(Buffer.concat(parts)), items };
    parts = [];
    length = 0;
    items = 0;
    return file;
  }
  for await (const entry of captured.entries(itemsCollection)) {
    const item = await captured.bytes(entry);
    parts.push(before, Buffer.from(item.buffer, item.byteOffset, item.byteLength), after);
    length += before.length + item.length + after.length;
    items++;
    if (length >= limit) yield await take();
  }
  if (items > 0) yield await take();
}

const before = Buffer.from('{"Item":');
const after = Buffer.from('}\n');
