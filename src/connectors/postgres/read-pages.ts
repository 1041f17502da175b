import type { LoadedContent } from '../../kernel/capture.ts';
import { copyOut } from './copy-out.ts';
import type { Page } from './list-pages.ts';
import { follows, spanOf } from './neighbours.ts';
import { copyQuery, loadedPage, loadPage, type PageSummary } from './read-page.ts';
import type { DatabaseSnapshot } from './snapshot.ts';
import type { TableDocument } from './table-document.ts';

/** Reads pages of one table: neighbours that are wanted at the same time by one COPY, which costs the server half. */
export interface PageReader {
  /** Throws item errors; item.damaged where the server sent another number of rows than it counted. */
  load(page: Page): Promise<LoadedContent>;
}

const mostPages = 16;
/** Rows of a COPY of several pages are held until the server confirmed it; above this many bytes pages are read alone. */
const mostHeld = 16 * 1024 * 1024;

interface Request {
  readonly page: Page;
  /** Together with others it failed, or was too much. */
  readonly alone: boolean;
  readonly resolve: (loaded: LoadedContent) => void;
  readonly reject: (error: unknown) => void;
}

/** `connections`: how many of the snapshot's are used at a time. `summarise`: what sees the bytes of a page. */
export function createPageReader(
  snapshot: Pick<DatabaseSnapshot, 'lend'>,
  table: TableDocument,
  connections: number,
  summarise: () => PageSummary | undefined,
): PageReader {
  const queue: Request[] = [];
  let serving = 0;

  function takeBatch(): Request[] {
    const batch = queue.splice(0, 1);
    while (batch.length < mostPages && queue[0] && !queue[0].alone && !batch[0]?.alone) {
      if (!follows(table, (batch.at(-1) as Request).page.bounds, queue[0].page.bounds)) break;
      batch.push(queue.shift() as Request);
    }
    return batch;
  }
  async function readBatch(batch: readonly Request[]): Promise<void> {
    if (batch.length > 1) {
      const loaded = await readTogether(snapshot, table, batch);
      if (loaded) batch.forEach(({ resolve }, i) => resolve(loadedPage(loaded[i] as Uint8Array, summarise())));
      else queue.unshift(...batch.map((request) => ({ ...request, alone: true })));
      return;
    }
    for (const { page, resolve } of batch) resolve(await loadPage(snapshot, table, page, summarise()));
  }
  async function serve(): Promise<void> {
    serving++;
    // What is asked for in the same turn comes together.
    await new Promise((go) => setImmediate(go));
    while (queue.length > 0) {
      const batch = takeBatch();
      try {
        await readBatch(batch);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    serving--;
  }
  return {
    load: (page) =>
      new Promise((resolve, reject) => {
        queue.push({ page, alone: false, resolve, reject });
        if (serving < connections) void serve();
      }),
  };
}

/**
 * The rows of each page. Undefined where they cannot be read together: there are too many, one of them cannot be read, or their
 * number is not the one that was counted. Reading them alone then says which, and why.
 */
async function readTogether(
  snapshot: Pick<DatabaseSnapshot, 'lend'>,
  table: TableDocument,
  batch: readonly Request[],
): Promise<Uint8Array[] | undefined> {
  const counts = batch.map(({ page }) => page.rows);
  const parts = batch.map((): Uint8Array[] => []);
  let held = 0;
  let state: 'usable' | 'broken' = 'broken';
  // Whoever then reads a page alone is told why there is no connection.
  const lent = await snapshot.lend().catch(() => undefined);
  if (!lent) return undefined;
  try {
    const copy = copyOut(lent.client, copyQuery(table, spanOf(batch.map(({ page }) => page.bounds))), counts);
    for await (const { bytes, part } of copy.pieces) {
      held += bytes.length;
      if (held <= mostHeld) parts[part]?.push(bytes);
    }
    if (copy.rows() === counts.reduce((sum, count) => sum + count, 0)) state = 'usable';
    return state === 'usable' && held <= mostHeld ? parts.map(joined) : undefined;
  } catch {
    return undefined;
  } finally {
    await lent.release(state);
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0] as Uint8Array;
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
