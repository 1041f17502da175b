import { asBuffer, utf8 } from '../../kernel/bytes.ts';
import type { ActionOutcome } from '../contract.ts';
import type { ApplyJob } from './apply.ts';
import { largeObjectsFolder } from './capture-large-objects.ts';
import { capturedDefinitions } from './captured-database.ts';
import { differingLargeObjects } from './large-objects-difference.ts';
import { scopeOf } from './scope.ts';
import { differingSequences } from './sequence-difference.ts';
import { identifier, literal, qualified } from './sql.ts';
import { withConnection } from './target.ts';

export async function setSequences({ context, captured, target }: ApplyJob): Promise<ActionOutcome> {
  // Those that this restore created are there by now, and stand at their beginning: behind.
  const { before } = await capturedDefinitions(captured);
  const scope = scopeOf(context);
  const sequences = await differingSequences(context, captured, target, scope, {
    before: before.filter((definition) => scope.hasDefinition(definition)),
  });
  return await withConnection(target.url, async (client) => {
    for (const sequence of sequences) {
      const called = sequence.called ? 'true' : 'false';
      await client.query(`select pg_catalog.setval(${literal(qualified(sequence))}, ${sequence.last}, ${called})`);
    }
    return { result: 'done', class: 'exact', items: sequences.length };
  });
}

/** Each in a transaction of its own, under the number it had. */
export async function writeLargeObjects({ context, captured, target }: ApplyJob): Promise<ActionOutcome> {
  const oids = await differingLargeObjects(context, captured, target);
  return await withConnection(target.url, async (client) => {
    for (const oid of oids) {
      const entry = await captured.entry('', utf8(largeObjectsFolder + oid));
      if (!entry) continue;
      context.signal.throwIfAborted();
      await client.query('begin');
      await client.query(`select pg_catalog.lo_unlink(oid) from pg_catalog.pg_largeobject_metadata where oid = ${oid}`);
      await client.query(`select pg_catalog.lo_create(${oid})`);
      let at = 0;
      for await (const piece of captured.read(entry)) {
        await client.query(`select pg_catalog.lo_put(${oid}, ${at}, $1::bytea)`, [asBuffer(piece)]);
        at += piece.length;
      }
      const { owner } = entry.attributes;
      if (typeof owner === 'string') await client.query(`alter large object ${oid} owner to ${identifier(owner)}`);
      await client.query('commit');
    }
    return { result: 'done', class: 'exact', items: oids.length };
  });
}
