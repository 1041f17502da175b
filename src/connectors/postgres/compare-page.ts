import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import type { CapturedEntry, CapturedResource } from '../../kernel/entry.ts';
import type { RestoreMode } from '../contract.ts';
import { copyOut } from './copy-out.ts';
import { copyLines, formatCopyLine, parseCopyLine } from './copy-text.ts';
import type { PageBounds } from './list-pages.ts';
import { spanOf } from './neighbours.ts';
import { copyQuery } from './read-page.ts';
import type { TableDocument } from './table-document.ts';

/** Pages above this are compared by a digest only: nothing holds their rows. */
const mostHeld = 32 * 1024 * 1024;

export function boundsOf({ attributes }: CapturedEntry): PageBounds {
  const { from, to } = attributes as { from?: readonly string[] | null; to?: readonly string[] | null };
  return { ...(from ? { from } : {}), ...(to ? { to } : {}) };
}

/**
 * Whether a restore in this mode has something to do in a page: rows that are missing; but for create-missing, rows that
 * differ; with exact, rows that were not captured. Throws what the server says.
 */
export async function pageDiffers(
  client: Client,
  captured: CapturedResource,
  table: TableDocument,
  page: CapturedEntry,
  mode: RestoreMode,
): Promise<boolean> {
  const live = readBytes(client, copyQuery(table, boundsOf(page)));
  if (page.size > mostHeld) return (await digest(live)) !== (await digest(captured.read(page)));
  const [there, wanted] = [await held(live), await held(captured.read(page))];
  if (there === undefined) return true;
  if (wanted === undefined || there.equals(wanted)) return wanted === undefined;
  if (mode === 'exact') return true;
  const places = keyPlaces(table);
  const known = await linesOf(there, mode === 'create-missing' ? places : []);
  for (const line of await linesOf(wanted, mode === 'create-missing' ? places : [])) if (!known.has(line)) return true;
  return false;
}

/**
 * Whether neighbouring pages (neighbours.ts) have the same bytes in the database as they have captured, asked by one COPY. No
 * tells nothing of a single page. Throws what the server says.
 */
export async function areEqual(
  client: Client,
  captured: CapturedResource,
  table: TableDocument,
  pages: readonly CapturedEntry[],
): Promise<boolean> {
  const bounds = spanOf(pages.map(boundsOf));
  const wanted = Promise.all(pages.map((page) => captured.bytes(page)));
  const [there, parts] = await Promise.all([held(readBytes(client, copyQuery(table, bounds))), wanted]);
  return there !== undefined && there.equals(Buffer.concat(parts));
}

async function* readBytes(client: Client, sql: string): AsyncGenerator<Uint8Array> {
  for await (const { bytes } of copyOut(client, sql).pieces) yield bytes;
}

/** Undefined: too much of it, and the rest is read past, so that the connection can go on. */
async function held(source: AsyncIterable<Uint8Array>): Promise<Buffer | undefined> {
  let pieces: Uint8Array[] | undefined = [];
  let size = 0;
  for await (const piece of source) {
    size += piece.length;
    if (size > 2 * mostHeld) pieces = undefined;
    pieces?.push(piece);
  }
  return pieces && Buffer.concat(pieces);
}

async function digest(source: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of source) hash.update(piece);
  return hash.digest('hex');
}

function keyPlaces(table: TableDocument): number[] {
  return table.key.map((name) => table.columns.findIndex((column) => column.name === name));
}

/** Rows, or of each only the columns at these places; the second one of equal rows is told from the first. */
async function linesOf(page: Buffer, places: readonly number[]): Promise<Set<string>> {
  const lines = new Set<string>();
  const times = new Map<string, number>();
  for await (const line of copyLines(once(page))) {
    const values = places.length === 0 ? [] : parseCopyLine(line);
    const text =
      places.length === 0 ? line.toString('utf8') : formatCopyLine(places.map((place) => values[place] ?? null));
    const before = times.get(text) ?? 0;
    times.set(text, before + 1);
    // No line holds a line feed.
    lines.add(before === 0 ? text : `${text}\n${before}`);
  }
  return lines;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}
