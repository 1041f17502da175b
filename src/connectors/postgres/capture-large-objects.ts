import type { CaptureSink } from '../../kernel/capture.ts';
import { postgresError } from './errors.ts';
import type { DatabaseSnapshot } from './snapshot.ts';

/** Large objects lie at the root: `large-objects/16384`. */
export const largeObjectsFolder = 'large-objects/';

const pieceBytes = 1024 * 1024;

/** Every large object as one entry, with its owner. Their permissions are not captured (README). */
export async function captureLargeObjects(snapshot: DatabaseSnapshot, sink: CaptureSink): Promise<void> {
  const found = await snapshot.query<{ oid: string; owner: string }>(
    `select oid::text as oid, pg_catalog.pg_get_userbyid(lomowner) as owner from pg_catalog.pg_largeobject_metadata
     order by oid`,
  );
  for (const { oid, owner } of found) {
    await sink.root.add({
      key: largeObjectsFolder + oid,
      kind: 'blob',
      attributes: { owner },
      load: () => Promise.resolve({ content: readLargeObject(snapshot, oid) }),
    });
  }
}

/** In pieces, so that one of any size streams. Throws item errors. */
export async function* readLargeObject(
  snapshot: Pick<DatabaseSnapshot, 'lend'>,
  oid: string,
): AsyncGenerator<Uint8Array> {
  const lent = await snapshot.lend();
  let state: 'usable' | 'broken' = 'broken';
  try {
    for (let at = 0; ; at += pieceBytes) {
      const { rows } = await lent.client.query<{ piece: Buffer }>(
        `select pg_catalog.lo_get(${oid}, ${at}, ${pieceBytes}) as piece`,
      );
      const piece = rows[0]?.piece ?? Buffer.alloc(0);
      if (piece.length > 0) yield piece;
      if (piece.length < pieceBytes) break;
    }
    state = 'usable';
  } catch (error) {
    throw postgresError(error, `cannot read large object ${oid}`, `large object ${oid}`);
  } finally {
    await lent.release(state);
  }
}
