import type { Client } from 'pg';
import type { CapturedEntry, CapturedResource, ContentMatcher } from '../../kernel/entry.ts';
import { receiveCopy, type Receiving } from './receive-copy.ts';
import { literal, qualified } from './sql.ts';
import type { TableDocument } from './table-document.ts';
import { columnList } from './write-page.ts';

/** Pages whose matchers are made ahead: COPY brings some ten of them with each piece. */
const mostAhead = 128;

/**
 * Whether rows may lie in the order in which they were written: none was changed or deleted, as far as the server counted. A guess: it
 * only tells whether reading the table in that order is worth trying.
 */
export async function mayLieInOrder(client: Client, table: Pick<TableDocument, 'schema' | 'name'>): Promise<boolean> {
  const { rows } = await client.query(
    `select from pg_catalog.pg_stat_all_tables where relid = ${literal(qualified(table))}::pg_catalog.regclass and n_tup_upd + n_tup_del = 0`,
  );
  return rows.length > 0;
}

/**
 * Whether a table, read from its beginning to its end as its rows lie, is all of its captured pages in their order, and nothing
 * else. No tells nothing of a single page, nor whether they differ at all. Reading so costs the server half of what reading by an index does: a table
 * that a restore filled lies in that order. The connection is cut off at the first byte that differs, and must not be used again. Throws what the
 * server says, and what reading the captured pages throws.
 */
export async function liesAsCaptured(
  client: Client,
  captured: CapturedResource,
  table: TableDocument,
  pages: AsyncIterable<CapturedEntry>,
  signal: AbortSignal,
): Promise<boolean> {
  const coming = pages[Symbol.asyncIterator]();
  const ahead: { readonly matcher: ContentMatcher; left: number }[] = [];
  const held: Buffer[] = [];
  const state = { isLast: false, isOver: false, error: undefined as unknown };
  let fetching: Promise<void> | undefined;
  let receiving: Receiving | undefined;

  async function fetchAhead(): Promise<void> {
    while (!state.isLast && ahead.length < mostAhead) {
      const next = await coming.next();
      if (next.done === true) state.isLast = true;
      else ahead.push({ matcher: await captured.matcher(next.value), left: next.value.size });
    }
  }
  /** How many of the bytes pages take that were fetched; at a difference it is over. */
  function match(bytes: Buffer): number {
    for (let at = 0; ;) {
      const page = ahead[0];
      if (at === bytes.length || state.isOver) return bytes.length;
      if (!page) return at;
      const part = bytes.subarray(at, at + page.left);
      at += part.length;
      page.left -= part.length;
      if (!page.matcher.push(part) || (page.left === 0 && !page.matcher.end())) breakOff();
      if (page.left === 0) ahead.shift();
    }
  }
  function breakOff(error?: unknown): void {
    if (!state.isOver) state.error = error;
    state.isOver = true;
    receiving?.abandon();
  }
  /** Goes on with what is held as soon as there are pages for it. */
  async function fetchAndGoOn(): Promise<void> {
    do {
      await fetchAhead();
      while (held[0] && ahead.length > 0 && !state.isOver) {
        const rest = held[0].subarray(match(held[0]));
        if (rest.length > 0) held[0] = rest;
        else held.shift();
      }
      // Rows behind the last captured one.
      if (held.length > 0 && state.isLast && ahead.length === 0) breakOff();
    } while (held.length > 0 && !state.isOver);
    receiving?.resume();
  }
  function fetch(): void {
    fetching ??= fetchAndGoOn()
      .catch((error: unknown) => breakOff(error))
      .finally(() => (fetching = undefined));
  }
  function take(bytes: Buffer): void {
    if (signal.aborted) breakOff(signal.reason);
    if (state.isOver) return;
    const taken = held.length > 0 ? 0 : match(bytes);
    if (taken < bytes.length) {
      held.push(Buffer.from(bytes.subarray(taken)));
      receiving?.pause();
    }
    if (ahead.length < mostAhead / 2) fetch();
  }
  try {
    await fetchAhead();
    receiving = receiveCopy(client, `copy ${qualified(table)}${columnList(table)} to stdout`, [], take);
    await receiving.finished;
    while (fetching) await fetching;
  } catch (error) {
    if (!state.isOver) throw error;
  } finally {
    await coming.return?.();
  }
  if (state.error !== undefined) throw state.error;
  return !state.isOver && state.isLast && ahead.length === 0;
}
