import type { Client } from 'pg';
import type { CapturedEntry, CapturedResource, ContentMatcher } from '../../kernel/entry.ts';
import type { RestoreMode } from '../contract.ts';
import { copyOut } from './copy-out.ts';
import { copyLines, formatCopyLine, parseCopyLine } from './copy-text.ts';
import type { PageBounds } from './list-pages.ts';
import { spanOf } from './neighbours.ts';
import { copyQuery } from './read-page.ts';
import { receiveCopy } from './receive-copy.ts';
import type { TableDocument } from './table-document.ts';

/** Of pages above this it is only told whether they differ: nothing holds their rows. */
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
  const matcher = await captured.matcher(page);
  const there = await held(matched(readBytes(client, copyQuery(table, boundsOf(page))), matcher));
  if (matcher.end()) return false;
  if (mode === 'exact' || page.size > mostHeld || there === undefined) return true;
  const wanted = await captured.bytes(page);
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
  const matchers = await Promise.all(pages.map((page) => captured.matcher(page)));
  const query = copyQuery(table, spanOf(pages.map(boundsOf)));
  const counts = pages.map(({ attributes }) => Number(attributes['rows']));
  let isEqual = true;
  await receiveCopy(client, query, counts, (bytes, part) => {
    isEqual &&= matchers[part]?.push(bytes) ?? false;
  }).finished;
  return isEqual && matchers.every((matcher) => matcher.end());
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

async function* matched(source: AsyncIterable<Uint8Array>, matcher: ContentMatcher): AsyncGenerator<Uint8Array> {
  for await (const piece of source) {
    matcher.push(piece);
    yield piece;
  }
}

function keyPlaces(table: TableDocument): number[] {
  return table.key.map((name) => table.columns.findIndex((column) => column.name === name));
}

/** Rows, or of each only the columns at these places; the second one of equal rows is told from the first. */
async function linesOf(page: Uint8Array, places: readonly number[]): Promise<Set<string>> {
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
